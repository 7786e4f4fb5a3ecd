"""What every request gets, whatever answers it: an id, its numbers in the metrics and one line in the log.

The line names the route, never the path, the query or the body: those could hold a review. All this is around Flask
rather than in its hooks, where the same costs three times as much.
"""

import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, has_request_context, request

from service import metrics
from service.body import discard_rest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-Id"
_ID = "undertone.request_id"  # in the WSGI environment
_NOTED = "undertone.noted"  # likewise
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_QUIET = frozenset(("/livez", "/readyz", "/metrics"))  # asked every few seconds, by machines
log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Give every request of `app` its id and log line."""
    inside = app.wsgi_app

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = _Answer(environ, start_response)
        answer.ask(inside)
        return answer

    app.wsgi_app = answer  # type: ignore[method-assign]


def request_id() -> str:
    """Return the id of the request at hand: the client's X-Request-Id where well formed, else a new one."""
    return _id_of(request.environ) if has_request_context() else "-"


def note(**fields: Any) -> None:
    """Add fields to the log line of the request at hand, if there is one: numbers, and words from closed sets."""
    if has_request_context():
        noted().update(fields)


def noted() -> dict[str, Any]:
    """Return the fields that are added to the log line of the request at hand, for who learns them when it is gone."""
    fields: dict[str, Any] = request.environ.setdefault(_NOTED, {})
    return fields


class _Answer:
    """One answer on its way out: its bytes, what they took, and what is left of the request when they are sent."""

    def __init__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> None:
        self._started = time.perf_counter()
        self._environ, self._start_response = environ, start_response
        self._body: Iterable[bytes] = ()
        self._request: Request | None = None
        self._status = 500
        self._streamed = self._told = False

    def ask(self, app: "WSGIApplication") -> None:
        metrics.request_begun()
        try:
            self._body = app(self._environ, self._start)
        except BaseException:  # the server ends this worker, or the connection
            self._tell()
            raise
        if not self._streamed:
            self._tell()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Called by the server when all is sent, or can't be."""
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._tell()
            if self._request is not None:
                discard_rest(self._request)

    def _start(self, status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        self._status = int(status[:3])
        self._streamed = self._status == 200 and "Content-Length" not in dict(headers)
        self._request = self._environ.get("werkzeug.request")  # soon Flask takes it out
        headers.append((HEADER, _id_of(self._environ)))
        return self._start_response(status, headers, *more)

    def _tell(self) -> None:
        """Count the request and write its line: a streamed one when it ends, others before the client has them."""
        if self._told:
            return
        self._told = True
        seconds = time.perf_counter() - self._started
        environ = self._environ
        route = self._request.url_rule.rule if self._request and self._request.url_rule else "-"
        method = environ["REQUEST_METHOD"]
        if method not in _METHODS:
            method = "other"
        metrics.request_done(route, method, self._status, seconds)
        level = logging.DEBUG if route in _QUIET else logging.INFO
        if not log.isEnabledFor(level):
            return
        line = {"request_id": _id_of(environ), "method": method, "route": route, "status": self._status}
        line |= {"ms": round(1000 * seconds, 2)} | environ.get(_NOTED, {})
        if log.isEnabledFor(logging.DEBUG):  # the address is personal data: not in the log of every day
            line["client"] = environ.get("REMOTE_ADDR")
        log.log(level, "request", line)


def _id_of(environ: "WSGIEnvironment") -> str:
    known: str | None = environ.get(_ID)
    if known is None:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        known = environ[_ID] = given if _WELL_FORMED.fullmatch(given) else os.urandom(16).hex()
    return known
