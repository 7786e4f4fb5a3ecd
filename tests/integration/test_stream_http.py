"""POST /predict/stream as clients meet it: a real gunicorn, a real nginx, a real curl, sockets that stall and break."""

import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from tests.integration.live_service import ROOT, running
from tests.integration.nginx import PREFIX, nginx_before
from tests.integration.stream_client import Stream, stream_to

TEXTS = ["The flower is so beautiful", "i do not think the flower is beautiful", "我喜欢数学", "我不喜欢数学"]
HEAD = b"POST /predict/stream HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
LINE = b'{"text": "good"}\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("stream"), default_artifact, WORKERS=1) as started:
        started.wait_ready()
        yield started


def requests_in(log):
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("route") == "/predict/stream"]


def wait_for(found, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.05)
    raise AssertionError("it did not come")


def worker_of(server):
    ready = [line for line in server.log.read_text().splitlines() if '"message":"ready"' in line]
    return json.loads(ready[-1])["pid"]


def memory_of(pid):
    """Resident memory in MB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def test_a_line_is_answered_before_the_next_is_sent(server):
    with stream_to(server.port) as stream:
        waits = []
        for number, text in enumerate(TEXTS * 5, 1):
            started = time.perf_counter()
            stream.say({"text": text, "id": number})
            answer = stream.next()
            waits.append(time.perf_counter() - started)
            assert (answer["line"], answer["id"]) == (number, number)
            assert answer["label"] == server.predict({"text": text})[1]["label"]
        stream.end()
        assert stream.next() == {"end": {"lines": 20, "predicted": 20, "failed": 0}}
        assert stream.next() is None
        assert sorted(waits)[10] < 0.25


def test_the_headers_come_before_the_first_line(server):
    with stream_to(server.port, timeout=10) as stream:
        assert stream.answer.status == 200
        stream.end()
        assert stream.next() == {"end": {"lines": 0, "predicted": 0, "failed": 0}}


def test_many_lines_are_answered_in_order_in_memory_that_does_not_grow(server):
    with stream_to(server.port) as stream:
        count, window = 20_000, 500
        lines = [
            json.dumps({"text": TEXTS[number % 4], "id": number}).encode() + b"\n" for number in range(1, count + 1)
        ]
        expected = [server.predict({"text": text})[1]["label"] for text in TEXTS]
        sender = stream.send_all(b"".join(lines[at : at + window]) for at in range(0, count, window))
        before = after = None
        for number in range(1, count + 1):
            answer = stream.next()
            assert (answer["line"], answer["id"], answer["label"]) == (number, number, expected[number % 4])
            if number == 5_000:
                before = memory_of(worker_of(server))
        after = memory_of(worker_of(server))
        assert stream.rest() == [{"end": {"lines": count, "predicted": count, "failed": 0}}]
        sender.join()
        assert after < before + 15


def test_who_does_not_read_is_not_read_from_and_holds_nobody_up(server):
    before = memory_of(worker_of(server))
    with stream_to(server.port, timeout=3) as stream:
        block = LINE * 4_000
        sent = 0
        with suppress(TimeoutError):
            while sent < 100_000_000:
                stream.send(block)
                sent += len(block)
        assert sent < 100_000_000
        assert server.predict({"text": "good"})[0] == 200
        assert memory_of(worker_of(server)) < before + 15
        stream.connection.close()


def test_a_client_that_leaves_ends_its_stream(server):
    count = len(requests_in(server.log))
    with stream_to(server.port) as stream:
        stream.send_all([LINE * 50_000])
        assert stream.next()["line"] == 1
        stream.connection.sock.shutdown(socket.SHUT_RDWR)
        stream.connection.close()
        line = wait_for(lambda: requests_in(server.log)[count:])[0]
        assert line["lines"] < 40_000
        assert line["end"] in ("client left", "400")


def test_after_a_whole_stream_the_connection_serves_the_next_request(server):
    with stream_to(server.port) as stream:
        stream.say({"text": "good"})
        stream.end()
        assert len(stream.rest()) == 2
        connection = stream.connection
        connection.request("POST", "/predict", b'{"text": "bad"}', {"Content-Type": "application/json"})
        assert json.loads(connection.getresponse().read())["label"] == "negative"
        again = Stream(connection)
        again.say({"text": "bad"})
        again.end()
        assert [one.get("label") for one in again.rest()] == ["negative", None]


def body_of(answer):
    """Undo the chunks of raw bytes."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b"chunked" not in head:
        return head, rest
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return head, body


def raw(server, data):
    """Return head and lines that come back for bytes as they are; the client goes on listening."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(data)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, body = body_of(answer)
    return head, [json.loads(line) for line in body.splitlines()]


def test_malformed_chunks_end_the_stream_with_the_reason_and_the_connection(server):
    head, (first, end) = raw(server, HEAD + b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + LINE + b"\r\n" + b"zz\r\n")
    assert b"200 OK" in head
    assert end["error"]["status"] == 400
    assert "chunks" in end["error"]["detail"]
    assert end["end"]["lines"] == first["line"] == 1


def test_http_1_0_is_answered_until_the_connection_ends(server):
    request = HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Content-Length: %d\r\n\r\n" % (3 * len(LINE)) + 3 * LINE
    head, lines = raw(server, request)
    assert b"chunked" not in head
    assert [one.get("line") for one in lines] == [1, 2, 3, None]


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 17\r\n\r\n")
        assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(LINE)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert body_of(answer)[1].count(b"\n") == 2


def test_a_pipelined_request_after_a_stream_is_answered(server):
    stream = HEAD + b"Content-Length: 17\r\n\r\n" + LINE
    answer = server.raw(stream + b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.endswith(b'{"status":"alive"}\n')


def check_with_curl(address, *options):
    """Send three lines one by one, each when the one before is answered, and then many at once."""
    command = ["curl", "-s", "--insecure", "--no-buffer", "--upload-file", ".", "--request", "POST", *options]
    command += ["-H", "Content-Type: application/x-ndjson", address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as curl:
        for number in (1, 2, 3):
            curl.stdin.write(LINE)
            curl.stdin.flush()
            assert json.loads(curl.stdout.readline())["line"] == number
        output, _ = curl.communicate(LINE * 70_000, timeout=120)
    *answers, end = [json.loads(line) for line in output.splitlines()]
    assert end == {"end": {"lines": 70_003, "predicted": 70_003, "failed": 0}}
    assert [one["line"] for one in answers] == list(range(4, 70_004))


def test_curl_reads_while_it_sends(server):
    check_with_curl(f"http://127.0.0.1:{server.port}/predict/stream")


def test_over_tls_lines_come_at_once_and_without_a_limit(tmp_path, default_artifact):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "tls.pem")
    context = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    files = {"TLS_CERT": tmp_path / "tls.pem", "TLS_KEY": tmp_path / "tls.pem"}
    with running(tmp_path, default_artifact, context, WORKERS=1, **files) as server:
        server.wait_ready()
        check_with_curl(f"https://127.0.0.1:{server.port}/predict/stream")


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_through_nginx_lines_come_at_once_and_without_a_limit(server, tmp_path, version):
    with nginx_before(server.port, tmp_path) as nginx:
        check_with_curl(f"https://localhost:{nginx.port}{PREFIX}/predict/stream", version)


def test_the_documented_client_works(server):
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?threading.*?)```", page, re.DOTALL)[1].replace("8000", str(server.port))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines() == ["1 positive", "2 negative", "None None"]


def test_other_requests_have_their_turn_beside_a_stream(server):
    with stream_to(server.port) as stream:
        stream.send_all([LINE * 50_000])
        assert stream.next()["line"] == 1
        reader = threading.Thread(target=lambda: stream.answer.read(10_000_000))
        reader.start()
        waits = []
        for _ in range(50):
            started = time.perf_counter()
            assert server.predict({"text": "good"})[0] == 200
            waits.append(time.perf_counter() - started)
        assert reader.is_alive()
        reader.join()
        assert sorted(waits)[25] < 0.25


@pytest.mark.parametrize("busy", [True, False])
def test_on_sigterm_a_stream_ends_with_the_reason_and_says_how_far_it_came(tmp_path, default_artifact, busy):
    with running(tmp_path, default_artifact, WORKERS=1) as server:
        server.wait_ready()
        with stream_to(server.port) as stream:
            if busy:
                stream.send_all([LINE * 1_000] * 500)
            else:
                stream.send(LINE)
            assert stream.next()["line"] == 1
            server.process.terminate()
            *answers, end = [{"line": 1}, *stream.rest()]
            assert [one["line"] for one in answers] == list(range(1, len(answers) + 1))
            assert end["end"] == {"lines": len(answers), "predicted": len(answers), "failed": 0}
            assert end["error"]["status"] == 503
            assert len(answers) < 500_000
            assert server.process.wait(20) == 0


HASTY = """
import sys, service.arriving, service.worker
service.arriving.IDLE, service.worker.STALLED = 1.5, 2.5
sys.argv = ["gunicorn", "--config", "python:service.gunicorn_conf"]
from gunicorn.app.wsgiapp import run
run()
"""


def test_who_neither_sends_nor_takes_is_not_waited_for(tmp_path, default_artifact):
    with running(tmp_path, default_artifact, command=("-c", HASTY), WORKERS=1) as server:
        server.wait_ready()
        with stream_to(server.port) as stream:
            stream.send(LINE + b'{"text": "no end')
            assert stream.next()["line"] == 1
            end = stream.next()
            assert (end["end"]["lines"], end["error"]["status"]) == (1, 408)
            assert stream.next() is None
        with stream_to(server.port) as stream:
            stream.send(LINE)
            for _ in range(4):
                time.sleep(0.7)
                stream.send(b"\n")
            stream.end()
            assert stream.rest()[-1] == {"end": {"lines": 5, "predicted": 1, "failed": 0}}
        with stream_to(server.port) as stream:
            with suppress(OSError):  # where the server does not read the rest in the time that it takes for that
                stream.send(LINE * 6_000_000)
            line = wait_for(lambda: requests_in(server.log)[2:])[0]
            assert line["end"] == "client left"
            assert "took nothing of an answer" in server.log.read_text()
            lines = []
            with suppress(OSError, http.client.HTTPException):
                lines.extend(iter(stream.answer.readline, b""))
            assert lines
            assert not any(b'"end"' in line for line in lines)
