"""Amazon's pseudo-XML in hand-written files of the original layout: reviews, problems, each trap of the data."""

from collections import Counter

import pytest

from models.labels import NEGATIVE, POSITIVE
from training.readers import amazon


def short(reviews):
    return [(review.text, review.label, review.split) for review in reviews]


def complaints(reading):
    return [str(problem) for problem in reading.problems]


def test_amazon_reviews_without_titles_entities_and_lost_letters(corpora_dir):
    reading = amazon.read(corpora_dir)
    assert [(review.text, review.label, review.split, review.group) for review in reading.reviews] == [
        ("No plot.", NEGATIVE, "train", "books"),
        ("A fine book.", POSITIVE, "train", "books"),
        ("A page-turner.", POSITIVE, "dev", "books"),
        ("One cliché after another.", NEGATIVE, "train", "dvd"),  # a file in Latin-1
        ("Pure d\ufffdj\ufffd vu, fianc\ufffd and all.", POSITIVE, "train", "dvd"),
        ("A bad cable.", NEGATIVE, "train", "electronics"),
        ('It said "works fine" & it does <here>.\n\nFive years & counting.', POSITIVE, "train", "electronics"),
    ]
    assert reading.dropped == Counter({("amazon", "test split"): 1})


def test_bad_amazon_reviews_are_reported_by_line(corpora_dir):
    assert complaints(amazon.read(corpora_dir)) == [
        "amazon/books/negative.review:29: empty review",
        "amazon/books/positive.review:29: rating is '3.0', expected 4.0 or 5.0 in positive.review",
        "amazon/electronics/negative.review:15: the review is not closed by </review>",
    ]


@pytest.mark.parametrize("lost", ["ï¿½", "\ufffd"])
def test_a_letter_lost_once_or_twice_has_the_same_split(corpora_dir, lost):
    path = corpora_dir / "amazon/dvd/positive.review"
    review = f"<review>\n<rating>\n5.0\n</rating>\n<review_text>\nNa{lost}ve.\n</review_text>\n</review>\n"
    path.write_text(review, encoding="utf-8")
    found = [review for review in amazon.read(corpora_dir).reviews if review.source.startswith("amazon/dvd/positive")]
    # printf %s 'naï¿½ve.' | sha256sum begins with f1 = 241; with U+FFFD it would train
    assert short(found) == [("Na\ufffdve.", POSITIVE, "dev")]
