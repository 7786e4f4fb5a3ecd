"""GET /metrics of a service with two workers: one answer for both, whichever of them is asked."""

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from live_service import START_SECONDS, running
from prometheus_client.parser import text_string_to_metric_families


@pytest.fixture(scope="module")
def server(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("metrics"), default_artifact) as started:
        started.wait_ready()
        yield started


def shown(server):
    status, headers, body = server.ask("GET", "/metrics")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(body.decode())
    return Counter({(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples})


def children(process):
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


ANSWERED = ("undertone_requests_total", ("method", "POST"), ("route", "/predict"), ("status", "200"))


def test_the_counts_of_all_workers_are_summed(server):
    before = shown(server)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: server.predict({"text": f"review {i}"}), range(200)))
    assert {status for status, _ in answers} == {200}
    for _ in range(8):  # whichever worker is asked
        after = shown(server)
        assert (after - before)[ANSWERED] == 200
        assert (after - before)["undertone_request_seconds_count", ("route", "/predict")] == 200
        assert 1 <= after["undertone_in_flight_requests",] <= 2


def test_a_killed_workers_gauges_vanish_and_its_counts_stay(tmp_path, default_artifact):
    with running(tmp_path, default_artifact) as server:
        server.wait_ready()
        for i in range(40):
            assert server.predict({"text": f"review {i}"})[0] == 200
        stopped = children(server.process)[0]
        os.kill(stopped, signal.SIGSTOP)  # so that a request is under way in it when it ends
        with ThreadPoolExecutor(16) as pool:
            asked = [pool.submit(server.predict, {"text": "good"}) for _ in range(16)]
            time.sleep(1)
            os.kill(stopped, signal.SIGKILL)
            lost = sum(one.exception() is not None for one in asked)
        deadline = time.monotonic() + START_SECONDS
        while stopped in children(server.process) and time.monotonic() < deadline:
            time.sleep(0.05)
        after = shown(server)
        assert after["undertone_worker_restarts_total",] == 1
        assert after[ANSWERED] == 56 - lost
        assert after["undertone_in_flight_requests",] == 1
