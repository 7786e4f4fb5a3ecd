"""The teacher: asked about every training review, weighed where it did not learn, written without a text."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.predictor import Predictor
from training.corpora import Corpora
from training.distill import main, teach
from training.review import Review
from training.splits import content_hash
from training.teacher import FILE, Teacher

PRAISE, BLAME = ["wonderful", "charming", "splendid", "lovely"], ["dreadful", "tedious", "clumsy", "awful"]


def text(number: int, positive: bool) -> str:
    words = PRAISE if positive else BLAME
    return f"film number {number} was {words[number % 4]} and {words[(number + 1) % 4]} all through"


def rows(corpus: str, split: str, count: int, start: int, labelled: bool = True) -> list[Review]:
    return [
        Review(
            text(number, number % 2 == 0),
            (2 if number % 2 == 0 else 0) if labelled else None,
            "en",
            corpus,
            split,
            f"f:{number}",
            f"film {number // 4}",
        )
        for number in range(start, start + count)
    ]


REVIEWS = [
    *rows("imdb", "train", 60, 0),
    *rows("imdb_unlabelled", "train", 20, 100, labelled=False),
    *rows("imdb", "calibration", 20, 200),
    *rows("imdb", "dev", 20, 300),
    *rows("context", "train", 4, 400),
]
CORPORA = Corpora(REVIEWS, [], [], Counter(), [])


@pytest.fixture(scope="module")
def teacher(tiny_artifact: Path) -> Teacher:
    return teach(CORPORA, [Predictor.load(tiny_artifact, "cpu")])


def test_every_training_review_of_two_classes_is_known_and_no_other(teacher: Teacher) -> None:
    taught = [one for one in REVIEWS if one.split == "train" and one.corpus != "context"]
    assert set(teacher.logits) == {content_hash(one.text) for one in taught}
    right = [(teacher.logits[content_hash(text(n, n % 2 == 0))] > 0) == (n % 2 == 0) for n in range(60)]
    assert all(right)
    unlabelled = [(teacher.logits[content_hash(text(n, n % 2 == 0))] > 0) == (n % 2 == 0) for n in range(100, 120)]
    assert all(unlabelled)


def test_it_says_how_good_it_and_its_members_are(teacher: Teacher, tiny_artifact: Path) -> None:
    version = Predictor.load(tiny_artifact, "cpu").version
    assert teacher.figures["members"] == ["tf-idf", "log-count ratios", version]
    assert teacher.figures["imdb"]["rows"] == 20
    assert teacher.figures["imdb"]["accuracy"] == 1.0
    assert len(teacher.figures["imdb"]["members"]) == 3
    assert len(teacher.figures["weights"]["en"]) == 4  # one each, and the intercept


def test_what_is_written_is_read_again_in_half_precision(teacher: Teacher, tmp_path: Path) -> None:
    teacher.write(tmp_path / "teacher.npz")
    again = Teacher.read(tmp_path / "teacher.npz")
    assert again.figures == teacher.figures
    assert again.logits == {key: float(np.float16(logit)) for key, logit in teacher.logits.items()}


def test_without_calibration_reviews_nothing_is_weighed(tiny_artifact: Path) -> None:
    bare = Corpora([one for one in REVIEWS if one.split != "calibration"], [], [], Counter(), [])
    with pytest.raises(ValueError, match="0 calibration reviews in en"):
        teach(bare, [])


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", weights=np.zeros(3))
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty.npz").touch()
    np.save(tmp_path / "array.npy", np.zeros(3))
    short = {"hashes": np.zeros(3, np.uint64), "logits": np.zeros(2, np.float16), "figures": np.array("{}")}
    np.savez(tmp_path / "short.npz", **short)
    np.savez(tmp_path / "list.npz", **short | {"logits": np.zeros(3, np.float16), "figures": np.array("[]")})
    Teacher({content_hash(str(n)): n / 7 for n in range(5_000)}, {}).write(tmp_path / "torn.npz")
    whole = (tmp_path / "torn.npz").read_bytes()
    (tmp_path / "torn.npz").write_bytes(whole[:9_000] + b"?" * 500 + whole[9_500:])
    for name in ("other.npz", "text.npz", "empty.npz", "array.npy", "short.npz", "list.npz", "torn.npz"):
        with pytest.raises(ValueError, match=f"{name} is no teacher that training/distill.py wrote"):
            Teacher.read(tmp_path / name)


def test_a_missing_network_is_one_line_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--networks", str(tmp_path / "none"), "--out", str(tmp_path / "teacher.npz")]) == 1
    assert capsys.readouterr().err.startswith("error: no model could be read at")
    assert not (tmp_path / "teacher.npz").exists()


def test_a_corpus_that_is_not_there_and_a_folder_that_is_none_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "none" / "teacher.npz")]) == 1
    assert "error: there is no folder" in capsys.readouterr().err


def test_the_committed_teacher_holds_no_text_and_few_bytes() -> None:
    assert FILE.stat().st_size <= 4_000_000
    committed = Teacher.read()
    assert len(committed.logits) > 100_000
    assert committed.figures["imdb"]["rows"] > 2_000
