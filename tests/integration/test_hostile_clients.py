"""What clients do that are broken, slow or hostile: each gets its answer, and nobody else notices."""

import asyncio

import pytest
from live_service import running

from tests.faults.contract import check_contract
from tests.faults.fuzz import fuzz


@pytest.fixture(scope="module")
def server(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("service"), default_artifact) as started:
        started.wait_ready()
        yield started


def test_mutants_of_valid_requests_never_break_it(server):
    faults, statuses = asyncio.run(fuzz(server.port, 1_500))
    assert not faults, faults[:10]
    assert {200, 400, 404, 405, 413, 415, 422} <= set(statuses), "the mutants were too tame"
    assert "Traceback" not in server.log.read_text()
    assert server.predict({"text": "good"})[0] == 200


def test_schemathesis_finds_nothing_in_what_the_document_promises(server, tmp_path):
    status, report = check_contract(server.port, tmp_path, ["examples", "coverage"], 20)
    assert status == 0, report
