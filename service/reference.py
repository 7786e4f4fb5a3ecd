"""The OpenAPI document as a page to read, made once and without a script.

A vendored viewer was the other way: Swagger UI is 2.5 MB more in the image, and needs styles inline that the content
security policy would have to allow.
"""

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.openapi_parts import SCHEMA, Document

_FILE = Path(__file__).with_suffix(".html")
_WIDTH = 84  # columns of an example
_NAMES = {"integer": "whole number", "boolean": "true or false"}
_RANGES = (("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items"), ("minimum", "maximum", ""))
_REFERENCE = SCHEMA.format(model="")

Part = tuple[str, str | None]


def render(document: Document) -> str:
    """Return the page.

    Parameters:
        document: the OpenAPI document; each operation has a summary and one of the tags, each content an example.
    """
    environment = Environment(
        loader=FileSystemLoader(_FILE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"examples": examples, "kind": kind, "limits": limits, "pretty": pretty}
    return environment.get_template(_FILE.name).render(document=document)


def examples(body: Document) -> list[Any]:
    """Return the examples of a content, which has one or several."""
    return [one["value"] for one in body["examples"].values()] if "examples" in body else [body["example"]]


def kind(schema: Any) -> list[Part]:
    """Return what a schema's values are, in words: parts of a phrase, and for the name of a schema that name again."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        return [(name, name)]
    if "enum" in schema or "const" in schema:
        values = [json.dumps(value) for value in schema.get("enum", [schema.get("const")])]
        return [(" or ".join([", ".join(values[:-1]), values[-1]] if values[1:] else values), None)]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            first, *others = schema[several]
            return kind(first) + [part for one in others for part in [(" or ", None), *kind(one)]]
    if "contentSchema" in schema:
        return [("lines, each ", None), *kind(schema["contentSchema"]["items"])]
    if schema.get("type") == "array":
        return [("list of ", None), *kind(schema["items"])] if schema.get("items") else [("list", None)]
    if isinstance(schema.get("additionalProperties"), dict):
        return [("object, each ", None), *kind(schema["additionalProperties"])]
    name = schema.get("type", "anything")
    return [(_NAMES.get(name, name), None)]


def limits(schema: Any) -> str:
    """Return what bounds a schema's values, and the default, in words; often nothing."""
    said = []
    for least, most, unit in _RANGES:
        low, high = schema.get(least), schema.get(most)
        if low is not None and high is not None:
            said.append(f"{low:,}{unit}" if low == high else f"{low:,} to {high:,}{unit}")
        elif low is not None:
            said.append(f"at least {low:,}{unit}")
        elif high is not None:
            said.append(f"at most {high:,}{unit}")
    each = limits(schema["items"]) if schema.get("items") else ""
    if each:
        said.append(f"each {each}")
    if schema.get("default") is not None:
        said.append(f"default {json.dumps(schema['default'])}")
    return ", ".join(said)


def pretty(value: Any, indent: int = 0) -> str:
    """Return a value as JSON in which what fits into a line stands in one."""
    line = value if isinstance(value, str) and indent == 0 else json.dumps(value, ensure_ascii=False)
    if indent + len(line) <= _WIDTH or not isinstance(value, dict | list):
        return line
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(name)}: {pretty(one, indent + 2)}" for name, one in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{' ' * indent}}}"
    return "[\n" + ",\n".join(inner + pretty(one, indent + 2) for one in value) + f"\n{' ' * indent}]"
