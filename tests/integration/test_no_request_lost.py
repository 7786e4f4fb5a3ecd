"""Reload, replacement and end of a service that is asked all the while: no request lost, none answered twice, each
answer that of its own text. With more clients and more faults: tests/faults, `make faults`."""

import asyncio
import shutil

import pytest
from live_service import running

from tests.faults import scenarios
from tests.faults.artifacts import write_other
from tests.faults.load import known_answers

CLIENTS, PAUSE = 8, 0.01


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def other(folder, default_artifact):
    write_other(default_artifact, folder / "other.pt")
    return folder / "other.pt"


@pytest.fixture(scope="module")
def known(default_artifact, other):
    return known_answers([default_artifact, other], CLIENTS)


@pytest.fixture(scope="module")
def server(folder, default_artifact):
    shutil.copy(default_artifact, folder / "served.pt")
    # A machine that is busy with other things must not make it refuse what this is not about.
    with running(folder, folder / "served.pt", QUEUE_MS=20_000, DEADLINE_MS=30_000) as started:
        started.wait_ready()
        yield started


def check(tally, server):
    assert not tally.lost
    assert not tally.swapped
    assert set(tally.statuses) == {200}
    assert tally.each_once(server.log.read_text()) == ([], [])


def test_sighup_reloads_in_place(server, known):
    check(asyncio.run(scenarios.hup(server, known, CLIENTS, PAUSE)), server)


def test_a_new_artifact_is_served_from_some_answer_on(server, known, other, folder):
    first, second = known
    assert server.predict({"text": "good"})[1]["model"]["version"] == first
    tally = asyncio.run(scenarios.replaced(server, other, folder / "served.pt", known, CLIENTS, PAUSE))
    check(tally, server)
    assert set(tally.versions) == {first, second}
    assert server.predict({"text": "good"})[1]["model"]["version"] == second


def test_a_corrupt_artifact_changes_nothing_but_log_and_metric(server, known, other, folder):
    before = server.predict({"text": "good"})[1]["model"]["version"]
    tally = asyncio.run(scenarios.corrupted(server, folder / "served.pt", known, CLIENTS, PAUSE))
    check(tally, server)
    assert set(tally.versions) == {before}
    assert asyncio.run(scenarios.metric(server, 'undertone_reloads_total{result="failed"}')) == 2
    scenarios.replace(other, folder / "served.pt")  # what replaces a worker loads it


def test_a_worker_ends_and_another_takes_its_place(server, known):
    check(asyncio.run(scenarios.worker_ended(server, known, CLIENTS, PAUSE)), server)


def test_sigterm_answers_all_that_was_asked(server, known):
    tally, status, seconds = asyncio.run(scenarios.ended(server, known, CLIENTS, PAUSE))
    check(tally, server)
    assert status == 0
    assert seconds < 10
