"""Anything that a client may send, in numbers; `make fuzz` runs these."""

import asyncio

import pytest

from tests.faults.contract import check_contract
from tests.faults.fuzz import fuzz
from tests.integration.live_service import running

MUTANTS = 20_000


@pytest.fixture(scope="module")
def server(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("service"), default_artifact) as started:
        started.wait_ready()
        yield started


@pytest.mark.parametrize("seed", [11, 12])
def test_mutants_of_valid_requests_never_break_it(server, seed):
    faults, statuses = asyncio.run(fuzz(server.port, MUTANTS // 2, seed))
    print(f"\nseed {seed}: {sum(statuses.values())} answers: {dict(statuses)}")
    assert not faults, faults[:10]
    assert "Traceback" not in server.log.read_text()
    assert server.predict({"text": "good"})[0] == 200


def test_schemathesis_finds_nothing(server, tmp_path):
    status, report = check_contract(server.port, tmp_path, ["examples", "coverage", "fuzzing", "stateful"], 100)
    print(report[-400:])
    assert status == 0, report
