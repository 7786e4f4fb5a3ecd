"""The lines of a body while it is still being sent: a greenlet reads them, a window ahead of who takes them."""

from collections.abc import Callable, Iterator
from time import monotonic

import gevent
from flask import Request
from gevent.event import Event
from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout

from service.body import FAILED
from service.lines import Line, Lines

IDLE = 60.0
"""Seconds that a client may let pass without ending a line, while none of its lines is being answered."""

LINGER = 2.0
"""Seconds for which the rest of a stream that was ended early is read and dropped, so that the client gets to read why:
closing a connection with bytes unread cuts off what was sent to it last."""

_LOOK = 0.5  # seconds between two looks whether the service is about to end
_STEP = 64 * 1024
_PIECES = 16  # after so many other requests have their turn
_TURN = 1e-6  # seconds: unlike a sleep of 0, it lets timers and sockets have theirs too


class ArrivingLines:
    """Reads the body of `request` in the background, as far as `limit` bytes ahead.

    Parameters:
        request: the request; nothing of its body may have been read.
        limit: longest line, bytes, and how far is read ahead.
    """

    def __init__(self, request: Request, limit: int) -> None:
        self._environ = request.environ
        self._lines = Lines(limit)
        self._news, self._room = Event(), Event()
        self._failure: HTTPException | None = None
        self._ended = self._unwanted = False
        self._reader = gevent.spawn(self._read, pieces(request))

    def take(self, most: int, stop: Callable[[], None]) -> list[Line]:
        """Wait for a line, and return those that are there.

        Parameters:
            most: how many at most, at least 1.
            stop: called now and then; what it raises ends the wait.

        Returns:
            The next lines, none at the end of the body.

        Raises:
            BadRequest: the body ended early or its chunks are malformed; lines not yet taken are dropped.
            RequestTimeout: no line came for IDLE seconds.
        """
        deadline = monotonic() + IDLE
        while True:
            stop()
            if self._failure is not None:
                raise self._failure
            if self._lines.waiting:
                taken = self._lines.take(most)
                self._room.set()
                return taken
            if self._ended:
                return []
            if monotonic() > deadline:
                raise _idle()
            self._news.clear()
            self._news.wait(_LOOK)

    def close(self) -> None:
        """Read no more than LINGER seconds of what is left. Call it when everything is sent."""
        self._unwanted = True
        self._room.set()
        self._reader.join(LINGER)
        if not self._ended:
            self._reader.kill()
            # Where the next request begins is unknown: gunicorn must close the connection, and nobody read on.
            self._environ[FAILED] = True
            self._environ["wsgi.input"].failed = True

    def _read(self, arriving: Iterator[bytes]) -> None:
        try:
            for count, piece in enumerate(arriving):
                while self._lines.full and not self._unwanted:
                    self._room.clear()
                    self._room.wait()
                if not self._unwanted:
                    self._lines.feed(piece)
                    self._news.set()
                if count % _PIECES == 0:
                    gevent.sleep(_TURN)
            self._ended = True
            self._lines.end()
        except TimeoutError:  # the server's own, longer than IDLE: the client waited for an answer meanwhile
            self._failure = _idle()
        except OSError:
            self._failure = BadRequest("The connection ended before the stream did. Send all of it.")
        except ParseException:
            self._failure = BadRequest("The chunks of the body are malformed (RFC 9112, section 7.1). Send them anew.")
        self._news.set()


def pieces(request: Request) -> Iterator[bytes]:
    """Yield the body as it arrives.

    gunicorn's Body.read(size) waits until there are `size` bytes, 1,024 at least: a client that sends one line and
    waits for its answer would wait for ever. What lies under it yields what one look at the socket has brought.

    Raises:
        OSError: the connection ended before the body.
        ParseException: malformed chunks.
    """
    reader = getattr(request.environ["wsgi.input"], "reader", None)
    if isinstance(reader, ChunkedReader):
        yield from reader.parser
    elif isinstance(reader, LengthReader):
        while reader.length:
            arrived = reader.unreader.read(None, read_ahead=reader.length)
            if not arrived:
                raise ConnectionError(f"{reader.length} bytes are missing")
            piece = arrived[: reader.length]
            reader.unreader.unread(arrived[reader.length :])
            reader.length -= len(piece)
            yield piece
    else:  # Flask's test client has the body whole
        while piece := request.stream.read(_STEP):
            yield piece


def _idle() -> RequestTimeout:
    return RequestTimeout(
        f"No line ended for {IDLE:.0f} seconds. Send the rest as a new stream; "
        "an empty line now and then keeps a stream open."
    )
