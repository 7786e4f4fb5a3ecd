"""What every request gets, whatever answers it: an id and one line in the log.

The line names the route, never the path, the query or the body: those could hold a review.
"""

import logging
import re
import time
import uuid
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from service import metrics
from service.body import discard_rest

HEADER = "X-Request-Id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_QUIET = frozenset(  # asked every few seconds, by machines
    ("/livez", "/readyz", "/metrics", "/v2/health/live", "/v2/health/ready")
)
log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Give every request of `app` its id and log line."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """Return the id of the request at hand: the client's X-Request-Id where well formed, else a new one."""
    if not has_request_context():
        return "-"
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)


def note(**fields: Any) -> None:
    """Add fields to the log line of the request at hand: numbers, and words from closed sets."""
    g.setdefault("noted", {}).update(fields)


def _begin() -> None:
    g.started = time.perf_counter()
    if log.isEnabledFor(logging.DEBUG):  # the address is personal data: not in the log of every day
        log.debug("client", {"client": request.remote_addr})
    metrics.request_begun()


def _end(response: Response) -> Response:
    asked = request._get_current_object()  # type: ignore[attr-defined] # the proxy is gone when the answer is sent
    own_id, started, noted = request_id(), g.started, g.setdefault("noted", {})
    route = request.url_rule.rule if request.url_rule else "-"
    method = request.method if request.method in _METHODS else "other"

    def done() -> None:
        seconds = time.perf_counter() - started
        metrics.request_done(route, method, response.status_code, seconds)
        level = logging.DEBUG if route in _QUIET else logging.INFO
        if log.isEnabledFor(level):
            line = {"request_id": own_id, "method": method, "route": route, "status": response.status_code}
            log.log(level, "request", line | {"ms": round(1000 * seconds, 2)} | noted)

    response.headers[HEADER] = own_id
    if response.is_streamed:
        response.call_on_close(done)
    else:
        done()
    response.call_on_close(lambda: discard_rest(asked))
    return response
