"""Clients that send or read too slowly lose their connection, and nobody waits for them meanwhile."""

import json
import socket
import time
from contextlib import contextmanager

import pytest
from live_service import running

# A real gunicorn with the service's own configuration, its limits of time shortened.
CONFIGURATION = """
from service.gunicorn_conf import *
from service import body, worker

keepalive = 4
body.PATIENCE, body.TOTAL, worker.STALLED = 2.0, 4.0, 3.0
"""
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory, default_artifact):
    folder = tmp_path_factory.mktemp("service")
    (folder / "hasty.py").write_text(CONFIGURATION)
    command = ("-m", "gunicorn", "--config", folder / "hasty.py")
    with running(folder, default_artifact, command=command, WORKERS=1) as started:
        started.wait_ready()
        yield started


@contextmanager
def connected(server, count=1):
    opened = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(count)]
    try:
        yield opened
    finally:
        for one in opened:
            one.close()


def trickle(server, connections, byte, seconds):
    """Send a byte over each connection twice a second until all are closed; the longest that another client waited."""
    longest, open_still = 0.0, set(connections)
    for one in connections:
        one.setblocking(False)
    received = dict.fromkeys(connections, b"")
    end = time.monotonic() + seconds
    while open_still and time.monotonic() < end:
        for one in list(open_still):
            try:
                one.send(byte)
                received[one] += (arrived := one.recv(65536))
                if not arrived:
                    open_still.discard(one)
            except BlockingIOError:
                pass
            except OSError:
                open_still.discard(one)
        asked = time.monotonic()
        assert server.predict({"text": "good"})[0] == 200
        longest = max(longest, time.monotonic() - asked)
        time.sleep(0.5)
    return open_still, received.values(), longest


def test_headers_that_come_byte_by_byte(server):
    with connected(server, 50) as connections:
        for one in connections:
            one.sendall(HEAD + b"X-Slow: ")
        still_open, _, longest = trickle(server, connections, b"a", 15)
    assert not still_open
    assert longest < 2


def test_a_body_that_comes_byte_by_byte(server):
    with connected(server, 50) as connections:
        for one in connections:
            one.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        still_open, received, longest = trickle(server, connections, b" ", 15)
    assert not still_open
    assert longest < 2
    assert all(b"408" in one.split(b"\r\n")[0] for one in received if one)
    assert any(b"longer than 4 seconds" in one for one in received)


def test_a_chunked_body_whose_only_chunk_is_never_whole(server):
    with connected(server) as connections:
        connections[0].sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n")
        still_open, received, _ = trickle(server, connections, b" ", 15)
    assert not still_open
    assert all(b"408" in one.split(b"\r\n")[0] for one in received)


def test_an_unwanted_body_that_comes_byte_by_byte(server):
    with connected(server) as connections:
        connections[0].sendall(HEAD.replace(b"/predict", b"/nothing") + b"Content-Length: 1000\r\n\r\n")
        still_open, received, _ = trickle(server, connections, b" ", 15)
    assert not still_open
    assert all(b"404" in one.split(b"\r\n")[0] for one in received)


def test_an_answer_that_nobody_reads(server):
    body = json.dumps(
        {"text": "The room was clean and the bed was comfortable, but breakfast was awful. " * 30}
    ).encode()
    request = HEAD.replace(b"/predict", b"/explain") + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with small_window(server) as reader:
        reader.sendall(request * 20)  # megabytes of answers, which find no room
        started = time.monotonic()
        while "took nothing of an answer" not in server.log.read_text():
            asked = time.monotonic()
            assert server.predict({"text": "good"})[0] in (200, 429)  # explanations are much work
            assert time.monotonic() - asked < 3
            assert time.monotonic() - started < 40
            time.sleep(0.1)
    assert server.predict({"text": "good"})[0] == 200
    assert "Traceback" not in server.log.read_text()


@contextmanager
def small_window(server):
    """A connection whose system takes a few kilobytes that are not read, and no more."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", server.port))
        yield connection


def test_a_connection_that_is_kept_and_not_used(server):
    with connected(server) as (one,):
        one.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        started = time.monotonic()
        while one.recv(65536):
            pass
        assert 2 < time.monotonic() - started < 15
