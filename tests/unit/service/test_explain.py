"""POST /explain: what comes back, and what is refused."""

import json

import pytest

from models.contributions import METHODS
from models.labels import LABELS
from service.explain_request import MAX_SPANS, MAX_UNITS, ExplainRequests

TEXT = "i do not think the flower is beautiful"


def test_the_answer_is_the_predictors_explanation(client, predictor):
    answer = client.post("/explain", json={"text": TEXT, "spans": [[9, 14]], "top_units": 3})
    assert answer.status_code == 200
    model = {"name": predictor.name, "version": predictor.version}
    expected = predictor.explain(TEXT, spans=[(9, 14)], units=3).to_dict() | {"model": model}
    assert answer.json == json.loads(json.dumps(expected))
    assert client.post("/predict", json={"text": TEXT}).json == answer.json["prediction"] | {"model": model}


def test_offsets_are_code_points(client):
    text = "😀 so good 好"
    answer = client.post("/explain", json={"text": text}).json
    assert answer["offset_unit"] == "codepoint"
    assert [text[token["start"] : token["end"]] for token in answer["tokens"]] == ["😀", "so", "good", "好"]


def test_the_choices_of_the_request_are_those_of_the_models():
    fields = ExplainRequests(10).model.model_fields
    assert fields["method"].annotation.__args__ == METHODS
    assert set(fields["target"].annotation.__args__) == set(LABELS)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", LABELS)
def test_every_method_and_target_adds_up(client, method, target):
    answer = client.post("/explain", json={"text": TEXT, "method": method, "target": target}).json
    total = sum(token["contribution"]["total"] for token in answer["tokens"])
    assert total + answer["bias"] == pytest.approx(answer["logit"], abs=1e-4)


REFUSED = [
    ([], None, "The body is a list"),
    ({}, "/text", "This field is missing"),
    ({"text": " "}, "/text", "The text is blank"),
    ({"text": 3}, "/text", "This is a number. Send a string"),
    ({"text": "a" * 20_001}, "/text", "The text has 20,001 characters"),
    ({"text": "a", "target": "good"}, "/target", "Send 'positive', 'negative' or 'neutral'"),
    ({"text": "a", "method": None}, "/method", "Send 'signals' or 'writes'"),
    ({"text": "a", "top_units": -1}, "/top_units", "The number is -1. Send at least 0"),
    ({"text": "a", "top_units": MAX_UNITS + 1}, "/top_units", f"Send at most {MAX_UNITS}"),
    ({"text": "a", "top_units": 10**30}, "/top_units", "Send a whole number"),
    ({"text": "a", "top_units": 2.5}, "/top_units", "Send a whole number"),
    ({"text": "a", "spans": [[0, 10**7 + 1]]}, "/spans/0/1", "Send at most 10,000,000"),
    ({"text": "a", "top_units": True}, "/top_units", "This is true or false. Send a whole number"),
    ({"text": "a", "spans": [[0, 1]] * (MAX_SPANS + 1)}, "/spans", f"There are 9 spans. Send at most {MAX_SPANS}"),
    ({"text": "a", "spans": [[0]]}, "/spans/0", "A span is two numbers"),
    ({"text": "a", "spans": [[0, 1], [0, "1"]]}, "/spans/1/1", "This is a string. Send a whole number"),
    ({"text": "a", "spans": "0"}, "/spans", "This is a string. Send a list"),
    ({"text": "a", "spans": [[0, 1], [5, 6]]}, "/spans/1", "The span from 5 to 6 touches no word"),
    ({"text": "a", "spans": [[1, 0]]}, "/spans/0", "The span from 1 to 0 touches no word"),
    (
        {"text": "a", "texts": ["a"]},
        "/texts",
        "This field is unknown. Leave it out; text, target",
    ),
]


@pytest.mark.parametrize(("body", "pointer", "says"), REFUSED)
def test_what_is_wrong_is_said_with_its_place(client, body, pointer, says):
    answer = client.post("/explain", json=body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert says in answer.json["detail"]
    if pointer:
        assert answer.json["errors"][0]["pointer"] == pointer


def test_a_whole_number_may_be_written_with_a_point(client):
    answer = client.post(
        "/explain",
        data='{"text": "not good", "spans": [[4.0, 8e0]], "top_units": 1.0}',
        content_type="application/json",
    )
    assert [answer.json["spans"][0][side] for side in ("start", "end")] == [4, 8]
    assert len(answer.json["units"]) == 1


def test_without_a_model_it_is_503_before_the_body_is_read():
    from service.app import create_app

    answer = create_app().test_client().post("/explain", data="no json")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
