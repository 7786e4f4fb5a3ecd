"""With keys set, the service answers those who send one; probes and the page answer everyone."""

import logging

import pytest

from service.api_keys import ApiKeys
from service.app import create_app
from service.authentication import OPEN, exposed, keys_of
from service.model_slot import ModelSlot
from service.settings import Settings, SettingsError

FIRST, SECOND = "first-key-0123456789", "second-key-0123456789"


@pytest.fixture(scope="module")
def guarded_app(predictor):
    return create_app(Settings(api_keys=f"{FIRST},{SECOND}"), ModelSlot(predictor))


@pytest.fixture
def guarded(guarded_app):
    return guarded_app.test_client()


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {FIRST}"},
        {"Authorization": f"bearer  {SECOND} "},
        {"X-API-Key": FIRST},
        {"X-API-Key": SECOND, "Authorization": "Basic dXNlcjpwYXNzd29yZA=="},
    ],
)
def test_each_key_opens_in_either_header(guarded, headers):
    assert guarded.post("/predict", json={"text": "good"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {FIRST}"},
        {"Authorization": FIRST},
        {"Authorization": f"Bearer {FIRST}x"},
        {"X-API-Key": f"{FIRST},{SECOND}"},
        {"X-API-Key": f"Bearer {FIRST}"},
        {"Authorization": "Bearer ÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿ"},
        {"Cookie": f"X-API-Key={FIRST}"},
    ],
)
def test_without_a_key_the_answer_is_401_and_says_how_to_send_one(guarded, headers):
    answer = guarded.post("/predict", json={"text": "good"}, headers=headers)
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="undertone"')
    assert "Authorization: Bearer KEY" in answer.json["detail"]
    assert FIRST not in answer.text


def test_a_key_in_the_query_is_none(guarded):
    assert guarded.get(f"/model?api_key={FIRST}").status_code == 401


def test_every_route_but_the_open_ones_needs_a_key(guarded_app, guarded):
    for rule in guarded_app.url_map.iter_rules():
        path = rule.rule.replace("<name>", "main.js")
        for method in rule.methods:
            status = guarded.open(path, method=method).status_code
            assert (status == 401) == (rule.rule not in OPEN), f"{method} {path}: {status}"


@pytest.mark.parametrize("path", ["/nothing", "/livez/", "/livez/x", "//livez", "/page/../model", "/Livez"])
def test_paths_that_only_look_open_are_not(guarded, path):
    assert guarded.get(path).status_code == 401


def test_the_body_is_not_looked_at_without_a_key(guarded):
    assert guarded.post("/predict", data=b"\xff" * 2_000_000).status_code == 401


def test_no_key_reaches_the_log(guarded, caplog):
    caplog.set_level(logging.DEBUG)
    guarded.post("/predict", json={"text": "good"}, headers={"X-API-Key": FIRST})
    guarded.post("/predict", json={"text": "good"}, headers={"X-API-Key": "third-key-0123456789"})
    assert "key-0123" not in caplog.text


def test_without_keys_everyone_is_answered(client):
    assert client.post("/predict", json={"text": "good"}).status_code == 200


def test_keys_come_from_the_file_as_well(tmp_path):
    file = tmp_path / "keys"
    file.write_text(f"{SECOND}\n")
    both = keys_of(Settings(api_keys=FIRST, api_keys_file=str(file)))
    assert both.accept(FIRST)
    assert both.accept(SECOND)
    assert keys_of(Settings(api_keys_file=str(file))).accept(SECOND)


@pytest.mark.parametrize(
    ("content", "said"), [(None, "can't be read"), (b"", "16 to 256"), (b"\xff" * 20, "16 to 256")]
)
def test_a_file_without_keys_does_not_open_the_service(tmp_path, content, said):
    file = tmp_path / "keys"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=said) as caught:
        create_app(Settings(api_keys_file=str(file)))
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("::1", False),
        ("localhost", False),
        ("0.0.0.0", True),
        ("::", True),
        ("10.0.0.7", True),
        ("example.org", True),
    ],
)
def test_a_service_is_exposed_where_others_reach_it_and_it_has_no_keys(host, reached):
    assert exposed(Settings(host=host), ApiKeys()) == reached
    assert not exposed(Settings(host=host), ApiKeys([FIRST]))
