"""The answer to what never gets to the application: no HTTP, or more of it than the server takes."""

import json
import socket
import uuid
from contextlib import suppress

import gevent
from gunicorn.http import errors
from werkzeug.http import HTTP_STATUS_CODES

from service.problems import CONTENT_TYPE
from service.security_headers import HEADERS

LINGER = 2.0
"""Seconds for which what the client still sends is read: closing with bytes unread can take the answer back."""

_MAX_UNREAD = 8 * 1024 * 1024
_WHAT = {
    errors.LimitRequestLine: (414, "The request line is too long. Send less in the address."),
    errors.LimitRequestHeaders: (431, "There are too many headers, or one is too long. Send fewer or shorter ones."),
    errors.ExpectationFailed: (417, "The Expect header asks for what is not supported. Leave it out."),
}
_ELSE = (
    400,
    "This is not HTTP as RFC 9112 defines it. Check the request line, the headers and the length of the body.",
)


def answer_to(error: errors.ParseException) -> tuple[int, bytes]:
    """Return the status and the whole answer, a problem document; nothing that the client sent is in it."""
    status, detail = next((found for kind, found in _WHAT.items() if isinstance(error, kind)), _ELSE)
    request_id = uuid.uuid4().hex
    title = HTTP_STATUS_CODES[status]
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, "request_id": request_id}
    body = json.dumps(document).encode()
    headers = HEADERS | {
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "X-Request-Id": request_id,
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {status} {title}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return status, "\r\n".join(lines).encode() + body


def send_last(client: socket.socket, answer: bytes) -> None:
    """Send the last answer of a connection in such a way that the client gets it; then it can be closed."""
    with suppress(OSError), gevent.Timeout(LINGER, TimeoutError()):
        client.sendall(answer)
        client.shutdown(socket.SHUT_WR)
        left = _MAX_UNREAD
        while left > 0 and (arrived := client.recv(65536)):
            left -= len(arrived)
