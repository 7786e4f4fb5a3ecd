"""Everything that an operator does to a service under full load, with more clients than the quick tests have."""

import asyncio
import os
import shutil
import signal
import time

import pytest

from tests.faults import scenarios
from tests.faults.artifacts import write_other
from tests.faults.load import known_answers
from tests.integration.live_service import running

CLIENTS = 32
PATIENT = {"QUEUE_MS": 20_000, "DEADLINE_MS": 30_000}  # so that nothing is refused: this is about what is lost


@pytest.fixture(scope="module")
def other(tmp_path_factory, default_artifact):
    path = tmp_path_factory.mktemp("other") / "other.pt"
    write_other(default_artifact, path)
    return path


@pytest.fixture(scope="module")
def known(default_artifact, other):
    return known_answers([default_artifact, other], CLIENTS)


@pytest.fixture
def server(tmp_path, default_artifact):
    shutil.copy(default_artifact, tmp_path / "served.pt")
    with running(tmp_path, tmp_path / "served.pt", **PATIENT) as started:
        started.served = tmp_path / "served.pt"
        started.wait_ready()
        yield started


def check(tally, server):
    print(f"\n{tally}; slowest {max(seconds for _, seconds in tally.times):.2f} s")
    assert not tally.lost
    assert not tally.swapped
    assert set(tally.statuses) == {200}
    assert tally.each_once(server.log.read_text()) == ([], [])


def test_reloads(server, known, other, default_artifact):
    for _ in range(2):
        check(asyncio.run(scenarios.hup(server, known, CLIENTS)), server)
    for artifact in (other, default_artifact):
        check(asyncio.run(scenarios.replaced(server, artifact, server.served, known, CLIENTS)), server)
    check(asyncio.run(scenarios.corrupted(server, server.served, known, CLIENTS)), server)


def test_every_worker_restarted_one_after_the_other_twice(server, known):
    for _ in range(2):
        check(asyncio.run(scenarios.worker_ended(server, known, CLIENTS, rounds=2)), server)


def test_a_new_gunicorn_takes_over(server, known):
    tally, new = asyncio.run(scenarios.upgraded(server, known, CLIENTS))
    try:
        check(tally, server)
        assert server.predict({"text": "good"})[0] == 200
    finally:
        os.kill(new, signal.SIGTERM)
        deadline = time.monotonic() + 40
        while os.path.exists(f"/proc/{new}") and time.monotonic() < deadline:
            time.sleep(0.1)


@pytest.mark.parametrize("clients", [1, 8, CLIENTS])
def test_the_end_of_the_service(server, known, clients):
    tally, status, seconds = asyncio.run(scenarios.ended(server, known, clients))
    check(tally, server)
    print(f"ended in {seconds:.1f} s")
    assert status == 0
    assert seconds < 10
