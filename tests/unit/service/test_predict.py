"""POST /predict with the real predictor: answers, and every way to ask wrongly."""

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from models.labels import LABELS
from service import faults
from service.app import create_app
from service.model_slot import ModelSlot
from service.settings import Settings

LIMIT = 1_048_576


def post(client, body, content_type="application/json", **headers):
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post("/predict", data=data, content_type=content_type, headers=headers)


def test_one_text_is_answered_as_the_predictor_says(client, predictor):
    text = "i do not think the flower is beautiful"
    answer = post(client, {"text": text})
    expected = predictor.predict([text])[0].to_dict()
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.json == expected | {"model": {"name": predictor.name, "version": predictor.version}}
    assert list(answer.json)[:3] == ["label", "score", "probabilities"]
    assert list(answer.json["probabilities"]) == list(LABELS)
    assert "warning" not in answer.json


def test_many_texts_are_answered_in_their_order(client, predictor):
    texts = ["The flower is so beautiful", "我不喜欢数学", "bad", "The flower is so beautiful"]
    answers = post(client, {"texts": texts}).json["predictions"]
    assert [one["language"] for one in answers] == ["en", "zh", "en", "en"]
    assert answers[0] == answers[3]
    for text, one in zip(texts, answers, strict=True):
        alone = post(client, {"text": text}).json
        assert one["model"] == alone["model"]
        assert one["probabilities"] == pytest.approx(alone["probabilities"], abs=1e-5)


def test_probabilities_are_not_rounded(client, predictor):
    text = "The room was small and the staff were kind"
    assert post(client, {"text": text}).json["probabilities"] == predictor.predict([text])[0].probabilities


def test_another_language_is_answered_with_a_warning(client):
    answer = post(client, {"text": "Цветок очень красивый, мне нравится"}).json
    assert answer["language"] == "other"
    assert answer["warning"]


@pytest.mark.parametrize(
    "text", ["a", "\u200b", "🙂", "<br />", "x" * 20_000, "很" * 20_000, "\ufeff\u0301", '{}\t\n"']
)
def test_every_text_within_the_limits_is_answered(client, text):
    answer = post(client, {"text": text})
    assert answer.status_code == 200
    assert sum(answer.json["probabilities"].values()) == pytest.approx(1)


def test_128_texts_are_answered(client):
    assert len(post(client, {"texts": ["good"] * 128}).json["predictions"]) == 128


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]
)
def test_a_charset_parameter_is_accepted(client, content_type):
    assert post(client, {"text": "good"}, content_type).status_code == 200


def test_a_byte_order_mark_is_accepted(client):
    assert post(client, b'\xef\xbb\xbf{"text": "good"}').status_code == 200


NOT_JSON = [
    (b"", "empty"),
    (b"   ", "line 1, column 4"),
    (b'{"text": }', "line 1, column 10"),
    (b'{\n "text": "a",\n}', "line 3, column 1"),
    (b'{"text": "a"} x', "line 1, column 15"),
    (b"{'text': 'a'}", "line 1, column 2"),
    (b'{"text": NaN}', "NaN"),
    (b'{"text": -Infinity}', "Infinity"),
    (b'{"text": "a", "text": "b"}', "twice"),
    (b'{"text": "\xff"}', "byte 10"),
    ('{"text": "很"}'.encode("utf-16"), "UTF-8"),
    ('{"text": "很"}'.encode("gb18030"), "UTF-8"),
    (b"[" * 200_000, "nested too deeply"),
    (b'{"text":' * 100_000, "nested too deeply"),
    (b'{"text": "a\nb"}', "Invalid control character"),
    (b'{"text": "\\x"}', "escape"),
]


@pytest.mark.parametrize(("body", "told"), NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_json_is_400_and_says_where(client, body, told):
    answer = post(client, body)
    assert answer.status_code == 400
    assert told in answer.json["detail"]


INVALID = [
    ({}, None, "neither text nor texts"),
    ([], None, "Send an object"),
    (None, None, "null"),
    ("good", None, "a string"),
    (3, None, "a number"),
    (True, None, "true or false"),
    ({"text": "a", "texts": ["b"]}, None, "both text and texts"),
    ({"txt": "a"}, None, "neither"),
    ({"text": "a", "lang": "en"}, "/lang", "unknown"),
    ({"text": "a", "a/b~c": 1}, "/a~1b~0c", "unknown"),
    ({"text": ""}, "/text", "empty"),
    ({"text": " \n\t\u3000"}, "/text", "blank"),
    ({"text": None}, "/text", "null"),
    ({"text": 3}, "/text", "a number"),
    ({"text": False}, "/text", "true or false"),
    ({"text": ["a"]}, "/text", "a list"),
    ({"text": {"text": "a"}}, "/text", "an object"),
    ({"text": "a\0b"}, "/text", "U+0000"),
    ({"text": "a\ud83d"}, "/text", "surrogate"),
    ({"text": "x" * 20_001}, "/text", "20,001 characters"),
    ({"text": "x" * 1_000_000}, "/text", "1,000,000 characters"),
    ({"texts": []}, "/texts", "empty"),
    ({"texts": "a"}, "/texts", "list of strings"),
    ({"texts": None}, "/texts", "null"),
    ({"texts": {"0": "a"}}, "/texts", "an object"),
    ({"texts": ["good"] * 129}, "/texts", "129 texts"),
    ({"texts": ["good"] * 10_000}, "/texts", "10,000 texts"),
    ({"texts": ["a", "b", " "]}, "/texts/2", "blank"),
    ({"texts": ["a", None]}, "/texts/1", "null"),
    ({"texts": [["a"]]}, "/texts/0", "a list"),
    ({"texts": ["a", "\udc00"]}, "/texts/1", "surrogate"),
    ({"texts": ["a", "x" * 20_001]}, "/texts/1", "At most 20,000"),
]


@pytest.mark.parametrize(("body", "pointer", "told"), INVALID, ids=range(len(INVALID)))
def test_what_does_not_fit_is_422_and_says_where_and_what_to_change(client, body, pointer, told):
    answer = post(client, body)
    assert answer.status_code == 422
    problem = answer.json
    assert told in problem["detail"]
    if pointer:
        assert problem["errors"][0]["pointer"] == pointer
        assert told in problem["errors"][0]["detail"]
        assert problem["errors"][0].get("index") == (int(pointer[7:]) if pointer.startswith("/texts/") else None)


@pytest.mark.parametrize("number", ["1" * 50_000, "1e999", "-0", "1" * 5_000 + ".5", "1E-400"])
def test_numbers_of_any_size_are_told_as_numbers(client, number):
    answer = post(client, f'{{"text": {number}}}'.encode())
    assert answer.status_code == 422
    assert "a number" in answer.json["detail"]


def test_every_fault_of_a_list_is_told(client):
    problem = post(client, {"texts": ["good", "", 3, "fine", "a\0"]}).json
    assert [fault["index"] for fault in problem["errors"]] == [1, 2, 4]
    assert "first of 3 faults" in problem["detail"]


def test_the_list_of_faults_is_bounded(client):
    problem = post(client, {"text": "a"} | {f"field{i}": i for i in range(5_000)}).json
    assert len(problem["errors"]) == 20
    assert "5000 faults" in problem["detail"]


def test_no_more_faults_are_built_than_are_told(client, monkeypatch):
    built = []
    build = faults._unknown
    monkeypatch.setattr(faults, "_unknown", lambda name, known: built.append(name) or build(name, known))
    problem = post(client, {"text": ""} | {f"f{i}": 0 for i in range(80_000)}).json
    assert [fault["pointer"] for fault in problem["errors"]] == ["/text", *(f"/f{i}" for i in range(19))]
    assert "80001 faults" in problem["detail"]
    assert len(built) == 19


def test_a_name_that_holds_half_a_surrogate_pair_is_told_in_our_words(client):
    problem = post(client, {"text": "good", "a\ud83d": 1}).json
    assert problem["status"] == 422
    assert problem["errors"] == [
        {
            "pointer": "/a\\ud83d",
            "detail": "This field is unknown, and its name holds half a surrogate pair, which has no UTF-8 form. "
            "Leave it out; text and texts are the only ones.",
        }
    ]


def test_no_review_is_quoted_in_an_error(client):
    secret = "the staff stole my passport"
    for body in ({"text": secret + "\0"}, {"text": secret * 1_000}, {"texts": [secret, ""]}, {"texts": secret}):
        assert "passport" not in post(client, body).text


@pytest.mark.parametrize(
    ("content_type", "told"),
    [
        (None, "missing"),
        ("text/plain", "application/json"),
        ("application/x-www-form-urlencoded", "application/json"),
        ("multipart/form-data; boundary=x", "application/json"),
        ("application/json; charset=gb2312", "UTF-8"),
        ("application/jsonx", "application/json"),
        ("\x7f", "application/json"),
    ],
)
def test_other_content_types_are_415(client, content_type, told):
    answer = post(client, {"text": "good"}, content_type)
    assert answer.status_code == 415
    assert told in answer.json["detail"]


def test_compressed_bodies_are_415(client):
    assert post(client, b"\x1f\x8b", **{"Content-Encoding": "gzip"}).status_code == 415


def test_the_body_is_limited(client):
    fits = json.dumps({"text": "good"}).encode().ljust(LIMIT)
    assert post(client, fits).status_code == 200
    answer = post(client, fits + b" ")
    assert answer.status_code == 413
    assert "1,048,576 bytes" in answer.json["detail"]


def test_limits_come_from_the_settings(predictor):
    settings = Settings(max_texts=2, max_characters=5, max_body_bytes=1024)
    client = create_app(settings, ModelSlot(predictor)).test_client()
    assert post(client, {"texts": ["a", "b"]}).status_code == 200
    assert post(client, {"texts": ["a", "b", "c"]}).status_code == 422
    assert post(client, {"text": "abcdef"}).status_code == 422
    assert post(client, {"text": "a"}).status_code == 200
    assert post(client, b" " * 1025).status_code == 413
    many = client.get("/openapi.json").json["components"]["schemas"]["ManyTexts"]["properties"]["texts"]
    assert (many["maxItems"], many["items"]["maxLength"]) == (2, 5)


TEXTS = st.text(st.characters(), max_size=40)  # surrogates and control characters included
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["text", "texts"]) | TEXTS, inner),
    max_leaves=8,
)
BODIES = st.binary(max_size=60) | (VALUES | st.fixed_dictionaries({"texts": st.lists(TEXTS, max_size=4)})).map(
    lambda value: json.dumps(value).encode()
)


@given(body=BODIES)
@effort(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_is_a_server_error(client, body):
    answer = post(client, body)
    assert answer.status_code in (200, 400, 422)
    assert answer.is_json or answer.content_type == "application/problem+json"
