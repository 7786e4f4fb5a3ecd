"""The OpenAPI document is valid, names every route, and the real answers are as it says."""

import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from service import __version__


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/openapi.json").json


def validator(document, schema):
    return Draft202012Validator(schema | {"components": document["components"]})


def path_of(rule):
    """A route's path as OpenAPI writes it."""
    return rule.rule.replace("<", "{").replace(">", "}")


def filled(path, predictor):
    """A path for this model."""
    return path.replace("{model}", predictor.name).replace("{version}", predictor.version)


def response_schema(document, path, method, status):
    content = document["paths"][path][method]["responses"][str(status)]["content"]
    ((content_type, body),) = content.items()
    return content_type, body["schema"]


def test_the_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == __version__
    validate(document)


def test_every_route_is_documented_and_every_path_exists(app, document):
    rules = [rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith("page.")]  # for people
    routes = {(path_of(rule), m.lower()) for rule in rules for m in rule.methods - {"HEAD", "OPTIONS"}}
    assert routes == {(path, method) for path, methods in document["paths"].items() for method in methods}


def test_limits_are_in_the_words_of_json_schema(document):
    for model, name, bounds in (("ExplainedText", "top_units", (0, 64)), ("Probabilities", "positive", (0, 1))):
        field = document["components"]["schemas"][model]["properties"][name]
        assert (field["minimum"], field["maximum"]) == bounds
    assert not re.findall(r'"(?:ge|le|gt|lt|min_length|max_length)":', json.dumps(document))


def test_every_operation_is_in_one_group_and_has_an_id_of_its_own(document):
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    ids = [one["operationId"] for one in operations]
    assert len(ids) == len(set(ids))
    groups = [tag["name"] for tag in document["tags"]]
    assert {tuple(one["tags"]) for one in operations} == {(name,) for name in groups}


def test_the_documented_examples_are_of_the_documented_form(document):
    for methods in document["paths"].values():
        for operation in methods.values():
            bodies = [body for answer in operation["responses"].values() for body in answer["content"].values()]
            bodies += operation.get("requestBody", {}).get("content", {}).values()
            for body in bodies:
                examples = [one["value"] for one in body.get("examples", {}).values()] or [body["example"]]
                for example in examples:
                    validator(document, body["schema"]).validate(example)


def test_the_documented_requests_are_answered(client, document, predictor):
    asked = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            (kind, body), *_ = operation.get("requestBody", {}).get("content", {"": {"example": None}}).items()
            for example in body.get("examples", {"one": {"value": body.get("example")}}).values():
                value = example["value"]
                data = value if isinstance(value, str) else json.dumps(value)
                sent = {} if value is None else {"data": data, "content_type": kind}
                answer = client.open(filled(path, predictor), method=method, **sent)
                assert answer.status_code == 200, (path, answer.text)
                asked += bool(sent)
    assert asked >= 7


def test_every_answer_carries_the_documented_headers(client, document, predictor):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, sent in ((200, {}), (405, {"method": "DELETE"})):
                answer = client.open(filled(path, predictor), **({"method": method} | sent))
                if answer.status_code == status:
                    for name in operation["responses"][str(status)]["headers"]:
                        schema = document["components"]["headers"][name]["schema"]
                        Draft202012Validator(schema).validate(answer.headers[name])


TENSOR = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["good"]}
REQUESTS = [
    ("post", "/predict", {"json": {"text": "The flower is so beautiful"}}, 200),
    ("post", "/predict", {"json": {"texts": ["我喜欢数学", "Цветок очень красивый, мне нравится"]}}, 200),
    ("post", "/predict", {"data": "{", "content_type": "application/json"}, 400),
    ("post", "/predict", {"data": " " * 1_048_577, "content_type": "application/json"}, 413),
    ("post", "/predict", {"data": "a"}, 415),
    ("post", "/predict", {"json": {"texts": ["a", "", 3]}}, 422),
    ("post", "/explain", {"json": {"text": "i do not think the flower is beautiful"}}, 200),
    ("post", "/explain", {"json": {"text": "好", "target": "neutral", "spans": [[0, 1]], "top_units": 0}}, 200),
    ("post", "/explain", {"json": {"text": "good", "spans": [[7, 9]]}}, 422),
    ("get", "/livez", {}, 200),
    ("get", "/readyz", {}, 200),
    ("get", "/model", {}, 200),
    ("get", "/openapi.json", {}, 200),
    ("get", "/v2", {}, 200),
    ("get", "/v2/", {}, 200),
    ("get", "/v2/health/live", {}, 200),
    ("get", "/v2/health/ready", {}, 200),
    ("get", "/v2/models/{model}", {}, 200),
    ("get", "/v2/models/{model}/versions/1", {}, 404),
    ("get", "/v2/models/{model}/ready", {}, 200),
    ("get", "/v2/models/{model}/versions/{version}", {}, 200),
    ("get", "/v2/models/{model}/versions/{version}/ready", {}, 200),
    ("post", "/v2/models/{model}/infer", {"json": {"inputs": [TENSOR], "id": "a"}}, 200),
    ("post", "/v2/models/{model}/infer", {"json": {"inputs": []}}, 400),
    ("post", "/v2/models/{model}/infer", {"data": " " * 1_048_577}, 413),
    ("post", "/v2/models/{model}/infer", {"data": "a", "content_type": "text/plain"}, 415),
    ("put", "/v2/models/{model}/infer", {}, 405),
    ("post", "/v2/models/{model}/versions/{version}/infer", {"json": {"inputs": [TENSOR]}}, 200),
]


@pytest.mark.parametrize(("method", "path", "request_", "status"), REQUESTS)
def test_real_answers_are_of_the_documented_form(client, document, predictor, method, path, request_, status):
    answer = client.open(filled(path, predictor), method=method, **request_)
    assert answer.status_code == status
    path = path.replace("/1", "/{version}")
    method = method if method in document["paths"][path] else "post"
    content_type, schema = response_schema(document, path, method, status)
    assert answer.content_type == content_type
    validator(document, schema).validate(answer.json)
    for name in answer.json if path == "/predict" and "predictions" not in answer.json else ():
        model = "Prediction" if status == 200 else "ProblemDocument"
        assert name in document["components"]["schemas"][model]["properties"], f"{name} is not documented"


def test_what_the_schema_refuses_the_service_refuses(client, document):
    schema = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    check = validator(document, schema)
    bodies = [
        {"text": "a"},
        {"texts": ["a", "b"]},
        {"text": ""},
        {"text": " "},
        {"text": "a\0"},
        {"text": "x" * 20_001},
        {"texts": []},
        {"texts": ["a"] * 129},
        {"texts": [""]},
        {"text": "a", "texts": ["a"]},
        {"text": "a", "b": 1},
        {},
        [],
        {"text": 1},
        {"text": " a\n"},
    ]
    for body in bodies:
        answered = client.post("/predict", data=json.dumps(body), content_type="application/json").status_code == 200
        assert answered == check.is_valid(body), body


def test_the_schema_counts_the_same_characters_as_blank_as_the_service(document):
    pattern = re.compile(document["components"]["schemas"]["OneText"]["properties"]["text"]["pattern"])
    for place in [*range(0xD800), *range(0xE000, 0x11000)]:
        assert bool(pattern.search(chr(place))) == (not chr(place).isspace() and place > 0), hex(place)


def test_every_status_that_predict_can_answer_is_documented(document):
    statuses = set(document["paths"]["/predict"]["post"]["responses"])
    assert statuses == {"200", "400", "405", "408", "413", "415", "422", "429", "500", "503", "504"}
