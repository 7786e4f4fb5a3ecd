"""Every error is a problem document with a request id, and an unexpected one shows nothing of the inside."""

import json
import logging

import pytest

FIELDS = {"type", "title", "status", "detail", "instance", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/", 405),
        ("GET", "/predict/", 404),
        ("GET", "/predict//x", 404),
        ("GET", "/%ff%00", 404),
        ("GET", "/predict", 405),
        ("DELETE", "/predict", 405),
        ("BREW", "/predict", 405),
        ("POST", "/livez", 405),
        ("PUT", "/model", 405),
        ("POST", "/predict", 415),
    ],
)
def test_errors_are_problem_documents(client, method, path, status):
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert set(problem) == FIELDS
    assert (problem["status"], problem["request_id"]) == (status, answer.headers["X-Request-Id"])


def test_a_wrong_method_is_answered_with_the_allowed_ones(client):
    answer = client.get("/predict")
    assert "POST" in answer.headers["Allow"]
    assert answer.json["detail"] == "This path does not take GET. Use POST."


def test_head_and_options_are_answered(client):
    assert client.head("/livez").status_code == 200
    assert "POST" in client.options("/predict").headers["Allow"]


def test_an_unexpected_error_is_500_without_internals_and_logged_without_the_text(broken_client, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = broken_client.post("/predict", json={"text": "the secret review"}, headers={"X-Request-Id": "abc-1"})
    assert answer.status_code == 500
    assert set(answer.json) == FIELDS
    assert "KeyError" not in answer.text
    assert "secret" not in answer.text
    assert "secret" not in caplog.text
    record = next(record for record in caplog.records if record.levelno == logging.ERROR)
    assert record.getMessage() == "unexpected error"
    logged = record.args["traceback"]
    assert "secret" not in logged
    assert "builtins.RuntimeError" in logged
    assert "builtins.KeyError" in logged
    assert "conftest.py" in logged


def test_after_an_unexpected_error_the_next_request_is_answered(broken_client):
    for _ in range(3):
        assert broken_client.post("/predict", json={"text": "a"}).status_code == 500
    assert broken_client.get("/livez").status_code == 200


@pytest.mark.parametrize("given", ["abc", "A.b_c-1", "x" * 128])
def test_a_well_formed_request_id_comes_back(client, given):
    assert client.get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "é", "a;b", "{}"])
def test_any_other_request_id_is_replaced(client, given):
    made = client.get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert made != given
    assert len(made) == 32


def test_the_log_names_the_route_and_nothing_that_was_sent(client, caplog):
    with caplog.at_level(logging.DEBUG):
        client.post("/predict?review=secret", json={"text": "secret"}, headers={"X-Request-Id": "id-7"})
        client.get("/secret")
        client.open("/livez", method="SECRET")
    lines = [json.loads(line) for line in caplog.text.splitlines()]
    fields = next(line for line in lines if line["message"] == "request")
    assert fields["ms"] > 0
    asked = {"request_id": "id-7", "method": "POST", "route": "/predict", "status": 200, "texts": 1}
    assert fields | asked == fields
    assert "secret" not in caplog.text.lower()


@pytest.mark.parametrize("path", ["/livez", "/nothing", "/openapi.json"])
def test_headers_that_every_answer_carries(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
