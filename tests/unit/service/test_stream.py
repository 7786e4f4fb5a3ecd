"""POST /predict/stream with the real predictor: what is answered to each line, and at the end."""

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from service import metrics
from service.app import create_app
from service.model_slot import ModelSlot
from service.problems import Problem
from service.settings import Settings

NDJSON = "application/x-ndjson"


def post(client, body, content_type=NDJSON, **headers):
    return client.post("/predict/stream", data=body, content_type=content_type, headers=headers)


def lines_of(answer):
    assert answer.status_code == 200
    assert answer.content_type == NDJSON
    assert answer.data.endswith(b"\n")
    return [json.loads(line) for line in answer.data.decode().splitlines()]


def ndjson(*values):
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_each_line_is_answered_as_predict_answers_it_in_order(client):
    texts = ["The flower is so beautiful", "我不喜欢数学", "bad", "Цветок очень красивый"] * 50
    *answers, end = lines_of(post(client, ndjson(*({"text": text} for text in texts))))
    alone = {text: client.post("/predict", json={"text": text}).json for text in set(texts)}
    assert len(answers) == len(texts)
    for number, (text, answer) in enumerate(zip(texts, answers, strict=True), 1):
        assert answer.pop("line") == number
        assert answer.pop("probabilities") == pytest.approx(alone[text]["probabilities"], abs=1e-5)
        assert answer.pop("score") == pytest.approx(alone[text]["score"], abs=1e-5)
        assert answer.items() <= alone[text].items()
    assert end == {"end": {"lines": 200, "predicted": 200, "failed": 0}}


def test_a_line_at_fault_is_told_and_the_others_are_answered(client):
    body = ndjson({"text": "good", "id": "a"}, {"text": " "}) + b"\n{\n\xff\xfe\n" + ndjson({"text": "bad", "id": 5})
    first, blank, no_json, no_utf8, last, end = lines_of(post(client, body))
    assert (first["line"], first["id"], last["line"], last["id"]) == (1, "a", 6, 5)
    assert [(one["line"], one["error"]["status"]) for one in (blank, no_json, no_utf8)] == [
        (2, 422),
        (4, 400),
        (5, 400),
    ]
    assert blank["error"]["errors"][0]["pointer"] == "/text"
    assert blank["error"]["instance"] == "/predict/stream"
    assert end == {"end": {"lines": 6, "predicted": 2, "failed": 3}}


def test_a_line_is_limited_and_the_stream_is_not(client):
    long = b'{"text": "good"' + b" " * 1_048_576 + b"}\n"
    whole = ndjson({"text": "good", "id": "x" * 100}) * 12_000
    assert len(whole) > 1_048_576
    first, second, end = lines_of(post(client, long + ndjson({"text": "good"})))
    assert first["error"]["status"] == 413
    assert "1,048,576 bytes" in first["error"]["detail"]
    assert second["label"]
    assert end["end"]["lines"] == 2
    assert lines_of(post(client, whole))[-1] == {"end": {"lines": 12_000, "predicted": 12_000, "failed": 0}}


PIECES = st.sampled_from(
    [b'{"text": "good"', b'"id": ', b'"a"', b"}", b"{", b"[", b",", b"\n", b"\r\n", b"1e9", b"null", b"\xff"]
)


@given(st.lists(PIECES | st.binary(max_size=4), max_size=30).map(b"".join))
@effort(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_come_each_line_is_answered_and_the_stream_has_its_end(client, body):
    *answers, end = lines_of(post(client, body))
    expected = [number for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    assert [one["line"] for one in answers] == expected
    assert all("label" in one or one["error"]["status"] in (400, 422) for one in answers)
    assert end["end"]["predicted"] + end["end"]["failed"] == len(expected)
    assert "error" not in end


@pytest.mark.parametrize("body", [b"", b"\n", b"\n\n \r\n"])
def test_a_stream_without_reviews_has_its_end(client, body):
    assert lines_of(post(client, body)) == [{"end": {"lines": body.count(b"\n"), "predicted": 0, "failed": 0}}]


def test_the_last_line_needs_no_newline_and_a_carriage_return_does_no_harm(client):
    answers = lines_of(post(client, b'{"text": "good"}\r\n{"text": "bad"}'))
    assert [one.get("line") for one in answers] == [1, 2, None]
    assert answers[-1]["end"]["predicted"] == 2


def test_the_request_id_stands_in_the_header_and_in_each_error(client):
    answer = post(client, b"x\n", **{"X-Request-Id": "order-4711"})
    assert answer.headers["X-Request-Id"] == "order-4711"
    assert lines_of(answer)[0]["error"]["request_id"] == "order-4711"


def test_nginx_is_told_to_pass_each_line_on(client):
    assert post(client, b"").headers["X-Accel-Buffering"] == "no"


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [(None, {}), ("application/json", {}), (NDJSON + "; charset=gb2312", {}), (NDJSON, {"Content-Encoding": "gzip"})],
)
def test_what_is_no_ndjson_is_415(client, content_type, headers):
    answer = post(client, b'{"text": "good"}', content_type, **headers)
    assert answer.status_code == 415
    assert answer.content_type == "application/problem+json"


def test_without_a_model_it_is_503(client):
    answer = create_app(Settings()).test_client().post("/predict/stream", data=b"", content_type=NDJSON)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_a_text_that_the_network_fails_at_is_answered_500_and_no_other(predictor, caplog):
    class Fragile:
        name, version, manifest, max_tokens = predictor.name, predictor.version, {}, predictor.max_tokens

        def read(self, texts):
            if any("secret" in text for text in texts):
                raise RuntimeError(f"could not read {texts}")
            return predictor.read(texts)

        def classify(self, readings, batch_size):
            return predictor.classify(readings, batch_size)

    client = create_app(Settings(), ModelSlot(Fragile())).test_client()
    good, failed, bad, end = lines_of(post(client, ndjson({"text": "great"}, {"text": "my secret"}, {"text": "awful"})))
    alone = [one.label for one in predictor.predict(["great", "awful"])]
    assert [good["label"], bad["label"]] == alone
    assert failed["error"]["status"] == 500
    assert end["end"] == {"lines": 3, "predicted": 2, "failed": 1}
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


class Refusing(ModelSlot):
    """A slot that refuses what is asked of it after the first time."""

    def predict(self, texts, patient=False):
        assert patient
        if hasattr(self, "asked"):
            raise Problem(503, "Not now.")
        self.asked = True
        return super().predict(texts, patient=patient)


def test_where_the_service_can_do_no_more_the_last_line_says_so_and_how_far_it_came(predictor):
    client = create_app(Settings(batch_size=2), Refusing(predictor)).test_client()
    *answers, end = lines_of(post(client, ndjson({"text": "good"}) * 5))
    assert [one["line"] for one in answers] == [1, 2]
    assert end["end"] == {"lines": 2, "predicted": 2, "failed": 0}
    assert end["error"]["status"] == 503


def refused():
    return metrics.REGISTRY.get_sample_value("undertone_shed_total", {"reason": "draining"})


def test_a_worker_that_is_about_to_end_takes_no_more_lines(predictor):
    slot = ModelSlot(predictor)
    slot.draining = lambda: True
    before = refused()
    (end,) = lines_of(post(create_app(Settings(), slot).test_client(), ndjson({"text": "good"}) * 5))
    assert refused() == before + 1
    assert end["end"]["lines"] == 0
    assert end["error"]["status"] == 503
    assert "end.lines" in end["error"]["detail"]


def test_each_line_is_of_the_documented_form(client):
    document = client.get("/openapi.json").json
    operation = document["paths"]["/predict/stream"]["post"]
    answered = operation["responses"]["200"]["content"][NDJSON]
    asked = operation["requestBody"]["content"][NDJSON]

    def check(schema, line):
        Draft202012Validator(schema | {"components": document["components"]}).validate(json.loads(line))

    check(asked["schema"]["contentSchema"]["items"], asked["example"].splitlines()[0])
    shown, real = answered["example"].splitlines(), post(client, asked["example"]).text.splitlines()
    assert [list(json.loads(line)) for line in real] == [list(json.loads(line)) for line in shown]
    for line in (*shown, *real):
        check(answered["schema"]["contentSchema"]["items"], line)
