"""What an epoch sees: shares, batches by length, the same for the same seed."""

from collections import Counter

import pytest
import torch

from models.labels import NEGATIVE, POSITIVE
from training.examples import Examples, distilled, epoch_batches, epoch_steps, one_hot, texts_of
from training.review import Review
from training.splits import content_hash
from training.teacher import Teacher


def examples(rows: int = 100) -> Examples:
    ids = [[2] * (1 + number % 17) for number in range(rows)]
    corpora = ["half" if number % 2 else "double" for number in range(rows)]
    return Examples(
        ids, [0] * rows, torch.eye(3)[[0] * rows], corpora, ["en"] * rows, [f"file:{number}" for number in range(rows)]
    )


SHARES = {"half": 0.5, "double": 2.0}


def test_a_share_says_how_often_a_corpus_is_seen() -> None:
    batches = epoch_batches(examples(), SHARES, 8, seed=1, epoch=0)
    seen = Counter(index for batch in batches for index in batch)
    assert sum(count for index, count in seen.items() if index % 2) == 25
    assert all(count == 1 for index, count in seen.items() if index % 2)
    assert all(seen[index] == 2 for index in range(0, 100, 2))


def test_batches_hold_no_more_texts_than_asked_and_texts_of_like_length() -> None:
    rows = examples()
    batches = epoch_batches(rows, SHARES, 8, seed=1, epoch=0)
    assert max(map(len, batches)) == 8
    spread = [max(len(rows.ids[i]) for i in batch) - min(len(rows.ids[i]) for i in batch) for batch in batches]
    assert max(spread) <= 4


def test_the_same_seed_and_epoch_give_the_same_batches_and_another_epoch_others() -> None:
    first = epoch_batches(examples(), SHARES, 8, seed=1, epoch=0)
    assert epoch_batches(examples(), SHARES, 8, seed=1, epoch=0) == first
    assert epoch_batches(examples(), SHARES, 8, seed=1, epoch=1) != first
    assert epoch_batches(examples(), SHARES, 8, seed=2, epoch=0) != first


@pytest.mark.parametrize("share", [0.0, 0.01, 0.333, 0.5, 1.0, 1.49, 3.0])
@pytest.mark.parametrize("batch_texts", [1, 7, 64])
def test_the_steps_of_an_epoch_are_known_before_it_begins(share: float, batch_texts: int) -> None:
    shares = {"half": share, "double": 0.77}
    batches = epoch_batches(examples(), shares, batch_texts, seed=3, epoch=5)
    assert epoch_steps(examples(), shares, batch_texts) == len(batches)


def review(text: str, label: int | None, corpus: str = "imdb", split: str = "train") -> Review:
    return Review(text, label, "en", corpus, split, "file:1")


TEACHER = Teacher({content_hash("known"): 0.0, content_hash("sure"): 20.0}, {})


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (review("known", NEGATIVE), [0.75, 0.0, 0.25]),  # half label, half even chance
        (review("known", POSITIVE), [0.25, 0.0, 0.75]),
        (review("known", None, "imdb_unlabelled"), [0.5, 0.0, 0.5]),
        (review("sure", NEGATIVE), [0.5, 0.0, 0.5]),
        (review("unknown", NEGATIVE), [1.0, 0.0, 0.0]),
        (review("unknown", None, "imdb_unlabelled"), None),
        (review("known", POSITIVE, "context"), [0.0, 0.0, 1.0]),  # a written sentence keeps its own label
        (review("known", POSITIVE, "imdb", "dev"), [0.0, 0.0, 1.0]),
    ],
)
def test_a_teacher_is_mixed_with_the_label_for_the_reviews_that_it_was_asked_about(
    one: Review, expected: list[float] | None
) -> None:
    assert distilled(one, TEACHER, hard=0.5) == (expected and pytest.approx(expected, abs=1e-6))


def test_a_label_alone_is_certain() -> None:
    assert one_hot(review("text", POSITIVE)) == [0.0, 0.0, 1.0]
    assert one_hot(review("text", None)) is None


def test_bare_text_is_read_once_and_of_its_own_split_alone() -> None:
    rows = [
        review("a whole one", None, "imdb_unlabelled"),
        review("whole", POSITIVE, "sentences"),
        review("a phrase", POSITIVE, "sst_phrases"),
        review("measures", POSITIVE, "imdb", "dev"),
        review("written", POSITIVE, "context"),
    ]
    assert list(texts_of(rows, "train")) == ["a whole one", "written"]
    assert list(texts_of(rows, "dev")) == ["measures"]
