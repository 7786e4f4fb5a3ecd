"""The report says what was measured, shows its pictures, and stands for the smallest evaluation too."""

import json
import re
import struct
import tomllib
from pathlib import Path
from typing import Any

import pytest

from models.labels import NEGATIVE, NEUTRAL, POSITIVE
from models.predictor import Predictor
from training.evaluation import Evaluation, evaluate
from training.recipe import Recipe
from training.report import write_report
from training.review import Review

CSV = "stage,epoch,step,split,loss,macro_f1,tokens_per_second\n"


def review(text: str, label: int, corpus: str, language: str = "en", group: str = "", split: str = "dev") -> Review:
    return Review(text, label, language, corpus, split, "x:1", group)


REVIEWS = [
    review("The best of films.", POSITIVE, "imdb"),
    review("The worst of films.", NEGATIVE, "imdb"),
    review("good fun", POSITIVE, "sst"),
    review("it runs two hours", NEUTRAL, "sst"),
    review("wonderful", POSITIVE, "counterfactual", group="dev-1"),
    review("dreadful", NEGATIVE, "counterfactual", group="dev-1"),
    review("很好吃", POSITIVE, "waimai", "zh"),
    review("not good at all", NEGATIVE, "probes", group="simple_negation"),
    review("not bad at all", POSITIVE, "probes", group="negated_negative"),
    review("一点都不差", POSITIVE, "probes", "zh", "negated_negative"),
    review("Could it be better? No.", POSITIVE, "probes", group="question_answer"),
]


@pytest.fixture(scope="module")
def predictor(tiny_artifact: Path) -> Predictor:
    return Predictor.load(tiny_artifact, "cpu")


@pytest.fixture(scope="module")
def evaluation(predictor: Predictor) -> Evaluation:
    return evaluate(predictor, REVIEWS)


@pytest.fixture(scope="module")
def report(predictor: Predictor, evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "metrics.csv").write_text(
        CSV + "1,1,100,train,0.9,,3000\n1,1,200,train,0.7,,3100\n1,1,200,dev,0.8,0.5,\n2,2,400,dev,0.7,0.6,\n"
    )
    files = [{"path": "imdb/x.tar.gz", "sha256": "ab" * 32, "rows": 2}]
    rows = {"imdb": {"train": {"negative": 9, "positive": 8}, "dev": {"negative": 1}}}
    data = {"files": files, "rows": rows, "dropped": {"imdb": {"duplicate": 3}}, "problems": {"imdb": 1}}
    taught = {"rows": 2_442, "accuracy": 0.918, "members": [0.903, 0.884]}
    teacher = {"members": ["tf-idf", "96e349bb"], "weights": {"en": [0.5, 0.4, 0.1]}, "imdb": taught}
    run = predictor.manifest["training"] | {"teacher": teacher}
    manifest = predictor.manifest | {"data": data, "command": "python -m training.train", "training": run}
    measured = {"imdb": {"accuracy": 0.25, "rows": 2}}
    return write_report(folder, manifest, evaluation, measured)


def row(report: Path, name: str) -> list[str]:
    line = next(line for line in report.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {name} "))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_every_picture_is_there_and_small(report: Path) -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", report.read_text(encoding="utf-8"))
    assert pictures == ["confusion.png", "reliability.png", "curves.png"]
    for name in pictures:
        content = (report.parent / name).read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        assert content.startswith(b"\x89PNG")
        assert min(width, height) > 150
        assert len(content) < 60_000


def test_the_corpora_stand_beside_the_baseline(report: Path, evaluation: Evaluation) -> None:
    accuracy = evaluation.corpora["imdb"]["accuracy"]
    cells = row(report, "imdb")
    assert cells[1:4] == ["2", "2", f"{accuracy:.3f}"]
    assert cells[-2:] == ["0.250", f"{accuracy - 0.25:+.3f}"]
    assert row(report, "waimai")[-2:] == ["–", "–"]  # it could not be trained
    assert row(report, "sst2")[1] == "1"


def test_the_teacher_stands_beside_its_members(report: Path) -> None:
    assert row(report, "teacher (dev)") == ["teacher (dev)", "rows", "together", "tf-idf", "96e349bb"]
    text = report.read_text(encoding="utf-8")
    assert "| imdb          | 2,442 |    0.918 |  0.903 |    0.884 |" in text


def test_both_directions_of_negation_stand_beside_each_other(report: Path) -> None:
    assert row(report, r"negation (dev)")[1:] == ["truly", "rows", "English", "rows", "Chinese"]
    assert row(report, "simple negation")[1:5:3] == ["negative", "0"]
    assert row(report, "simple negation")[-1] == "–"  # no such sentence was measured
    assert row(report, "negated negative")[1:5:3] == ["positive", "1"]


def test_it_says_the_split_the_rows_the_command_and_the_data(report: Path, predictor: Predictor) -> None:
    text = report.read_text(encoding="utf-8")
    for expected in (
        "11 labelled reviews of the dev split",
        f"`{predictor.version}`",
        "`python -m training.train`",
        "Of 1 counterfactual pairs",
        "ab" * 32,
        "duplicate",
        "bad row",
    ):
        assert expected in text


def test_the_recipe_in_it_is_a_recipe(report: Path, tiny_recipe: Recipe) -> None:
    block = re.search(r"```toml\n(.*?)\n```", report.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    assert Recipe.model_validate(tomllib.loads(block[1])) == tiny_recipe


def test_the_same_figures_make_the_same_files(report: Path, predictor: Predictor, evaluation: Evaluation) -> None:
    before = (report.parent / "confusion.png").read_bytes()
    write_report(report.parent, predictor.manifest, evaluation, None)
    assert (report.parent / "confusion.png").read_bytes() == before


def test_another_split_leaves_the_dev_report_alone(predictor: Predictor, tmp_path: Path) -> None:
    other = evaluate(predictor, [review("good", POSITIVE, "imdb", split="calibration")])
    assert write_report(tmp_path, predictor.manifest, other, None).name == "report-calibration.md"
    assert not (tmp_path / "confusion.png").exists()


@pytest.mark.parametrize("log", [None, "", CSV, CSV + "1,7,dev,0.7,0.6,\n"])
def test_one_review_and_hardly_a_manifest_are_enough(predictor: Predictor, tmp_path: Path, log: str | None) -> None:
    if log is not None:
        (tmp_path / "metrics.csv").write_text(log)
    kept = ("name", "version", "encoder", "max_tokens", "temperatures", "languages")
    manifest: dict[str, Any] = {key: predictor.manifest[key] for key in kept}
    one = evaluate(predictor, [review("好", POSITIVE, "user", "other")])
    text = write_report(tmp_path, manifest, one, {}).read_text(encoding="utf-8")
    assert "1 labelled reviews" not in text
    assert ("curves.png" in text) == (tmp_path / "curves.png").exists() == (log is not None and "dev" in log)
    assert json.dumps(one.to_dict(), allow_nan=False)
