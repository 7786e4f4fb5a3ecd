"""Explanations of the committed model: of what it serves, and of the turns that it is for."""

import json
from pathlib import Path

import pytest
from live_service import running

from models.explanation import Explanation
from models.predictor import Predictor

TEXTS = ["i do not think the flower is beautiful", "我不喜欢数学", "Not cheap, but worth every penny. 😀"]


@pytest.fixture(scope="module")
def predictor(default_artifact: Path) -> Predictor:
    return Predictor.load(default_artifact, "cpu")


def test_the_service_explains_what_it_predicts(default_artifact: Path, predictor: Predictor, tmp_path: Path) -> None:
    with running(tmp_path, default_artifact) as server:
        server.wait_ready()
        for text in TEXTS:
            body = json.dumps({"text": text})
            status, _, content = server.ask("POST", "/explain", body, {"Content-Type": "application/json"})
            assert status == 200
            answer = json.loads(content)
            assert answer["prediction"] | {"model": answer["model"]} == server.predict({"text": text})[1]
            assert answer["logit"] == pytest.approx(predictor.explain(text).logit, abs=1e-5)
            assert answer["completeness_error"] <= 1e-4


@pytest.mark.parametrize(("text", "negator"), [(TEXTS[0], "not"), (TEXTS[1], "不")])
def test_the_negator_turns_what_follows(predictor: Predictor, text: str, negator: str) -> None:
    found: Explanation = predictor.explain(text)
    place = text.index(negator)
    values = [one.value for one in found.interactions if one.a[0] == place]
    assert values
    assert min(values) < -1  # logits; what follows is praise, the turn goes against it
    without = next(one for one in found.without if found.words[one.removed].start == place)
    assert found.logit < 0 < without.logit


@pytest.mark.parametrize(
    "text",
    [
        "The room was not clean and nobody at the desk cared, but we loved the view. " * 30,
        "房间不干净，没人管，但是风景很好。" * 25,
        "loved not the view never clean but nobody good worst of all no " * 40,
    ],
)
def test_no_score_of_a_long_text_runs_away(predictor: Predictor, text: str) -> None:
    found = predictor.explain(text, spans=[(0, 60), (5, len(text))])
    most = sum(abs(word.contribution.total) for word in found.words if word.contribution)
    scores = [one.score for one in (*found.phrases, *found.spans)] + [one.value for one in found.interactions]
    assert max(map(abs, scores)) <= most
