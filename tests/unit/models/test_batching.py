"""The only place that cuts, pads and decides what an empty text is."""

from models.batching import MAX_CHARACTERS, collate, cut_text, group_by_length, truncate
from models.text import PAD, UNKNOWN


def test_a_long_text_is_cut_in_the_middle() -> None:
    assert truncate(list(range(1, 11)), 5) == [1, 2, 3, 9, 10]
    assert truncate(list(range(1, 11)), 4) == [1, 2, 9, 10]
    assert truncate([1, 2], 1) == [1]


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert truncate([1, 2, 3], 3) == [1, 2, 3]


def test_a_text_without_tokens_is_one_unknown_token() -> None:
    assert truncate([], 5) == [UNKNOWN]


def test_padding_stands_at_the_end() -> None:
    batch = collate([[5, 6, 7], [8]])
    assert batch.ids.tolist() == [[5, 6, 7], [8, PAD, PAD]]
    assert batch.lengths.tolist() == [3, 1]


def test_the_width_of_a_batch_can_be_a_multiple() -> None:
    batch = collate([[5, 6, 7], [8]], 8)
    assert batch.ids.tolist() == [[5, 6, 7, *[PAD] * 5], [8, *[PAD] * 7]]
    assert batch.lengths.tolist() == [3, 1]
    assert collate([[5] * 8], 8).ids.shape == (1, 8)


def test_groups_hold_every_text_once_within_both_limits() -> None:
    lengths = [9, 1, 5, 7, 3, 8, 2, 40]
    groups = list(group_by_length(lengths, max_texts=3, max_tokens=20))
    assert sorted(index for group in groups for index in group) == list(range(8))
    for group in groups:
        assert len(group) <= 3
        assert len(group) == 1 or len(group) * max(lengths[index] for index in group) <= 20
    assert [lengths[index] for group in groups for index in group] == sorted(lengths)


def test_a_group_ends_where_its_padding_would_fill_more_texts_than_allowed() -> None:
    lengths = [400, 20, 21, 22, 380, 24, 90, 92, 96, 100]
    groups = list(group_by_length(lengths, max_texts=64, max_tokens=10_000, max_padding=2.0))
    assert [[lengths[index] for index in group] for group in groups] == [
        [20, 21, 22, 24],
        [90, 92, 96, 100],
        [380, 400],
    ]
    alike = list(group_by_length([24] * 64, max_texts=64, max_tokens=10_000, max_padding=0.0))
    assert alike == [list(range(64))]


def test_a_huge_text_is_cut_before_it_is_read() -> None:
    text = "a" * MAX_CHARACTERS + "b" * MAX_CHARACTERS
    cut = cut_text(text)
    assert len(cut) == MAX_CHARACTERS + 1
    assert cut.startswith("aaa")
    assert cut.endswith("bbb")
    assert cut_text("short") == "short"
