"""With keys set, the OpenAPI document says which operations need one, and is right."""

import pytest
from openapi_spec_validator import validate

from service.app import create_app
from service.authentication import OPEN
from service.settings import Settings


@pytest.fixture(scope="module")
def document():
    return create_app(Settings(api_keys="first-key-0123456789")).test_client().get("/openapi.json").json


def test_it_is_valid_openapi(document):
    validate(document)


def test_the_operations_that_need_no_key_are_the_open_ones(document):
    free = {path for path, item in document["paths"].items() for one in item.values() if one.get("security") == []}
    assert free == OPEN & set(document["paths"])
    assert document["security"] == [{"bearer": []}, {"header": []}]


@pytest.mark.parametrize("path", ["/predict", "/v2/models/{model}/infer"])
def test_the_401_is_answered_as_documented(document, path):
    client = create_app(Settings(api_keys="first-key-0123456789")).test_client()
    documented = document["paths"][path]["post"]["responses"]["401"]
    ((content_type, body),) = documented["content"].items()
    answer = client.post(path)
    assert (answer.status_code, answer.content_type) == (401, content_type)
    own = {"request_id": "", "instance": ""}
    assert answer.json | own == body["example"] | own
    assert set(documented["headers"]) <= set(answer.headers.keys())


def test_without_keys_it_speaks_of_none(client):
    document = client.get("/openapi.json").json
    assert "security" not in document
    assert "securitySchemes" not in document["components"]
