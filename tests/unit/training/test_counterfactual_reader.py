"""Counterfactual pairs in hand-written files of the original layout: reviews, problems, each trap of the data."""

import pytest

from models.labels import NEGATIVE, POSITIVE
from training.readers import counterfactual


def complaints(reading):
    return [str(problem) for problem in reading.problems]


def test_pairs_keep_their_group_and_their_quotation_marks(corpora_dir):
    reading = counterfactual.read(corpora_dir)
    assert [(review.text, review.label, review.split, review.group) for review in reading.reviews] == [
        ("A slow, dull film.\n\nAvoid.", NEGATIVE, "train", "train-4"),
        ("A slow, rich film.\n\nSee it.", POSITIVE, "train", "train-4"),
        ('They call it "art", and it is.', POSITIVE, "train", "train-5"),
        ('They call it "art", and it is not.', NEGATIVE, "train", "train-5"),
        ('"Quoted" by no one, and a lone " mark', POSITIVE, "train", "train-6"),
        ('"Quoted" by everyone, and a lone " mark', NEGATIVE, "train", "train-6"),
        ('I saw "it" twice.\n\nNever again.', NEGATIVE, "dev", "dev-4"),
        ('I saw "it" twice.\n\nSoon again.', POSITIVE, "dev", "dev-4"),
    ]


def test_bad_pairs_are_reported_by_line(corpora_dir):
    file = "counterfactual/combined/paired/train_paired.tsv"
    assert complaints(counterfactual.read(corpora_dir)) == [
        f"{file}:8: sentiment is 'Mixed', expected Negative or Positive",
        f"{file}:9: empty review",
        f"{file}:10: 2 fields, expected 3",
    ]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ('"He said ""no"" twice."', 'He said "no" twice.'),
        ('"""All of it."""', '"All of it."'),
        ('"""Quoted """"twice""""."""', 'Quoted "twice".'),
        ('"Just" a "quotation"', '"Just" a "quotation"'),
        ('"A whole quotation."', '"A whole quotation."'),
        ('"', '"'),
        ("", ""),
    ],
)
def test_unquote_only_what_is_quoted(field, text):
    assert counterfactual.unquote(field) == text
