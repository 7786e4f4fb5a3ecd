"""What a client may send before the application sees it, and how many of them there may be."""

import json
import socket
import threading
import time

import pytest
from live_service import running

END = b"Host: x\r\nConnection: close\r\n\r\n"
PREDICT = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("service"), default_artifact, WORKERS=1) as started:
        started.wait_ready()
        yield started


def status(answer):
    """The status of an answer, which is a problem document where it is an error."""
    head, _, body = answer.partition(b"\r\n\r\n")
    found = int(head.split(b" ", 2)[1])
    if found >= 400:
        assert b"Content-Type: application/problem+json" in head
        assert json.loads(body)["status"] == found
    return found


@pytest.mark.parametrize(("length", "expected"), [(4000, 404), (4200, 414), (200_000, 414)])
def test_a_long_request_line_is_414(server, length, expected):
    assert status(server.raw(b"GET /" + b"a" * length + b" HTTP/1.1\r\n" + END)) == expected


@pytest.mark.parametrize(("count", "expected"), [(60, 200), (70, 431), (200, 431), (5000, 431)])
def test_many_headers_are_refused(server, count, expected):
    headers = b"".join(b"X-%d: a\r\n" % number for number in range(count))
    assert status(server.raw(b"GET /livez HTTP/1.1\r\n" + headers + END)) == expected


@pytest.mark.parametrize(("length", "expected"), [(8000, 200), (8300, 431), (2_000_000, 431)])
def test_a_long_header_is_431(server, length, expected):
    header = b"X-Long: " + b"a" * length + b"\r\n"
    assert status(server.raw(b"GET /livez HTTP/1.1\r\n" + header + END)) == expected


NO_HTTP = [
    (b"secret review as a request line\r\n\r\n", 400),
    (b"GET /livez HTTP/9.9\r\n" + END, 400),
    (b"GET /livez HTTP/1.1\r\nsecret\r\n" + END, 400),
    (b"GET /livez HTTP/1.1\r\nContent-Length: secret\r\n" + END, 400),
    (b"GET /livez HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n" + END, 400),
    (b"GET /livez HTTP/1.1\r\nTransfer-Encoding: secret\r\n" + END, 400),
    (b"GET /livez HTTP/1.1\r\nExpect: secret\r\n" + END, 417),
    (b"GET /secret" + b"a" * 5000 + b" HTTP/1.1\r\n" + END, 414),
    (b"GET /livez HTTP/1.1\r\nX-Long: secret" + b"a" * 9000 + b"\r\n" + END, 431),
]


@pytest.mark.parametrize(("data", "expected"), NO_HTTP, ids=range(len(NO_HTTP)))
def test_what_is_no_http_is_answered_without_a_word_of_it_in_answer_or_log(server, data, expected):
    answer = server.raw(data)
    assert status(answer) == expected
    assert b"secret" not in answer
    assert "secret" not in server.log.read_text()


def test_no_address_of_a_client_stands_in_the_log(server):
    server.raw(b"no HTTP\r\n\r\n")
    assert server.predict({"text": "good"})[0] == 200
    log = server.log.read_text()
    assert "is no HTTP" in log
    assert "127.0.0.1" not in log.partition('"address":"http://')[2].partition("\n")[2]


def test_the_server_does_not_tell_its_version(server):
    assert not any(character.isdigit() for character in server.ask("GET", "/livez")[1]["Server"])


def test_requests_sent_in_one_go_are_answered_in_their_order(server):
    bodies = [json.dumps({"text": f"{word} " * count}).encode() for count in (1, 3, 2) for word in ("good", "bad")]
    sent = b"".join(PREDICT + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies)
    received = server.raw(sent + b"GET /nothing HTTP/1.1\r\n" + END)
    answers = [json.loads(part.split(b"\r\n\r\n", 1)[1]) for part in received.split(b"HTTP/1.1 ")[1:]]
    assert [one.get("tokens") for one in answers] == [1, 1, 3, 3, 2, 2, None]
    assert [one.get("label") for one in answers[:2]] == ["positive", "negative"]


def test_hundreds_of_idle_connections_hold_nobody_up(server):
    idle = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(400)]
    started = time.monotonic()
    for _ in range(10):
        assert server.predict({"text": "good"})[0] == 200
    assert time.monotonic() - started < 10
    for one in idle:
        one.close()
    assert server.predict({"text": "good"})[0] == 200


FEW_FILES = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
runpy.run_module("service", run_name="__main__")
"""


def test_a_low_limit_of_open_files_is_raised_for_the_connections(tmp_path, default_artifact):
    with running(tmp_path, default_artifact, command=("-c", FEW_FILES), WORKERS=1) as server:
        server.wait_ready()
        idle = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(400)]
        time.sleep(1)
        assert server.predict({"text": "good"})[0] == 200
        for one in idle:
            one.close()
    assert "Too many open files" not in server.log.read_text()


def test_where_all_connections_are_taken_idle_ones_give_way(tmp_path, default_artifact):
    with running(tmp_path, default_artifact, WORKERS=1, CONNECTIONS=4) as server:
        server.wait_ready()
        idle = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(4)]
        began = time.monotonic()
        assert server.predict({"text": "good"})[0] == 200
        assert time.monotonic() - began < 10
        for one in idle:
            one.settimeout(5)
            assert one.recv(1) == b""
            one.close()


def test_where_all_connections_are_at_work_more_of_them_wait(tmp_path, default_artifact):
    with running(tmp_path, default_artifact, WORKERS=1, CONNECTIONS=4) as server:
        server.wait_ready()
        held = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(4)]
        for one in held:
            one.sendall(PREDICT + b"Content-Length: 16\r\n\r\n{")
        time.sleep(1)
        answered = []
        waiting = threading.Thread(target=lambda: answered.append(server.predict({"text": "good"})[0]))
        waiting.start()
        waiting.join(3)
        assert not answered
        held[0].sendall(b'"text": "good"}')
        assert b"200 OK" in held[0].recv(65536)
        held[0].close()
        waiting.join(20)
        assert answered == [200]
        for one in held:
            one.close()
