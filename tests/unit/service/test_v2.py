"""The Open Inference Protocol: the answers of /predict as tensors, and errors in its own form."""

import base64
import json
import math

import gevent
import pytest

from service.app import create_app
from service.model_slot import ModelSlot
from service.settings import Settings
from service.v2_tensors import OUTPUTS

TEXTS = ["The flower is so beautiful", "我不喜欢数学", "Цветок очень красивый"]


@pytest.fixture
def infer(client, predictor):
    """Return a function that sends an inference request and returns its status and JSON."""

    def send(body, **options):
        data = json.dumps(body).replace("Infinity", "1e400")  # escapes what has no UTF-8 form
        answer = client.post(f"/v2/models/{predictor.name}/infer", data=data, **options)
        return answer.status_code, answer.json

    return send


def tensor(texts=("good",), shape=None, **more):
    texts = list(texts)
    return {"name": "text", "shape": shape or [len(texts)], "datatype": "BYTES", "data": texts} | more


def columns(answer):
    return {output["name"]: output["data"] for output in answer["outputs"]}


def test_answers_are_those_of_predict_to_the_last_bit(client, infer, predictor):
    status, answer = infer({"inputs": [tensor(TEXTS)]})
    assert status == 200
    assert (answer["model_name"], answer["model_version"]) == (predictor.name, predictor.version)
    assert "id" not in answer
    found = columns(answer)
    expected = client.post("/predict", json={"texts": TEXTS}).json["predictions"]
    for place, one in enumerate(expected):
        flat = one | {f"p_{name}": share for name, share in one["probabilities"].items()}
        for name in OUTPUTS:
            assert found[name][place] == flat.get(name, ""), name
    assert math.isclose(found["p_negative"][0] + found["p_neutral"][0] + found["p_positive"][0], 1, abs_tol=1e-12)


def test_every_output_has_the_metadata_s_name_type_and_the_texts_number(client, infer, predictor):
    described = client.get(f"/v2/models/{predictor.name}").json["outputs"]
    _, answer = infer({"inputs": [tensor(TEXTS)]})
    assert [(one["name"], one["datatype"]) for one in answer["outputs"]] == [
        (one["name"], one["datatype"]) for one in described
    ]
    assert all(one["shape"] == [3] and len(one["data"]) == 3 for one in answer["outputs"])


def test_only_the_outputs_asked_for_come_in_the_order_asked_for_and_once(infer):
    wanted = [{"name": "score"}, {"name": "label", "parameters": {"binary_data": True}}, {"name": "score"}]
    _, answer = infer({"inputs": [tensor()], "outputs": wanted})
    assert list(columns(answer)) == ["score", "label"]
    for none in ([], None):
        assert list(columns(infer({"inputs": [tensor()], "outputs": none})[1])) == list(OUTPUTS)


@pytest.mark.parametrize("given", ["42", "", "é 好"])
def test_the_id_comes_back(infer, given):
    assert infer({"inputs": [tensor()], "id": given})[1]["id"] == given


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        ([2], ["good", "bad"]),
        ([2, 1], ["good", "bad"]),
        ([2, 1], [["good"], ["bad"]]),
        ([2], [["good"], ["bad"]]),
        ([2.0], ["good", "bad"]),
    ],
)
def test_flat_and_nested_data_are_the_same(infer, shape, data):
    _, plain = infer({"inputs": [tensor(["good", "bad"])]})
    assert infer({"inputs": [tensor(data, shape)]}) == (200, plain)


def test_base64_is_the_text_in_utf_8(infer):
    encoded = [base64.b64encode(text.encode()).decode() for text in TEXTS]
    plain = infer({"inputs": [tensor(TEXTS, parameters={"content_type": "str"})]})
    assert infer({"inputs": [tensor(encoded, parameters={"content_type": "base64"})]}) == plain
    assert infer({"inputs": [tensor(TEXTS, parameters=None)], "parameters": {"timeout": 3}}) == plain


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "The body is a list"),
        ({}, "/inputs: This field is missing"),
        ({"inputs": []}, "/inputs: There are 0 inputs. Send one, named text."),
        ({"inputs": [tensor(), tensor()]}, "/inputs: There are 2 inputs. Send one, named text."),
        ({"inputs": ["a"]}, "/inputs/0: This is a string. Send an object."),
        ({"inputs": [tensor()], "output": []}, "id, parameters, outputs, inputs are the only ones"),
        ({"inputs": [tensor(more=1)]}, "/inputs/0: A field is unknown"),
        ({"inputs": [tensor(name="x")]}, "/inputs/0/name: "),
        ({"inputs": [tensor(datatype="FP32")]}, "/inputs/0/datatype: "),
        ({"inputs": [tensor(shape=[2])]}, "/inputs/0/data: The shape says 2, and there are 1 in data"),
        ({"inputs": [tensor(["a", "b"], [1, 2])]}, "/inputs/0/shape: This is no shape of texts"),
        ({"inputs": [tensor(shape=[1, 1, 1])]}, "/inputs/0/shape"),
        ({"inputs": [tensor(shape=[-1])]}, "/inputs/0/shape"),
        ({"inputs": [tensor(shape=[True])]}, "/inputs/0/shape"),
        ({"inputs": [tensor(shape=[1.5])]}, "/inputs/0/shape"),
        ({"inputs": [tensor(shape=[math.inf])]}, "/inputs/0/shape"),
        ({"inputs": [tensor(shape=[1e14])]}, "/inputs/0/data: The shape says 100,000,000,000,000,"),
        ({"inputs": [tensor(shape="1")]}, "/inputs/0/shape"),
        ({"inputs": [tensor([])]}, "/inputs/0/shape"),
        ({"inputs": [tensor([], [1])]}, "/inputs/0/data: The list is empty"),
        ({"inputs": [tensor(data="good")]}, "/inputs/0/data: This is a string. Send a list."),
        ({"inputs": [tensor([["a", "b"]], [1])]}, "/inputs/0/data/0: This is a list. Send a string."),
        ({"inputs": [tensor([[["a"]]])]}, "/inputs/0/data/0: This is a list. Send a string."),
        ({"inputs": [tensor(["a", 3])]}, "/inputs/0/data/1: This is a number. Send a string."),
        ({"inputs": [tensor(["a", " "])]}, "/inputs/0/data/1: The text is blank"),
        ({"inputs": [tensor(["x" * 20_001])]}, "/inputs/0/data/0: The text has 20,001 characters"),
        ({"inputs": [tensor(["a"] * 129)]}, "/inputs/0/data: There are 129 texts. At most 128"),
        ({"inputs": [tensor(parameters=[])]}, "/inputs/0/parameters: This is a list. Send an object."),
        ({"inputs": [tensor(parameters={"content_type": "np"})]}, "Send 'str' or 'base64'."),
        ({"inputs": [tensor(["R29vZA=", "%"], parameters={"content_type": "base64"})]}, "Number 0 is no base64"),
        ({"inputs": [tensor(["R29v", "好"], parameters={"content_type": "base64"})]}, "Number 1 is no base64"),
        ({"inputs": [tensor(["R29v", "/w=="], parameters={"content_type": "base64"})]}, "Number 1 is base64, but not"),
        ({"inputs": [tensor(["", "IA=="], parameters={"content_type": "base64"})]}, "/inputs/0/data/0: The text is"),
        ({"inputs": [tensor()], "outputs": [{"name": "logits"}]}, "/outputs/0/name: There is no output of this name"),
        (
            {"inputs": [tensor()], "outputs": [{"name": "label"}] * 10},
            "/outputs: There are 10 outputs. Send at most 9.",
        ),
        ({"inputs": [tensor()], "outputs": {}}, "/outputs: "),
        ({"inputs": [tensor()], "id": 42}, "/id: This is a number. Send a string."),
        ({"inputs": [tensor()], "id": "\ud800"}, "/id: The id holds half a surrogate pair"),
    ],
)
def test_what_is_not_of_the_protocol_is_400_and_told_where(infer, body, said):
    status, answer = infer(body)
    assert status == 400
    assert list(answer) == ["error"]
    assert said in answer["error"]


@pytest.mark.parametrize("path", ["x", "{name}/versions/1", "x/versions/{version}"])
@pytest.mark.parametrize("rest", ["", "/ready", "/infer"])
def test_another_model_or_version_is_404(client, predictor, path, rest):
    path = path.format(name=predictor.name, version=predictor.version)
    method = "POST" if rest == "/infer" else "GET"
    answer = client.open(f"/v2/models/{path}{rest}", method=method, json={"inputs": [tensor()]})
    assert answer.status_code == 404
    assert predictor.name in answer.json["error"]


def test_the_version_that_serves_is_answered(client, predictor):
    path = f"/v2/models/{predictor.name}/versions/{predictor.version}"
    assert client.get(path).json["versions"] == [predictor.version]
    assert client.get(f"{path}/ready").json == {"name": predictor.name, "ready": True}
    assert client.post(f"{path}/infer", json={"inputs": [tensor()]}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/v2/nothing", {}, 404),
        ("GET", "/v2//", {}, 404),
        ("POST", "/v2/health/live", {}, 405),
        ("POST", "/v2/models/{name}/infer", {"data": "{", "content_type": "application/json"}, 400),
        ("POST", "/v2/models/{name}/infer", {"data": "{}", "content_type": "text/plain"}, 415),
        ("POST", "/v2/models/{name}/infer", {"data": b" " * 1_048_577}, 413),
    ],
)
def test_every_error_under_v2_is_of_its_form_with_a_request_id(client, predictor, method, path, options, status):
    headers = {"X-Request-Id": "order-7"}
    answer = client.open(path.format(name=predictor.name), method=method, headers=headers, **options)
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert list(answer.json) == ["error"]
    assert answer.headers["X-Request-Id"] == "order-7"
    assert ("Allow" in answer.headers) == (status == 405)


def test_a_path_that_only_begins_like_it_is_not_under_v2(client):
    assert client.get("/v2x").content_type == "application/problem+json"


def test_a_content_type_may_be_missing(client, predictor):
    data = json.dumps({"inputs": [tensor()]})
    assert client.post(f"/v2/models/{predictor.name}/infer", data=data).status_code == 200
    assert client.post("/predict", data='{"text": "good"}').status_code == 415


def test_the_binary_extension_is_refused(infer):
    status, answer = infer({"inputs": [tensor()]}, headers={"Inference-Header-Content-Length": "10"})
    assert status == 400
    assert "binary_data=False" in answer["error"]


def test_while_the_model_is_loaded_it_lives_and_is_not_ready():
    client = create_app(Settings()).test_client()
    assert client.get("/v2/health/live").json == {"live": True}
    for answer in (
        client.get("/v2/health/ready"),
        client.get("/v2/models/default/ready"),
        client.post("/v2/models/default/infer", json={"inputs": [tensor()]}),
    ):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "2"
        assert "being loaded" in answer.json["error"]


@pytest.mark.parametrize(("status", "given"), [(429, {"queue_ms": 1}), (504, {"deadline_ms": 10})])
def test_a_full_queue_and_a_deadline_keep_their_status(slow_predictor, status, given):
    settings = Settings(**given)
    slot = ModelSlot(slow_predictor, settings)
    waiting = gevent.spawn(slot.predict, ["good"] * 300)
    gevent.sleep(0.01)
    client = create_app(settings, slot).test_client()
    answer = client.post(f"/v2/models/{slow_predictor.name}/infer", json={"inputs": [tensor(["good"] * 128)]})
    waiting.kill()
    assert answer.status_code == status
    assert list(answer.json) == ["error"]
    assert ("Retry-After" in answer.headers) == (status == 429)


def test_a_stuck_network_is_not_alive(slow_predictor):
    settings = Settings(stuck_seconds=1)
    slot = ModelSlot(slow_predictor, settings)
    client = create_app(settings, slot).test_client()
    slow_predictor.seconds = 1.5
    waiting = gevent.spawn(slot.predict, ["good"])
    gevent.sleep(0.05)
    assert client.get("/v2/health/live").status_code == 200
    gevent.sleep(1.2)
    answer = client.get("/v2/health/live")
    assert (answer.status_code, list(answer.json)) == (503, ["error"])
    waiting.join()
    assert client.get("/v2/health/live").status_code == 200


def test_a_defect_shows_nothing_of_the_inside(broken_client):
    answer = broken_client.post("/v2/models/broken/infer", json={"inputs": [tensor(["the secret review"])]})
    assert answer.status_code == 500
    assert list(answer.json) == ["error"]
    assert "secret" not in answer.text


def test_limits_are_those_of_the_settings(predictor):
    client = create_app(Settings(max_texts=2, max_characters=3), ModelSlot(predictor)).test_client()
    path = f"/v2/models/{predictor.name}/infer"
    assert client.post(path, json={"inputs": [tensor(["abc", "abc"])]}).status_code == 200
    assert client.post(path, json={"inputs": [tensor(["a", "b", "c"])]}).status_code == 400
    assert client.post(path, json={"inputs": [tensor(["abcd"])]}).status_code == 400
    longer = base64.b64encode("好好好".encode()).decode()
    assert len(longer) > 3
    encoded = tensor([longer], parameters={"content_type": "base64"})
    assert client.post(path, json={"inputs": [encoded]}).status_code == 200
