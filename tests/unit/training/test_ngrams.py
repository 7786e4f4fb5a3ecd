"""N-gram teachers: both views tell praise from blame, and out of fold no review has told its own label."""

import numpy as np
import pytest

from training.ngrams import NGrams
from training.review import Review

GOOD, BAD = ["wonderful", "charming", "splendid"], ["dreadful", "tedious", "clumsy"]


def reviews(language: str = "en", corpus: str = "amazon") -> list[Review]:
    rows = []
    for number in range(60):
        words = GOOD if number % 2 else BAD
        text = f"item {number} was {words[number % 3]} and {words[(number + 1) % 3]}"
        if language == "zh":
            text = ("很好用，喜欢" if number % 2 else "太难用，失望") + chr(0x4E00 + number)
        label = 2 if number % 2 else 0
        rows.append(Review(text, label, language, corpus, "train", f"file:{number}", f"group {number // 2}"))
    return rows


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_views_learn(language: str) -> None:
    rows = reviews(language)
    true = np.array([review.label == 2 for review in rows])
    ngrams = NGrams(rows)
    for logits in (ngrams.logits(rows), ngrams.out_of_fold()):
        assert logits.shape == (60, 2)
        assert ((logits > 0) == true[:, None]).all()


def test_out_of_fold_a_label_is_no_use_to_its_own_review() -> None:
    """A word that only one pair has, and that tells its label, helps where it was learned and not out of fold."""
    rng = np.random.default_rng(0)
    rows = [
        Review(
            f"word{number // 2} seen", int(label) * 2, "en", "counterfactual", "train", f"f:{number}", f"p{number // 2}"
        )
        for number, label in enumerate(np.repeat(rng.integers(0, 2, 40), 2))
    ]
    true = np.array([review.label == 2 for review in rows])
    ngrams = NGrams(rows)
    assert ((ngrams.logits(rows)[:, 0] > 0) == true).all()
    known = np.abs(ngrams.out_of_fold()).max(axis=0)
    assert (known < np.abs(ngrams.logits(rows)).min(axis=0)).all()
