"""Sentences of reviews: where one ends, which are kept, and how a label finds its own."""

from pathlib import Path

import pytest

from training.review import Review
from training.sentences import FOLDER, distinct_sentences, read_sentences, sentences
from training.splits import content_hash, user_split


def review(text: str, language: str = "en", corpus: str = "imdb", split: str = "train") -> Review:
    return Review(text, None, language, corpus, split, "file:1")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("It was fun to watch. I laughed a lot!", "en", ["It was fun to watch.", "I laughed a lot!"]),
        ('He said "Never again." And then he left.', "en", ['He said "Never again.', "And then he left."]),
        (
            "Well... it was fine, e.g. the car scene. We left early.",
            "en",
            ["Well... it was fine, e.g. the car scene.", "We left early."],
        ),
        ("Line one goes\non here. Line two goes there.", "en", ["Line one goes on here.", "Line two goes there."]),
        ("Too short. This one is long enough.", "en", ["This one is long enough."]),
        ("Only one sentence here", "en", []),
        ("房间很大，很干净。就是早餐差了点！", "zh", ["房间很大，很干净。", "就是早餐差了点！"]),
        ("第一行\n第二行很长", "zh", ["第二行很长"]),
        ("Un film magnifique. Je recommande.", "other", []),
    ],
)
def test_where_a_sentence_ends(text: str, language: str, expected: list[str]) -> None:
    assert sentences(review(text, language)) == expected


def test_long_ones_are_left_out() -> None:
    assert sentences(review("word " * 36 + "end. It was a good film.")) == ["It was a good film."]


def test_only_training_reviews_are_cut_and_each_sentence_comes_once() -> None:
    rows = [
        review("It was a good film. I liked it."),
        review("I  LIKED it. We went home after."),
        review("This one measures things. It must not train.", split="dev"),
        review("Whole sentences of the treebank. They are labelled already.", corpus="sst"),
    ]
    found = [one.text for one in distinct_sentences(rows)]
    assert found == ["It was a good film.", "I liked it.", "We went home after."]


def test_a_label_finds_its_sentence_whatever_its_spaces(tmp_path: Path) -> None:
    text = "I liked it a lot."
    (tmp_path / "english.tsv").write_text(
        f"positive\t{content_hash('i  liked it A lot.')}\nneutral\t{'0' * 16}\nbad line\nneutral\tnothex\n"
    )
    reading = read_sentences([review(f"It was a film. {text}")], tmp_path)
    (one,) = reading.reviews
    assert (one.text, one.label, one.corpus, one.group) == (text, 2, "sentences", "imdb")
    assert one.split == user_split(text)
    assert reading.dropped["sentences", "in no review that was read"] == 1
    assert [problem.place for problem in reading.problems] == [
        "training/sentences/english.tsv:3",
        "training/sentences/english.tsv:4",
    ]


def test_the_committed_labels_hold_no_text_and_no_sentence_twice() -> None:
    assert not read_sentences([], FOLDER).problems
    files = [(FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines() for name in ("english", "chinese")]
    keys = [line.split("\t")[1] for lines in files for line in lines]
    assert len(keys) == len(set(keys))
    assert min(map(len, files)) > 10_000
