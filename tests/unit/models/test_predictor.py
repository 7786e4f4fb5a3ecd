"""The one path: order, company, length, language, and what is refused."""

import gc
import math
import weakref
from pathlib import Path

import pytest

from models.labels import LABELS
from models.predictor import Predictor
from models.text import TextError

TEXTS = [
    "great",
    "The breakfast was cold and the room smelled of smoke, and nobody at the desk cared.",
    "很好",
    "服务态度差，等了一个小时，再也不会来了。",
    "I have not read it yet. " * 30,
    "…",
]


@pytest.fixture(scope="module")
def predictor(tiny_artifact: Path) -> Predictor:
    return Predictor.load(tiny_artifact, "cpu")


def test_probabilities_sum_to_one_and_the_label_is_the_likeliest(predictor: Predictor) -> None:
    for one in predictor.predict(TEXTS):
        assert list(one.probabilities) == list(LABELS)
        assert math.isclose(sum(one.probabilities.values()), 1, abs_tol=1e-12)
        assert one.score == max(one.probabilities.values()) == one.probabilities[one.label]


def test_company_order_and_batch_size_change_nothing(predictor: Predictor) -> None:
    alone = [predictor.predict([text])[0] for text in TEXTS]
    for together in (predictor.predict(TEXTS), predictor.predict(TEXTS[::-1], batch_size=2)[::-1]):
        for one, other in zip(alone, together, strict=True):
            assert one.language == other.language
            assert one.tokens == other.tokens
            for label in LABELS:
                assert math.isclose(one.probabilities[label], other.probabilities[label], abs_tol=1e-5)


def test_no_texts_no_predictions(predictor: Predictor) -> None:
    assert predictor.predict([]) == []


def test_a_long_text_is_cut_and_says_so(predictor: Predictor) -> None:
    long, short = predictor.predict(["good " * 500, "good"])
    assert (long.truncated, long.tokens) == (True, predictor.max_tokens)
    assert (short.truncated, short.tokens) == (False, 1)


def test_of_a_long_text_both_ends_are_read_and_the_middle_is_not(predictor: Predictor) -> None:
    filler = "It is on the table. " * 60
    texts = [filler + filler, filler + filler + "horrible", "horrible" + filler + filler, filler + "horrible " + filler]
    plain, at_the_end, at_the_start, in_the_middle = (one.probabilities for one in predictor.predict(texts))
    assert at_the_end != plain
    assert at_the_start != plain
    assert in_the_middle == pytest.approx(plain, abs=1e-6)


def test_a_language_it_never_learned_comes_with_a_warning(predictor: Predictor) -> None:
    (french,) = predictor.predict(["Je n'aime pas ce film, il est très mauvais"])
    assert french.language == "other"
    assert "en and zh" in (french.warning or "")
    assert "warning" in french.to_dict()
    assert "warning" not in predictor.predict(["good"])[0].to_dict()


def test_a_text_that_is_none_is_named_by_its_place(predictor: Predictor) -> None:
    with pytest.raises(TextError, match="blank") as caught:
        predictor.predict(["good", "  ", "bad"])
    assert caught.value.index == 1


def test_a_predictor_that_explained_goes_with_its_last_reference(tiny_artifact: Path) -> None:
    replaced = Predictor.load(tiny_artifact, "cpu")
    replaced.explain("not good")
    known = weakref.ref(replaced)
    gc.disable()
    try:
        del replaced
        assert known() is None
    finally:
        gc.enable()
