"""The treebank in hand-written files of the original layout: reviews, problems, each trap of the data."""

import pytest

from models.labels import NEGATIVE, NEUTRAL, POSITIVE
from training.readers import treebank


def short(reviews):
    return [(review.text, review.label, review.split) for review in reviews]


def test_sentences_of_the_treebank(corpora_dir):
    reading = treebank.read(corpora_dir, ["sst"])
    assert short(reading.reviews) == [
        ("Dull.", NEGATIVE, "dev"),
        ("It broke.", NEGATIVE, "calibration"),
        ("It doesn't bore.", POSITIVE, "train"),
        ('"Bright" (and/or) brave!', POSITIVE, "train"),
        ("bore that", NEUTRAL, "train"),
        ("the bore bright bore", NEGATIVE, "train"),
    ]
    assert reading.reviews[-1].source == "sst/trees/train.txt:7"


def test_a_development_sentence_in_train_goes_with_its_phrases(corpora_dir):
    reading = treebank.read(corpora_dir, ["sst", "sst_phrases"])
    assert reading.dropped["sst", "development sentence in train.txt"] == 1
    phrases = {review.text for review in reading.reviews if review.corpus == "sst_phrases"}
    assert "Dull" not in phrases
    assert "broke." not in phrases


def test_phrases_are_labelled_by_majority_and_a_tie_goes(corpora_dir):
    reading = treebank.read(corpora_dir, ["sst_phrases"])
    labels = {review.text: review.label for review in reading.reviews}
    assert labels["bore"] == NEGATIVE  # negative three times, neutral once
    assert labels["doesn't bore."] == POSITIVE
    assert labels["and/or"] == NEUTRAL
    assert not any(text.startswith("It doesn't") for text in labels)  # sentences are no phrases of their own

    (corpora_dir / "sst/trees/train.txt").write_text("(2 (1 odd) (2 one))\n(2 (3 Odd) (2 two))\n", encoding="utf-8")
    reading = treebank.read(corpora_dir, ["sst_phrases"])
    assert [review.text for review in reading.reviews] == ["one", "two"]
    assert reading.dropped["sst_phrases", "contradicting labels"] == 1


def test_only_what_is_named_is_given(corpora_dir):
    assert {review.corpus for review in treebank.read(corpora_dir, ["sst"]).reviews} == {"sst"}
    assert {review.corpus for review in treebank.read(corpora_dir, ["sst_phrases"]).reviews} == {"sst_phrases"}


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ("(2 (2 An) (2 actor)", "1 brackets are left open"),
        ("(7 (2 An) (2 actor))", "column 1: label is '7', expected 0 to 4"),
        ("(2 An) (2 actor)", "column 8: text after the tree has ended"),
        ("(2 An))", "column 7: text after the tree has ended"),
        (")", "column 1: a bracket closes that was never opened"),
        ("(2 )", "column 4: a node without tokens"),
        ("An actor", "column 1: a token outside all brackets"),
    ],
)
def test_a_malformed_tree_says_where(tree, reason):
    with pytest.raises(ValueError) as error:
        treebank.parse(tree)
    assert str(error.value) == reason


def test_every_phrase_of_a_tree():
    assert treebank.parse("(4 (2 a) (3 (1 b) (0 c)))") == [
        (NEUTRAL, ("a",)),
        (NEGATIVE, ("b",)),
        (NEGATIVE, ("c",)),
        (POSITIVE, ("b", "c")),
        (POSITIVE, ("a", "b", "c")),
    ]
