"""The service as an operator runs it: `python -m service`, a real gunicorn, real sockets, the default artifact."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from live_service import ROOT, START_SECONDS, environment, free_port, running

from models.predictor import Predictor

READY = '"message":"ready"'


@pytest.fixture(scope="module")
def server(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("service"), default_artifact) as started:
        started.first_statuses = started.wait_ready()
        yield started


def test_probes_answer_503_while_the_model_is_loaded_and_requests_are_answered_from_200_on(server):
    statuses = [status for status in server.first_statuses if status is not None]
    assert set(statuses[:-1]) <= {503}
    assert 503 in statuses
    for _ in range(20):  # whichever worker takes it
        assert server.predict({"text": "good"})[0] == 200


def test_the_log_says_in_one_line_what_was_started(server):
    lines = [line for line in server.log.read_text().splitlines() if READY in line]
    assert len(lines) == 2
    line = json.loads(lines[0])
    assert line["address"] == f"http://127.0.0.1:{server.port}"
    assert line["device"] == "cpu"
    assert {"model", "version", "workers", "torch_threads", "load_seconds"} <= set(line)


def test_answers_equal_the_predictor(server, default_artifact):
    texts = [
        "The flower is so beautiful",
        "i do not think the flower is beautiful",
        "我喜欢数学",
        "我不喜欢数学",
        "OK. " * 900,
    ]
    predictor = Predictor.load(default_artifact, device="cpu")
    status, answer = server.predict({"texts": texts})
    assert status == 200
    for one, expected in zip(answer["predictions"], predictor.predict(texts), strict=True):
        model = {"name": predictor.name, "version": predictor.version}
        assert one["probabilities"] == pytest.approx(expected.probabilities, abs=1e-5)
        assert one | {"probabilities": 0, "score": 0} == expected.to_dict() | {
            "probabilities": 0,
            "score": 0,
            "model": model,
        }


def test_concurrent_clients_get_their_own_answers(server):
    texts = [f"review {i} " + "good " * (i % 7) + "bad " * (i % 5) for i in range(64)]
    alone = {text: server.predict({"text": text})[1] for text in texts}
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda text: server.predict({"text": text}), texts * 3))
    for text, (status, answer) in zip(texts * 3, together, strict=True):
        assert status == 200
        assert answer["tokens"] == alone[text]["tokens"]
        assert answer["probabilities"] == pytest.approx(alone[text]["probabilities"], abs=1e-5)


def test_one_connection_serves_good_and_bad_requests(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    bodies = [(b'{"text": "good"}', 200), (b"{", 400), (b'{"text": ""}', 422), (b" " * 2_000_000, 413)] * 3
    for body, status in bodies:
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


@pytest.mark.parametrize("path", ["/predict", "/livez", "/nothing"])
def test_a_client_that_sends_5_mb_can_read_its_answer(server, path):
    expected = {"/predict": 413, "/livez": 405, "/nothing": 404}[path]
    headers = {"Content-Type": "application/json"}
    for _ in range(5):
        # urllib asks for the connection to be closed, http.client to be kept
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", b"x" * 5_000_000, headers)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=30)
        assert caught.value.code == expected
        assert json.loads(caught.value.read())["status"] == expected
        caught.value.close()
        assert server.ask("POST", path, b"x" * 5_000_000, headers)[0] == expected


def chunks(size, count):
    return iter([b"x" * size] * count)


def test_a_body_without_content_length_is_limited_too(server):
    headers = {"Content-Type": "application/json"}
    good = iter([b'{"te', b'xt": "go', b'od"}'])
    assert server.ask("POST", "/predict", good, headers)[0] == 200
    status, _, body = server.ask("POST", "/predict", chunks(65_536, 80), headers)
    assert (status, json.loads(body)["title"]) == (413, "Request Entity Too Large")
    exact = iter([b'{"text": "good"}', b" " * (1_048_576 - 16)])
    assert server.ask("POST", "/predict", exact, headers)[0] == 200
    one_more = iter([b'{"text": "good"}', b" " * (1_048_577 - 16)])
    assert server.ask("POST", "/predict", one_more, headers)[0] == 413


HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
HOSTILE = [
    (HEAD + b"Content-Length: 100\r\n\r\n{}", b"400"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nsecret", b"400"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nsecret words\r\n0\r\n\r\n", b"400"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n" + b"x" * 2_000_000, b"413"),
    (HEAD + b"Content-Length: -1\r\n\r\n", b"400"),
    (HEAD + b"Content-Length: 999999999999\r\n\r\n{}", b"413"),
    (HEAD + b"\r\n{}", b"400"),
    (HEAD.replace(b"Host: x", b"Host: a b{}") + b"Content-Length: 2\r\n\r\n{}", b"422"),
    (b"secret review as a request line\r\n\r\n", b"400"),
    (b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: a\x01b\r\n\r\n", b"400"),
]


@pytest.mark.parametrize(("data", "status"), HOSTILE, ids=range(len(HOSTILE)))
def test_malformed_http_is_a_client_error(server, data, status):
    assert server.raw(data).split(b" ", 2)[1] == status


def test_a_miscounted_body_does_not_reach_the_log(server):
    tail = b'{"text": "secret of mine"}'
    head = HEAD.replace(b"Connection: close\r\n", b"")
    answer = server.raw(head + b"Content-Length: 16\r\n\r\n" + b'{"text": "good"}' + tail)
    assert b"200 OK" in answer
    assert "secret" not in server.log.read_text()


def test_a_client_that_stops_sending_holds_nobody_up(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(HEAD + b'Content-Length: 50\r\n\r\n{"text": ')
        started = time.monotonic()
        assert server.predict({"text": "good"})[0] == 200
        assert b"408" in connection.recv(65536).split(b"\r\n")[0]
        assert time.monotonic() - started < 20


def test_a_worker_that_was_killed_is_replaced_and_nobody_is_told_503(tmp_path, default_artifact):
    with running(tmp_path, default_artifact) as server:
        server.wait_ready()
        ready = [line for line in server.log.read_text().splitlines() if READY in line]
        os.kill(json.loads(ready[0])["pid"], signal.SIGKILL)
        statuses = set()
        deadline = time.monotonic() + START_SECONDS
        while server.log.read_text().count(READY) < 3 and time.monotonic() < deadline:
            with suppress(ConnectionError):  # it was in the hands of the killed worker
                statuses.add(server.predict({"text": "good"})[0])
            time.sleep(0.02)
        assert server.log.read_text().count(READY) == 3
        assert statuses == {200}


def test_sigterm_ends_the_service_with_status_0(tmp_path, default_artifact):
    with running(tmp_path, default_artifact) as server:
        server.wait_ready()
        server.process.terminate()
        assert server.process.wait(30) == 0


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"MODEL": "/nowhere/sentiment.pt"}, "/nowhere/sentiment.pt"),
        ({"MODEL": __file__}, "no Undertone artifact"),
        ({"MODEL_SHA256": "0" * 64}, "UNDERTONE_MODEL_SHA256"),
        ({"DEVICE": "cuda:99"}, "cuda:99"),
    ],
)
def test_a_model_that_cannot_be_served_ends_the_service_with_the_reason(tmp_path, default_artifact, settings, told):
    given = {"MODEL": default_artifact} | settings
    with running(tmp_path, given.pop("MODEL"), **given) as server:
        assert server.process.wait(START_SECONDS) == 3
    log = server.log.read_text()
    assert "the model can't be loaded" in log
    assert told in log
    assert "Traceback" not in log


def test_settings_that_cannot_be_used_end_it_before_anything_starts(tmp_path):
    with running(tmp_path, "x", WORKERS="many", LOG_LEVEL="loud") as server:
        assert server.process.wait(START_SECONDS) == 2
    lines = server.log.read_text().splitlines()
    assert [line.split("=")[0] for line in lines] == ["UNDERTONE_WORKERS", "UNDERTONE_LOG_LEVEL"]


def test_a_file_of_keys_that_is_not_there_does_not_leave_the_service_open(tmp_path):
    with running(tmp_path, "x", API_KEYS_FILE="/nowhere/keys") as server:
        assert server.process.wait(START_SECONDS) == 2
    assert "UNDERTONE_API_KEYS_FILE='/nowhere/keys' can't be read" in server.log.read_text()


def test_help_lists_every_setting():
    from service.settings import table

    done = subprocess.run(
        [sys.executable, "-m", "service", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for row in table():
        assert row.variable in done.stdout


def test_the_images_health_check_says_whether_it_is_ready(server, tmp_path):
    def check(port, host="127.0.0.1"):
        given = environment(port, "x", HOST=host) | {"http_proxy": "http://127.0.0.1:9"}
        return subprocess.run([sys.executable, "-m", "service.health"], cwd=ROOT, env=given, stderr=subprocess.PIPE)

    for host in ("127.0.0.1", "localhost", "0.0.0.0"):  # the last is what the image listens on
        assert check(server.port, host).returncode == 0
    refused = check(free_port())
    assert refused.returncode == 1
    assert b"/readyz" in refused.stderr
