"""Words as the network reads them stand where they stand in the text as given."""

from itertools import pairwise
from pathlib import Path

import pytest

from models.batching import MAX_CHARACTERS
from models.predictor import Predictor
from models.words import read_words


@pytest.fixture(scope="module")
def predictor(tiny_artifact: Path) -> Predictor:
    return Predictor.load(tiny_artifact, "cpu")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It isn't GOOD!", ["It", "isn't", "GOOD", "!"]),
        ("我不喜欢 math", ["我", "不", "喜", "欢", "math"]),
        ("so 😀 good", ["so", "😀", "good"]),
        ("a<br />b", ["a", "b"]),
        ("Ｇｏｏｄ，好", ["Ｇｏｏｄ", "，", "好"]),
        ("wait… not ½ good……", ["wait", "…", "not", "½", "good", "…", "…"]),
        ("20℃ ‼", ["20", "℃", "‼"]),
    ],
)
def test_words_are_whole_and_in_place(predictor: Predictor, text: str, words: list[str]) -> None:
    ids, found, whole = read_words(text, predictor.tokenizer, 64)
    assert [word.text for word in found] == words
    assert all(text[word.start : word.end] == word.text for word in found)
    assert whole == len(ids) == found[-1].last + 1
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert [word.first for word in found[1:]] == [word.last + 1 for word in found[:-1]]


def test_pieces_of_a_rare_word_are_one_word(predictor: Predictor) -> None:
    ids, words, _ = read_words("unquestionablyish room", predictor.tokenizer, 64)
    assert len(ids) > 2
    assert [word.text for word in words] == ["unquestionablyish", "room"]


def test_of_a_long_text_the_ends_are_read(predictor: Predictor) -> None:
    text = " ".join(f"w{number}" for number in range(500))
    ids, words, whole = read_words(text, predictor.tokenizer, 10)
    assert ids == predictor_ids(predictor, text, 10)
    assert len(ids) == 10 < whole
    assert words[0].start == 0
    assert words[-1].end == len(text)
    assert all(text[word.start : word.end] == word.text for word in words)


def test_places_are_those_of_the_whole_text_past_what_is_cut_out_of_it(predictor: Predictor) -> None:
    text = "good " + "x " * MAX_CHARACTERS + "bad"
    _, words, _ = read_words(text, predictor.tokenizer, 8)
    assert (words[0].text, words[-1].text) == ("good", "bad")
    assert words[-1].end == len(text)


def test_a_text_without_any_sign_that_counts_is_one_unknown_word(predictor: Predictor) -> None:
    ids, (word,), whole = read_words("\u200b", predictor.tokenizer, 8)
    assert (ids, word.start, word.end, whole) == ([1], 0, 1, 0)


def predictor_ids(predictor: Predictor, text: str, kept: int) -> list[int]:
    (ids,) = predictor.tokenizer.ids([text])
    return ids[: (kept + 1) // 2] + ids[len(ids) - kept // 2 :]
