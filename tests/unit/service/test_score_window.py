"""One window through the real predictor."""

import pytest

from models.predictor import Predictor
from service.scoring import score
from service.tables.table import Row, Verdict, Window


@pytest.fixture(scope="module")
def predictor(tiny_artifact):
    return Predictor.load(tiny_artifact, device="cpu")


def test_every_row_gets_a_verdict_in_its_place(predictor):
    texts = ["good", "", " \n", "a\0b", "a\ud800", None, 7.0, True, ["a"], {"a": 1}, "我不喜欢数学", "x" * 30_000]
    rows = [*map(Row, texts), Row(None, "line 9: broken")]
    verdicts = score(Window(rows), predictor, 4)
    good, chinese, long = predictor.predict(["good", "我不喜欢数学", "x" * 30_000])
    assert [verdict.error for verdict in verdicts] == [
        None,
        "the text is empty; expected at least one visible character",
        "the text is blank; expected at least one visible character",
        "the text holds the control character U+0000 at position 1; remove it",
        "the text holds half a surrogate pair (U+D800) at position 1; send whole characters",
        "the text is null; expected a string",
        "the text is a number; expected a string",
        "the text is true or false; expected a string",
        "the text is a list; expected a string",
        "the text is an object; expected a string",
        None,
        None,
        "line 9: broken",
    ]
    for index, prediction in ((0, good), (10, chinese), (11, long)):
        assert verdicts[index].label == prediction.label
        assert verdicts[index].probabilities == pytest.approx(prediction.probabilities, abs=1e-6)
    assert verdicts[1] == Verdict(error=verdicts[1].error)


def test_a_window_without_any_text_is_no_work(predictor):
    assert score(Window([Row(None, "broken")]), predictor, 64) == [Verdict(error="broken")]
    assert score(Window([]), predictor, 64) == []
