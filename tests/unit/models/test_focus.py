"""Where an explanation looks: at negators, at what they may turn, and at what brought most."""

import pytest

from models.focus import MAX_FOCUS, MAX_NEGATORS, MAX_PAIRS, TURNED_WITHIN, focus_on, in_reach, is_negator, pairs_of
from models.words import Word


def words(*texts: str) -> list[Word]:
    return [Word(one, 0, 0, place, place) for place, one in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("not", True), ("Don’t", True), ("never", True), ("没", True), ("note", False), ("nice", False), ("好", False)],
)
def test_a_negator_is_known_by_its_form(text: str, expected: bool) -> None:
    assert is_negator(words(text)[0]) is expected


def test_the_reach_of_a_negator_ends_with_its_sentence_and_after_a_few_words() -> None:
    assert in_reach(words("not", "so", "good", ",", "fine"), "en") == {0: [(1, 1), (2, 2)]}
    assert in_reach(words(*["not"], *["so"] * 20), "en")[0][-1] == (TURNED_WITHIN, TURNED_WITHIN)
    assert in_reach(words("good", "not"), "en") == {}
    assert in_reach(words(*"我不喜欢数"), "zh") == {1: [(2, 3), (3, 4)]}
    assert in_reach(words(*"不好"), "zh") == {0: [(1, 1)]}


def test_negators_and_what_they_turn_come_before_the_strongest() -> None:
    given = words("a", "not", "b", "c", "d", "e", "f", "g", "h")
    brought = [9.0, 0.0, 1.0, 0.0, 8.0, 7.0, 6.0, 5.0, 4.0]
    assert focus_on(given, brought, {1: (3, 3)}) == [0, 1, 3, 4, 5, 6]
    many = words(*["not"] * 20)
    assert len(focus_on(many, [1.0] * 20, {})) == MAX_FOCUS
    assert focus_on(words("one"), [0.0], {}) == [0]


def test_pairs_are_few_and_begin_with_negators() -> None:
    given = words("a", "not", "b", "c", "d", "e", "f")
    turned = {1: (3, 3)}
    found = pairs_of(given, [0, 1, 3, 4], turned)
    assert found == [((1, 1), (3, 3)), ((1, 1), (2, 6)), ((0, 0), (3, 3)), ((3, 3), (4, 4))]
    negators = words(*["not", "x"] * 10)
    turned = {place: (place + 1, place + 1) for place in range(0, 20, 2)}
    assert len(pairs_of(negators, list(range(20)), turned)) == MAX_PAIRS
    assert MAX_NEGATORS < MAX_PAIRS
