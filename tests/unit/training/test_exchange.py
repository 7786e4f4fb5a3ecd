"""Words exchanged: of the same kind, in the same place, in training alone."""

from random import Random

import pytest

from models.labels import NEGATIVE, POSITIVE
from tests.unseen_words import unseen_words
from training.exchange import FILES, exchange, exchanged, read_adjectives
from training.review import Review


def variants(text: str, language: str = "en", count: int = 200) -> set[str]:
    random = Random(1)
    return {exchange(text, language, random) for _ in range(count)}


def test_a_word_gives_way_to_one_of_its_own_list_and_nothing_else_changes() -> None:
    adjectives = read_adjectives(FILES["en"])
    found = variants("They never found the lentils awful, not once.")
    assert len(found) > 50
    for text in found:
        assert text.removeprefix("They never found the lentils ").removesuffix(", not once.") in adjectives.blame


def test_in_chinese_too() -> None:
    adjectives = read_adjectives(FILES["zh"])
    found = {
        text.removeprefix("这碗面并不").removesuffix("，别信他们。")
        for text in variants("这碗面并不好吃，别信他们。", "zh")
    }
    assert len(found) > 50
    assert found <= set(adjectives.praise)


@pytest.mark.parametrize("text", ["It was very kind of them.", "What a boring, dirty place!"])
def test_articles_capitals_and_grades_stay_right(text: str) -> None:
    adjectives = read_adjectives(FILES["en"])
    for one in variants(text):
        assert " a a" not in one.lower()
        assert " an b" not in one
        if " very " in one:
            assert one.split(" very ")[1].removesuffix(" of them.") in adjectives.graded


def test_capitals_stay() -> None:
    assert all(text[0].isupper() and text[1].islower() for text in variants("Delicious bread."))
    assert all(text.split()[-1].isupper() for text in variants("It was AWFUL"))


def test_a_text_without_such_a_word_has_no_variant() -> None:
    assert variants("The bus leaves at nine.") == {"The bus leaves at nine."}
    review = Review("The bus leaves at nine.", POSITIVE, "en", "context", "train", "x:1", "plain")
    assert exchanged([review], 5, 1) == []


def test_variants_keep_everything_but_the_text_and_only_training_has_them() -> None:
    review = Review("The bread was awful.", NEGATIVE, "en", "context", "train", "x:1", "plain")
    dev = Review("The bread was awful!", NEGATIVE, "en", "context", "dev", "x:2", "plain")
    found = exchanged([review, dev], 3, 1)
    assert found == exchanged([review, dev], 3, 1)
    assert 1 <= len(found) <= 3
    assert {(one.label, one.corpus, one.split, one.source, one.group) for one in found} == {
        (NEGATIVE, "exchanged", "train", "x:1", "plain")
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lists_are_apart_and_hold_no_word_of_the_probes(language: str) -> None:
    adjectives = read_adjectives(FILES[language])
    assert min(len(adjectives.praise), len(adjectives.blame)) >= 300
    assert not set(adjectives.praise) & set(adjectives.blame)
    assert not (set(adjectives.praise) | set(adjectives.blame)) & unseen_words(language)
