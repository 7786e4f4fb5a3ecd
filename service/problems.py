"""Errors as RFC 9457 problem documents, and under /v2 as its protocol has them: every answer of 400 and above is made
here.

{"type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "…", "instance": "/predict",
 "request_id": "…", "errors": [{"pointer": "/texts/3", "index": 3, "detail": "…"}]}
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound

from service.request_log import request_id
from service.trace import trace

CONTENT_TYPE = "application/problem+json"
V2 = "/v2"
"""Where the Open Inference Protocol begins, in whose form errors are {"error": "…"}."""

log = logging.getLogger(__name__)


class Problem(HTTPException):
    """An error that is answered as a problem document.

    Parameters:
        status: HTTP status, 400 to 599.
        detail: what happened, what was received, what was expected, what to do. Never the text of a review.
        errors: for several faults in one request, one object each, with `pointer` and `detail`.
        headers: additional response headers, such as Retry-After.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = status
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Return the headers of werkzeug's own answer and those that were given."""
        return [*super().get_headers(*args, **kwargs), *self.headers.items()]


def register(app: Flask) -> None:
    """Make `app` answer every error, its own, Flask's and unexpected ones, as a problem document."""
    app.register_error_handler(HTTPException, render)
    app.register_error_handler(Exception, _render_unexpected)


def under_v2(path: str) -> bool:
    """Return whether errors at a path are answered in the form of the Open Inference Protocol."""
    return path == V2 or path.startswith(f"{V2}/")


def render(error: HTTPException) -> Response:
    """Return the answer that tells of an error, with the headers of the error itself (Allow, Retry-After)."""
    if under_v2(request.path):
        members, content_type = {"error": _detail(error)}, "application/json"
    else:
        members, content_type = document(error, request.root_path + request.path, request_id()), CONTENT_TYPE
    response = Response(json.dumps(members, ensure_ascii=False), error.code or 500, content_type=content_type)
    for name, value in error.get_response().headers.items():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def document(error: HTTPException, path: str, request_id: str) -> dict[str, Any]:
    """Return an error as the members of a problem document.

    Parameters:
        error: what happened.
        path: of the request, as its client sees it.
        request_id: of the request.
    """
    members = {
        "type": "about:blank",
        "title": error.name,
        "status": error.code or 500,
        "detail": _detail(error),
        "instance": quote(path),
        "request_id": request_id,
    }
    return members | {"errors": error.errors} if isinstance(error, Problem) and error.errors else members


def _render_unexpected(error: Exception) -> Response:
    """Answer 500 without internals; the place goes to the log, without the message, which could hold a review."""
    log.error("unexpected error", {"traceback": trace(error)})
    return render(InternalServerError())


def _detail(error: HTTPException) -> str:
    if isinstance(error, NotFound):
        return "There is nothing at this path. The paths are listed at /docs and in /openapi.json."
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
        return f"This path does not take {request.method}. Use {allowed}."
    if isinstance(error, InternalServerError):
        return (
            "Something went wrong in the service; your request was not at fault. Try again later, and report "
            "the request_id if it goes on."
        )
    return error.description or error.name
