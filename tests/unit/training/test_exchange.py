"""Words exchanged: of the same kind, in the same place, in training alone."""

from random import Random

import pytest

from models.labels import NEGATIVE, NEUTRAL, POSITIVE
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


@pytest.mark.parametrize("text", ["It was very kind-hearted, very generous of them.", "A very helpful answer of them."])
def test_what_is_graded_stays_gradable(text: str) -> None:
    adjectives = read_adjectives(FILES["en"])
    for one in variants(text):
        last = one.removesuffix(" of them.").removesuffix(" answer").split(" very ")[-1]
        assert last.lower() in adjectives.graded


def test_capitals_stay() -> None:
    assert all(text[0].isupper() and text[1].islower() for text in variants("Delicious bread."))
    assert all(text.split()[-1].isupper() for text in variants("It was AWFUL"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("好几个老人差点没认出，只好交给不好意思的店员，好评差评都有，只差一个。", "zh"),
        ("七天无理由退货，差不多正好。", "zh"),
        ("They closed for good, in good faith; what kind of teacher, and pretty often?", "en"),
        ("For an hour, a European guide and a user.", "en"),
    ],
)
def test_words_inside_others_and_idioms_stay(text: str, language: str) -> None:
    assert variants(text, language) == {text}


def test_a_single_character_is_exchanged_where_it_is_the_verdict() -> None:
    assert len(variants("真的很差。", "zh")) > 50
    assert len(variants("服务不好，菜也太烂了", "zh")) > 50


def test_the_article_before_goes_by_the_sound_of_the_new_word_and_no_other_changes() -> None:
    for text in variants("For an hour it was a boring place."):
        assert text.startswith("For an hour it was a")
        article, word = text.removeprefix("For an hour it was ").removesuffix(" place.").split(" ", 1)
        assert article == ("an" if word[0] in "aeiou" and not word.startswith(("use", "one", "uni")) else "a"), text
    assert any("it was an " in text for text in variants("For an hour it was a boring place."))


def test_a_neutral_sentence_has_no_variant() -> None:
    review = Review("The clean towels are on the left.", NEUTRAL, "en", "context", "train", "x:1", "plain")
    assert exchanged([review], 5, 1) == []


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
    assert min(len(adjectives.praise), len(adjectives.blame)) >= 290
    assert not set(adjectives.praise) & set(adjectives.blame)
    assert not (set(adjectives.praise) | set(adjectives.blame)) & unseen_words(language)
