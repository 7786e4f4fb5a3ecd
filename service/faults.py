"""What a request model refused, in the words of this API: where, what, and what to change."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from service.problems import Problem

MAX_FAULTS = 20
"""Faults that one answer lists."""

_TYPES = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
}


def faults_of(error: ValidationError | None, unknown: Sequence[str], known: Sequence[str]) -> Problem:
    """Return the 422 for a refused request, with the first MAX_FAULTS faults and the number of all.

    Parameters:
        error: what a model refused, None where it refused nothing.
        unknown: names of fields that the request must not have; at least one where `error` is None.
        known: names of those that it may have.
    """
    items = error.errors(include_url=False) if error else []
    count = len(items) + len(unknown)
    # No more are made than are told: a body of 1 MiB has room for 90,000 names.
    faults = [_fault(item) for item in items[:MAX_FAULTS]]
    faults += [_unknown(name, known) for name in unknown[: MAX_FAULTS - len(faults)]]
    first = faults[0]
    detail = f"{first['pointer']}: {first['detail']}" if first["pointer"] else first["detail"]
    if count > 1:
        detail += f" This is the first of {count} faults."
    return Problem(422, detail, faults)


def _unknown(name: str, known: Sequence[str]) -> dict[str, Any]:
    try:
        name.encode("utf-8")
        what = "This field is unknown. Leave it out"
    except UnicodeEncodeError:
        what = "This field is unknown, and its name holds half a surrogate pair, which has no UTF-8 form. Leave it out"
    return {
        "pointer": _pointer((name,)),
        "detail": f"{what}; {', '.join(known[:-1])} and {known[-1]} are the only ones.",
    }


def _fault(item: Any) -> dict[str, Any]:
    where: Sequence[str | int] = item["loc"]
    index = {"index": where[1]} if len(where) > 1 else {}
    return {"pointer": _pointer(where)} | index | {"detail": _what_to_change(item)}


def _pointer(where: Sequence[str | int]) -> str:
    pointer = "".join("/" + str(step)[:60].replace("~", "~0").replace("/", "~1") for step in where)
    return pointer.encode("utf-8", "backslashreplace").decode("utf-8")


def _what_to_change(item: Any) -> str:
    """Say it in the words of this API: pydantic's own know neither the field nor what to do."""
    kind, received, limits = item["type"], item["input"], item.get("ctx", {})
    if kind == "string_too_long":
        return f"The text has {len(received):,} characters. At most {limits['max_length']:,}: shorten it or split it."
    if kind in ("too_long", "too_short") and item["loc"][0] == "spans":
        if len(item["loc"]) > 1:
            return "A span is two numbers: where it starts and where it ends. Send those."
        return f"There are {len(received):,} spans. Send at most {limits['max_length']:,}."
    if kind in ("too_long", "too_short") and item["loc"][-1] == "inputs":
        return f"There are {len(received):,} inputs. Send one, named text."
    if kind == "too_long" and item["loc"][-1] == "outputs":
        return f"There are {len(received):,} outputs. Send at most {limits['max_length']}."
    if kind == "too_long":
        return f"There are {len(received):,} texts. At most {limits['max_length']:,}: send them in several requests."
    if kind == "too_short":
        return "The list is empty. Send at least one text."
    if kind == "string_type":
        return f"This is {json_type(received)}. Send a string."
    if kind == "list_type":
        what = "a list of strings, or one string as text" if item["loc"][0] == "texts" else "a list"
        return f"This is {json_type(received)}. Send {what}."
    if kind == "int_type":
        return f"This is {json_type(received)}. Send a whole number, of at most 15 digits."
    if kind in ("model_type", "dict_type"):
        return f"This is {json_type(received)}. Send an object."
    if kind == "missing":
        return "This field is missing. Send it."
    if kind == "literal_error":
        return f"This is none of the values that are known. Send {limits['expected']}."
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = f"least {limits['ge']:,}" if "ge" in limits else f"most {limits['le']:,}"
        return f"The number is {received:,}. Send at {limit}."
    if kind == "value_error":
        return sentence(limits["error"])
    return f"{item['msg']}."


def sentence(error: Exception) -> str:
    """Return an error's message as a sentence of its own."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def json_type(value: Any) -> str:
    """Return what a parsed JSON value is, in words."""
    return "null" if value is None else _TYPES[type(value)]
