"""A request body as JSON (RFC 8259), strictly: what two readers could understand differently is refused."""

import json
from typing import Any, NoReturn

from flask import Request

from service.body import read_bytes
from service.problems import Problem

_UTF8 = frozenset(("", "utf-8", "utf8", "us-ascii"))


class _Refused(ValueError):
    """Accepted by Python's reader, but not JSON, or ambiguous."""


def read_json(request: Request, limit: int, untyped: bool = False) -> Any:
    """Return the value that the body of `request` holds.

    Parameters:
        request: the request.
        limit: most bytes of body.
        untyped: accept a request without a content type too.

    Raises:
        Problem: 415 for another content type, charset or encoding; 400 for a body that is not UTF-8, not JSON,
            nested too deeply, or an object with the same name twice.
        HTTPException: 400, 408, 413, as service.body.read_bytes.
    """
    if not untyped or request.mimetype:
        check_type(request, "application/json")
    body = read_bytes(request, limit)
    if not body:
        raise Problem(400, 'The body is empty. Send a JSON object such as {"text": "…"}.')
    return parse(body, "body")


def parse(data: bytes, what: str) -> Any:
    """Return the value that `data` holds.

    Parameters:
        data: JSON in UTF-8.
        what: body or line, for the messages.

    Raises:
        Problem: 400, as `read_json`.
    """
    try:
        return _decoder.decode(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Problem(400, f"The {what} is not UTF-8: byte {error.start} can't be read. Send JSON in UTF-8.") from None
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if what == "body" else ""
        raise Problem(400, f"The {what} is not JSON: {error.msg}, at {line}column {error.colno}.") from None
    except _Refused as error:
        raise Problem(400, f"The {what} is not JSON: {error}.") from None
    except RecursionError:
        raise Problem(400, f'The {what} is nested too deeply. Send an object such as {{"text": "…"}}.') from None


def check_type(request: Request, expected: str) -> None:
    """Refuse a body that is not of the media type `expected`, in UTF-8, as it is.

    Raises:
        Problem: 415.
    """
    environ = request.environ
    if environ.get("CONTENT_TYPE") == expected and "HTTP_CONTENT_ENCODING" not in environ:
        return  # nothing to take apart
    received = request.mimetype
    if received != expected:
        shown = f"is {received[:80]!r}" if received else "is missing"
        raise Problem(415, f"The Content-Type {shown}. Send {expected}.")
    charset = request.mimetype_params.get("charset", "").lower()
    if charset not in _UTF8:
        raise Problem(415, f"The charset is {charset[:40]!r}. Send {expected} in UTF-8.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, "The body is compressed (Content-Encoding). Send it as it is.")


def _no_constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is no JSON number")


def _any_int(digits: str) -> int | float:
    """No number here is as long as that; reading one must not take quadratic time."""
    return int(digits) if len(digits) < 16 else float(digits)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Refused("an object holds the same name twice, and readers differ in which they take; send it once")
    return found


# Made once: json.loads makes one for every call that has hooks.
_decoder = json.JSONDecoder(parse_constant=_no_constant, parse_int=_any_int, object_pairs_hook=_no_twins)
