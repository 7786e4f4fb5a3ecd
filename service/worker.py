"""gunicorn's gevent worker, with connections that grow old, and an end that loses none of their requests.

A greenlet for each connection costs so much less than a thread that the same service answers a quarter more requests
(docs/architecture.md).
"""

import socket
import ssl
import time
from contextlib import suppress
from functools import partial
from select import POLLIN
from typing import Any

import gevent
from gevent.monkey import get_original
from gevent.pool import Pool
from gevent.server import StreamServer
from greenlet import greenlet
from gunicorn.http.errors import ParseException
from gunicorn.sock import ssl_context
from gunicorn.workers.ggevent import GeventWorker

from service.malformed import answer_to, send_last

MAX_AGE = 5.0
"""Seconds after which a connection is closed with its next answer. Clients that keep theirs for good would stay with
the worker that they found, and leave one that was started later without work."""

LINGER = 2.0
"""Seconds that a worker that ends still waits for a request on a connection kept alive."""

IDLE = 1.0
"""Seconds without a request after which a connection is closed where there is no room for others."""

HANDSHAKE = 10.0
"""Seconds that a TLS handshake may take."""

STALLED = 90.0
"""Seconds in which a client must take each piece of its answer; then its connection is cut. A socket has one time for
both ways, so this is longer than the client of a stream may pause."""

_HEARTBEAT = 0.5

_poll = get_original("select", "poll")


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """Each connection is a greenlet; one that waits for its next request is known, so that it can be closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._opened: dict[greenlet, tuple[socket.socket, float]] = {}
        self._waiting: dict[greenlet, float] = {}  # since when

    def init_process(self) -> None:
        """Begin; the configuration is laid out flat, where reading it costs a fifth: each request does 25 times."""
        self.cfg.__dict__.update({name: setting.get() for name, setting in self.cfg.settings.items()})
        super().init_process()

    def run(self) -> None:
        """Accept connections until told to end, then let each have its answer."""
        servers = [self._listen(listener) for listener in self.sockets]
        while self.alive:
            self.notify()
            if len(self._opened) >= self.worker_connections:
                self._close_waiting(IDLE)
            gevent.sleep(_HEARTBEAT)
        for server in servers:
            self._accept_the_rest(server)
            server.close()
        told = time.monotonic()
        while self._opened and time.monotonic() - told < self.cfg.graceful_timeout:
            self.notify()
            if time.monotonic() - told > LINGER:
                self._close_waiting(0.0)
            gevent.sleep(0.1)
        if self._opened:
            self.log.warning("%d connections were cut after %d seconds", len(self._opened), self.cfg.graceful_timeout)

    def handle(self, listener: socket.socket, client: socket.socket, address: Any) -> None:
        """Serve a connection from its first request to its last."""
        own = gevent.getcurrent()
        self._opened[own] = (client, time.monotonic())
        try:
            if not isinstance(client, ssl.SSLSocket) or self._shake_hands(client):
                super().handle(listener, client, address)
        finally:
            self._waiting.pop(own, None)
            del self._opened[own]

    def timeout_ctx(self) -> "_Wait":
        """Bound the time in which a request must come, and its headers be read."""
        return _Wait(self._waiting, self.cfg.keepalive)

    def handle_request(self, listener_name: Any, request: Any, client: socket.socket, address: Any) -> Any:
        """Serve one request; the last one of a connection that is old enough."""
        if time.monotonic() - self._opened[gevent.getcurrent()][1] > MAX_AGE:
            request.force_close()
        client.settimeout(STALLED)
        try:
            return super().handle_request(listener_name, request, client, address)
        except TimeoutError:
            self.log.info("a connection was cut: its client took nothing of an answer for %.0f seconds", STALLED)
            raise StopIteration from None  # tells gunicorn to close it
        finally:
            client.settimeout(None)

    def handle_error(self, request: Any, client: socket.socket, address: Any, error: BaseException) -> None:
        """Answer what is no HTTP with a problem document; neither the client's words nor its address go to the log."""
        if isinstance(error, ParseException):
            status, answer = answer_to(error)
            self.log.info("a request that is no HTTP, or too much of it, was answered %d", status)
            send_last(client, answer)
        elif isinstance(error, ssl.SSLError):
            self.log.debug("a TLS connection broke off: %s", error.reason)
        else:
            super().handle_error(request, client, address, error)

    def _shake_hands(self, client: ssl.SSLSocket) -> bool:
        try:
            with gevent.Timeout(HANDSHAKE, TimeoutError()):
                client.do_handshake()
        except OSError as error:  # ssl.SSLError too
            self.log.debug("no TLS handshake: %s", type(error).__name__)
            return False
        return True

    def _listen(self, listener: socket.socket) -> StreamServer:
        listener.setblocking(True)
        # In `handle` the handshake is bounded, and what goes wrong with it ends one connection quietly.
        tls = {"ssl_context": ssl_context(self.cfg), "do_handshake_on_connect": False} if self.cfg.is_ssl else {}
        pool = Pool(self.worker_connections)
        server = StreamServer(listener, handle=partial(self.handle, listener), spawn=pool, **tls)
        if self.cfg.workers > 1:
            server.max_accept = 1  # leaves the next one to the other workers
        server.start()
        return server

    def _accept_the_rest(self, server: StreamServer) -> None:
        """Connections that the system has already made would be reset. New ones may come without end: under load the
        socket is never empty while other workers listen to it."""
        told = time.monotonic()
        waiting = _poll()
        waiting.register(server.socket.fileno(), POLLIN)
        while waiting.poll(0) and not server.full() and time.monotonic() - told < LINGER:
            gevent.sleep(0.001)

    def _close_waiting(self, seconds: float) -> None:
        """Close the connections that have waited so long for a request, and have none on the way."""
        now = time.monotonic()
        for own, since in self._waiting.items():
            client, _ = self._opened[own]
            arrived = _poll()
            arrived.register(client.fileno(), POLLIN)
            if now - since >= seconds and not arrived.poll(0):
                with suppress(OSError):  # the client was quicker
                    client.shutdown(socket.SHUT_RDWR)


class _Wait:
    """A connection that waits for its next request, for so many seconds; past them gunicorn finds none."""

    # Not a generator under contextmanager, which takes 5 µs of every request.
    __slots__ = ("_own", "_timeout", "_waiting")

    def __init__(self, waiting: dict[greenlet, float], seconds: float) -> None:
        self._own, self._waiting = gevent.getcurrent(), waiting
        self._timeout = gevent.Timeout(seconds)

    def __enter__(self) -> None:
        self._waiting[self._own] = time.monotonic()
        self._timeout.start()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self._timeout.close()
        self._waiting.pop(self._own, None)
        return error is self._timeout
