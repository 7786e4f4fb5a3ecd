"""Lines of a body that is still being sent: what is there is taken at once, and no more is read than has room."""

import gevent
import pytest
from flask import Request
from gevent.queue import Queue
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.unreader import IterUnreader
from werkzeug.exceptions import BadRequest, RequestTimeout
from werkzeug.test import EnvironBuilder

from service import arriving
from service.arriving import ArrivingLines
from service.body import FAILED
from service.lines import Line

LIMIT = 1000


class Sender:
    """What a client sends, when it sends it; the server's own readers take it."""

    def __init__(self, length=None):
        self.sent = Queue()
        self.taken = 0
        unreader = IterUnreader(self._arrive())
        self.body = Body(ChunkedReader(self, unreader) if length is None else LengthReader(unreader, length))
        environ = EnvironBuilder(method="POST").get_environ() | {"wsgi.input": self.body}
        self.request = Request(environ)

    def chunk(self, data):
        self.sent.put(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self):
        self.sent.put(b"0\r\n\r\n")

    def _arrive(self):
        while True:
            piece = self.sent.get()
            self.taken += len(piece)
            yield piece


def nothing():
    pass


def test_a_line_is_there_as_soon_as_it_has_ended():
    sender = Sender()
    lines = ArrivingLines(sender.request, LIMIT)
    sender.chunk(b"a\nb")
    assert lines.take(9, nothing) == [Line(1, b"a")]
    sender.chunk(b"\nc\n")
    assert lines.take(9, nothing) == [Line(2, b"b"), Line(3, b"c")]
    sender.chunk(b"d")
    sender.end()
    assert lines.take(9, nothing) == [Line(4, b"d")]
    assert lines.take(9, nothing) == []
    lines.close()
    assert FAILED not in sender.request.environ
    assert not sender.body.failed


def test_a_body_with_a_length_ends_there_and_leaves_the_next_request_alone():
    sender = Sender(length=3)
    lines = ArrivingLines(sender.request, LIMIT)
    sender.sent.put(b"a\n")
    assert lines.take(9, nothing) == [Line(1, b"a")]
    sender.sent.put(b"bPOST / HTTP/1.1")
    assert lines.take(9, nothing) == [Line(2, b"b")]
    assert lines.take(9, nothing) == []
    lines.close()
    assert sender.body.reader.unreader.take_buffered() == b"POST / HTTP/1.1"


def test_no_more_is_read_than_a_window_ahead():
    sender = Sender()
    lines = ArrivingLines(sender.request, LIMIT)
    for _ in range(100):
        sender.chunk(b"x" * 99 + b"\n")
    gevent.sleep(0.05)
    assert sender.taken < LIMIT + 300
    taken = []
    while len(taken) < 100:
        taken += lines.take(4, nothing)
        assert sender.taken < LIMIT + 300 + 105 * len(taken)
    assert [line.number for line in taken] == list(range(1, 101))
    sender.end()
    assert lines.take(4, nothing) == []
    lines.close()


def test_other_greenlets_have_their_turn_while_many_pieces_come():
    sender = Sender()
    turns = []
    other = gevent.spawn(lambda: [turns.append(gevent.sleep(0)) for _ in range(20)])
    for _ in range(5_000):
        sender.chunk(b"x")
    lines = ArrivingLines(sender.request, LIMIT)
    sender.end()
    assert lines.take(9, nothing) == [Line(1, None)]
    assert len(turns) == 20
    other.join()
    lines.close()


def test_malformed_chunks_end_it():
    sender = Sender()
    lines = ArrivingLines(sender.request, LIMIT)
    sender.sent.put(b"zz\r\n")
    with pytest.raises(BadRequest, match="malformed"):
        lines.take(9, nothing)
    lines.close()
    assert sender.body.failed


@pytest.mark.parametrize("length", [None, 100])
def test_a_client_that_left_ends_it(length):
    sender = Sender(length)
    lines = ArrivingLines(sender.request, LIMIT)
    sender.sent.put(b"5\r\na\nb")
    sender.sent.put(b"")
    gevent.sleep(0.01)
    with pytest.raises(BadRequest, match="ended before"):
        lines.take(9, nothing)
    lines.close()
    assert sender.body.failed


def test_a_client_that_ends_no_line_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(arriving, "IDLE", 0.2)
    monkeypatch.setattr(arriving, "LINGER", 0.05)
    monkeypatch.setattr(arriving, "_LOOK", 0.02)
    sender = Sender()
    lines = ArrivingLines(sender.request, LIMIT)

    def drip():
        while True:
            sender.chunk(b"x")
            gevent.sleep(0.01)

    dripping = gevent.spawn(drip)
    with pytest.raises(RequestTimeout, match="No line ended"):
        lines.take(9, nothing)
    dripping.kill()
    lines.close()
    assert sender.body.failed
    assert sender.request.environ[FAILED]


def test_who_waits_can_be_stopped():
    sender = Sender()
    lines = ArrivingLines(sender.request, LIMIT)

    def stop():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lines.take(9, stop)
    sender.end()
    lines.close()


def test_what_is_left_is_dropped_so_that_the_client_comes_to_its_end():
    sender = Sender()
    lines = ArrivingLines(sender.request, LIMIT)
    for _ in range(1000):
        sender.chunk(b"x" * 99 + b"\n")
    sender.end()
    lines.take(4, nothing)
    lines.close()
    assert sender.sent.empty()
    assert not sender.body.failed
