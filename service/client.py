"""Whether the client of a request is still there."""

from collections.abc import Callable
from select import POLLRDHUP

from flask import Request
from gevent.monkey import get_original

_poll = get_original("select", "poll")  # gevent's own waits; this only looks


def leaving(request: Request) -> Callable[[], bool]:
    """Return what tells whether the client of `request` has closed the connection, or its half of it.

    Where the server shows no socket, it is always False.
    """
    socket = request.environ.get("gunicorn.socket")
    if socket is None:
        return lambda: False

    def gone() -> bool:
        look = _poll()
        try:
            look.register(socket.fileno(), POLLRDHUP)
        except ValueError:  # closed on this side
            return True
        return bool(look.poll(0))

    return gone
