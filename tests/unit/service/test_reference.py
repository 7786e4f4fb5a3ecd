"""The page at /docs shows all of the OpenAPI document, and its links lead somewhere."""

import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import reference
from service.app import create_app
from service.settings import Settings


@pytest.fixture(scope="module")
def client():
    return create_app(Settings()).test_client()


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json


@pytest.fixture(scope="module")
def page(client):
    return client.get("/docs").text


def test_every_operation_and_every_schema_has_its_place(document, page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    operations = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    assert operations | set(document["components"]["schemas"]) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page


def test_every_field_of_every_schema_is_shown_with_its_meaning(document, page):
    for name, schema in document["components"]["schemas"].items():
        shown = html.unescape(page[page.index(f'<article id="{name}">') :].partition("</article>")[0])
        for field, one in schema["properties"].items():
            assert f"<code>{field}</code>" in shown
            assert one.get("description", "") in shown


def test_the_examples_are_those_of_the_document(document, page):
    shown = [html.unescape(one) for one in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)]
    for methods in document["paths"].values():
        for operation in methods.values():
            sent, answered = operation.get("requestBody", {"content": {}}), operation["responses"]["200"]
            for body in [*sent["content"].values(), *answered["content"].values()]:
                for example in reference.examples(body):
                    assert reference.pretty(example) in shown


def test_links_are_relative_so_that_a_prefix_may_stand_before_them(page):
    for link in re.findall(r'(?:href|src)="([^"]*)"', page):
        assert re.match(r"#|\./$|page/|openapi\.json$", link), link


def test_it_holds_no_script_no_style_of_its_own_and_nothing_from_elsewhere(page):
    assert not re.findall(r"<script|<style|\sstyle=|\son[a-z]+=|https?://", page)


def test_keys_are_spoken_of_where_they_are_asked_for(page):
    keyed = create_app(Settings(api_keys="first-key-0123456789")).test_client().get("/docs").text
    assert "X-API-Key: KEY" in keyed
    assert "Bearer KEY" in keyed
    assert "No key is needed" in keyed
    assert "first-key" not in keyed
    assert "API key" not in page


def test_no_text_of_the_document_becomes_markup(document):
    assert "<script>" not in reference.render(document | {"info": document["info"] | {"title": "<script>"}})


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string"}, "string"),
        ({}, "anything"),
        ({"type": "integer"}, "whole number"),
        ({"const": "text", "type": "string"}, '"text"'),
        ({"enum": ["a", "b", "c"], "type": "string"}, '"a", "b" or "c"'),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Unit"}}, "list of Unit"),
        ({"type": "array", "items": False}, "list"),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "number or null"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object, each number"),
    ],
)
def test_a_kind_in_words(schema, said):
    assert "".join(text for text, _ in reference.kind(schema)) == said


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({}, ""),
        ({"minLength": 1, "maxLength": 20_000}, "1 to 20,000 characters"),
        ({"minItems": 2, "maxItems": 2}, "2 items"),
        ({"minimum": 0}, "at least 0"),
        ({"maximum": 1, "default": 1}, "at most 1, default 1"),
        ({"maxItems": 8, "items": {"minimum": 0}, "default": []}, "at most 8 items, each at least 0, default []"),
    ],
)
def test_limits_in_words(schema, said):
    assert reference.limits(schema) == said


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=40,
)


@given(st.dictionaries(st.text(), values))
def test_an_example_is_still_the_same_json(value):
    assert json.loads(reference.pretty(value)) == value
