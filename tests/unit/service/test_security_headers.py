"""What browsers are told with every answer: keep none of it, guess no type, run and frame nothing."""

import pytest

from service.security_headers import HEADERS

ASKED = [
    ("POST", "/predict", {"json": {"text": "good"}}, 200),
    ("POST", "/predict", {"json": {}}, 422),
    ("GET", "/predict", {}, 405),
    ("GET", "/nothing", {}, 404),
    ("GET", "/page/nothing.js", {}, 404),
    ("GET", "/model", {}, 200),
    ("GET", "/livez", {}, 200),
]


@pytest.mark.parametrize(("method", "path", "request_", "status"), ASKED)
def test_every_answer_carries_them(client, method, path, request_, status):
    answer = client.open(path, method=method, **request_)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_so_does_an_unexpected_error(broken_client):
    answer = broken_client.post("/predict", json={"text": "good"})
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_of_the_page_is_its_own(client):
    assert client.get("/").headers.getlist("Content-Security-Policy") != [HEADERS["Content-Security-Policy"]]
    assert len(client.get("/").headers.getlist("Content-Security-Policy")) == 1
