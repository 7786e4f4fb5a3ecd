"""The leaves cover the text; the tree joins first what says most together."""

import pytest

from models.phrases import MAX_LEAVES, MAX_WORDS, all_runs, join, leaves
from models.words import Word


def words(text: str) -> list[Word]:
    return [Word(one, 0, 0, place, place) for place, one in enumerate(text.split())]


def test_a_short_text_has_a_tree_of_words() -> None:
    assert leaves(words("not a good film")) == [(0, 0), (1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize("size", [MAX_WORDS + 1, 40, 400])
@pytest.mark.parametrize("text", ["word", "word ,", "word but", "."])
def test_a_longer_text_has_a_few_leaves_without_gaps(text: str, size: int) -> None:
    given = words(" ".join([text] * size))[:size]
    found = leaves(given)
    assert 1 < len(found) <= MAX_LEAVES
    assert (found[0][0], found[-1][1]) == (0, size - 1)
    assert [first for first, _ in found[1:]] == [last + 1 for _, last in found[:-1]]


def test_clauses_end_at_signs_and_before_conjunctions() -> None:
    given = words("the room was clean , quiet and bright but the staff were rude !")
    assert [given[first].text for first, _ in leaves(given)] == ["the", "quiet", "and", "but"]


def test_the_pair_that_says_most_together_is_joined_first() -> None:
    parts = [(0, 0), (1, 1), (2, 2)]
    scores = dict.fromkeys(all_runs(parts), 0.0) | {(1, 1): 1.0, (1, 2): -2.0, (0, 2): -2.0}
    assert join(parts, scores) == [*parts, (1, 2), (0, 2)]


def test_one_word_is_its_own_tree() -> None:
    assert join([(0, 0)], {(0, 0): 1.0}) == [(0, 0)]
