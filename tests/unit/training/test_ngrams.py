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


@pytest.mark.parametrize(("corpus", "grouped"), [("counterfactual", True), ("imdb", True), ("amazon", False)])
def test_out_of_fold_nothing_of_the_same_film_or_pair_has_been_seen(corpus: str, grouped: bool) -> None:
    """Each group has a word of its own, that tells its label: of use only where the group is on both sides."""
    rng = np.random.default_rng(0)
    rows = [
        Review(f"word{number // 4} seen", int(label) * 2, "en", corpus, "train", f"f:{number}", f"g{number // 4}")
        for number, label in enumerate(np.repeat(rng.permutation([0, 1] * 20), 4))
    ]
    true = np.array([review.label == 2 for review in rows])
    ngrams = NGrams(rows)
    assert ((ngrams.logits(rows)[:, 0] > 0) == true).all()
    right = ((ngrams.out_of_fold()[:, 0] > 0) == true).mean()
    assert right < 0.7 if grouped else right > 0.95


def test_what_cannot_be_learned_from_is_said() -> None:
    with pytest.raises(ValueError, match="30 reviews of one label"):
        NGrams(reviews()[1::2])
    with pytest.raises(ValueError, match="4 groups of reviews can't be parted into 5 folds"):
        NGrams(reviews(corpus="imdb")[:8]).out_of_fold()
