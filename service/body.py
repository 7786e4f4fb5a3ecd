"""The bytes of a request, within a limit, and the rest of them where they are not wanted.

Flask's own MAX_CONTENT_LENGTH is not used: a chunked body that is too large it cuts at the limit without a
word, and what it refuses it leaves on the connection, so that a client still sending sees a reset, not the answer.
"""

import time

import gevent
from flask import Request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, RequestTimeout

PATIENCE = 10.0
"""Seconds that a client may let pass without sending a byte of its body."""

TOTAL = 60.0
"""Seconds in which all of the body must come, what is thrown away of it included."""

MAX_DISCARD = 16 * 1024 * 1024
"""Bytes of an unwanted body that are read and thrown away. Past them the connection is closed."""

FAILED = "undertone.body_failed"
"""Key in the WSGI environment that says that nothing more can be read of the body."""

_STEP = 64 * 1024
_WHOLE = "undertone.body_whole"  # likewise: that all of it was read
_BEGUN = "undertone.body_begun"  # likewise: when the first of it was asked for


class _TooSlow(Exception):
    """TOTAL has passed."""


def read_bytes(request: Request, limit: int) -> bytes:
    """Read the whole body, with or without a Content-Length.

    Parameters:
        request: the request; its stream must end where the body does, as gunicorn's does.
        limit: most bytes that are accepted.

    Returns:
        The body, empty where there is none.

    Raises:
        RequestEntityTooLarge: longer than `limit`; noticed before reading where Content-Length says so.
        BadRequest: the body ends early or its chunks are malformed.
        RequestTimeout: the client stopped sending, or sends too slowly.
    """
    declared = request.content_length
    if declared is not None and declared > limit:
        raise _too_large(limit)
    most = limit + 1 if declared is None else declared
    body = bytearray()
    with _Reading(request):
        stream = request.stream
        while len(body) < most and (chunk := stream.read(min(_STEP, most - len(body)))):
            body += chunk
    if len(body) > limit:
        raise _too_large(limit)
    if declared is not None and len(body) < declared:
        raise BadRequest(f"The body ended after {len(body)} of {declared} bytes (Content-Length). Send all of it.")
    request.environ[_WHOLE] = True
    return bytes(body)


def discard_rest(request: Request) -> None:
    """Read what is left of the body, so that a client that sends first and reads then gets to the answer.

    Call it when the answer is sent: a client may also wait for that before it goes on.
    """
    environ = request.environ
    if FAILED in environ or _WHOLE in environ:
        return
    if not environ.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" not in environ:
        return  # there is none
    left = MAX_DISCARD
    try:
        with _Reading(request):
            while left > 0 and (chunk := request.stream.read(_STEP)):
                left -= len(chunk)
    except (BadRequest, RequestTimeout):
        return  # gunicorn closes a connection whose body could not be read


class _Reading:
    """Bounds the wait for the client where the server shows its socket; what goes wrong is an error of HTTP."""

    # Not a generator under contextmanager, which takes 5 µs of every request.
    __slots__ = ("_before", "_request", "_socket", "_timeout")

    def __init__(self, request: Request) -> None:
        self._request = request
        self._socket = request.environ.get("gunicorn.socket")

    def __enter__(self) -> None:
        if self._socket is not None:
            now = time.monotonic()
            left = TOTAL - (now - self._request.environ.setdefault(_BEGUN, now))
            self._before = self._socket.gettimeout()
            self._socket.settimeout(PATIENCE)  # alone it would begin anew with each byte
            self._timeout = gevent.Timeout.start_new(max(left, 0.001), _TooSlow())

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._socket is not None:
            self._timeout.close()
            self._socket.settimeout(self._before)
        if error is not None and (failure := _failure(error)):
            self._request.environ[FAILED] = True
            raise failure from None


def _failure(error: BaseException) -> HTTPException | None:
    if isinstance(error, _TooSlow):
        return RequestTimeout(f"The body took longer than {TOTAL:.0f} seconds. Send it faster, or less of it.")
    if isinstance(error, TimeoutError):
        return RequestTimeout(f"No byte of the body came for {PATIENCE:.0f} seconds. Send it without a pause.")
    if isinstance(error, OSError):
        return BadRequest("The connection ended before the body did. Send all of it.")
    if isinstance(error, ParseException):
        return BadRequest("The chunks of the body are malformed (RFC 9112, section 7.1). Send them anew.")
    return None


def _too_large(limit: int) -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"The body is longer than {limit:,} bytes. Send fewer or shorter texts a request.")
