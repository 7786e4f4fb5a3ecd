"""Tokens: offsets to the code point, one normalisation, what is no text, the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text import PAD, UNKNOWN, TextError, Tokenizer, check_text, detect_language

LEARNED = ["I don't think the film is good. 我不喜欢这部电影，太差了！ It's 10/10, great film, isn't it?"] * 5


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(LEARNED, 500)


def words(tokenizer: Tokenizer, text: str) -> list[str]:
    (tokens,) = tokenizer.encode([text])
    return [text[start:end] for start, end in tokens.offsets]


def test_english_is_cut_at_words_and_chinese_at_characters(tokenizer: Tokenizer) -> None:
    assert words(tokenizer, "The film 我不喜欢") == ["The", "film", "我", "不", "喜", "欢"]


def test_a_contraction_stays_whole(tokenizer: Tokenizer) -> None:
    assert words(tokenizer, "It isn't good") == ["It", "isn't", "good"]


def test_offsets_are_code_points_behind_emoji_and_markup(tokenizer: Tokenizer) -> None:
    text = "😀😀<br />good 𠀀 film"
    (tokens,) = tokenizer.encode([text])
    assert [text[s:e] for s, e in tokens.offsets if text[s:e] in ("good", "film")] == ["good", "film"]
    assert all(0 <= start < end <= len(text) for start, end in tokens.offsets)


def test_full_width_case_and_curly_apostrophes_make_no_difference(tokenizer: Tokenizer) -> None:
    plain, odd = tokenizer.ids(["it isn't good!", "ＩＴ isn’t GOOD！"])
    assert plain == odd


def test_a_rare_word_is_cut_into_known_pieces_and_only_an_unknown_character_is_unknown(tokenizer: Tokenizer) -> None:
    pieces, emoji = tokenizer.ids(["goodish", "😀"])
    assert len(pieces) > 1
    assert UNKNOWN not in pieces
    assert emoji == [UNKNOWN]


def test_the_names_of_special_tokens_are_only_text(tokenizer: Tokenizer) -> None:
    (ids,) = tokenizer.ids(["[PAD]"])
    assert PAD not in ids
    assert len(ids) >= 3


def test_training_is_deterministic() -> None:
    texts = [f"{word} {word}ly un{word}" for word in "good bad fine odd able kind cold warm slow quick".split()] * 5
    assert Tokenizer.train(texts, 200).to_json() == Tokenizer.train(texts, 200).to_json()


def test_json_brings_the_same_tokenizer_back(tokenizer: Tokenizer) -> None:
    again = Tokenizer.from_json(tokenizer.to_json())
    assert again.size == tokenizer.size
    assert again.encode(LEARNED) == tokenizer.encode(LEARNED)
    assert [one.ids for one in again.encode(LEARNED)] == again.ids(LEARNED)


def test_what_is_no_tokenizer_is_refused() -> None:
    with pytest.raises(ValueError, match="not a tokenizer"):
        Tokenizer.from_json("{}")


@given(st.text(min_size=1))
def test_any_text_is_read_or_refused_and_offsets_never_leave_it(tokenizer: Tokenizer, text: str) -> None:
    try:
        check_text(text)
    except TextError:
        return
    (tokens,) = tokenizer.encode([text])
    assert all(0 <= start <= end <= len(text) for start, end in tokens.offsets)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \n\u3000", "is blank"),
        ("a\0b", r"U\+0000 at position 1"),
        ("ab\ud83d", r"half a surrogate pair \(U\+D83D\) at position 2"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(TextError, match=reason):
        check_text(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("i do not like it", "en"),
        ("Great!", "en"),
        ("10/10 😀", "en"),
        ("Amélie is the best French film that I have seen", "en"),
        ("very good 很好吃，服务也不错", "zh"),
        ("手机iPhone很好用", "zh"),
        ("房間很大，服務周到", "zh"),
        ("Je n'aime pas ce film, il est très mauvais", "other"),
        ("Das Essen war nicht gut und der Service ist schlecht", "other"),
        ("La comida era muy mala y el servicio también", "other"),
        ("Фильм мне совсем не понравился", "other"),
        ("この映画はとても面白かったです", "other"),
        ("이 영화는 정말 재미있었어요", "other"),
        ("الفيلم كان رائعا جدا", "other"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert detect_language(text) == language
