"""What an epoch sees: shares, batches by length, the same for the same seed."""

from collections import Counter

import torch

from models.batching import collate
from models.text import UNKNOWN
from training.examples import Examples, drop_words, epoch_batches


def examples(rows: int = 100) -> Examples:
    ids = [[2] * (1 + number % 17) for number in range(rows)]
    corpora = ["half" if number % 2 else "double" for number in range(rows)]
    return Examples(ids, [0] * rows, corpora, [f"file:{number}" for number in range(rows)])


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


def test_word_dropout_reads_some_words_as_unknown_and_no_padding() -> None:
    torch.manual_seed(0)
    batch = collate([[5] * 1000, [6] * 10])
    dropped = drop_words(batch, 0.3)
    share = (dropped.ids[0] == UNKNOWN).float().mean().item()
    assert 0.25 < share < 0.35
    assert not (dropped.ids[1, 10:] == UNKNOWN).any()
    assert torch.equal(drop_words(batch, 0.0).ids, batch.ids)
