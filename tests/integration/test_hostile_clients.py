"""What clients do that are broken, slow or hostile: each gets its answer, and nobody else notices."""

import asyncio

import pytest
from live_service import running

from tests.faults import crowds
from tests.faults.clients import JSON, Connection, request_bytes
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


async def beside(server, *others):
    """Run clients that are slow beside one that is not; return what the slow ones saw."""
    slow = asyncio.gather(*others)
    statuses, longest = await crowds.patient(server.port, 30)
    assert statuses == {200}
    assert longest < 2
    return await slow


@pytest.mark.parametrize(
    "data", [crowds.WHOLE, crowds.CHUNKED, crowds.LARGE], ids=["headers and body", "chunks", "no body"]
)
def test_slow_senders_are_answered_and_hold_nobody_up(server, data):
    statuses = asyncio.run(beside(server, *[crowds.trickle(server.port, data, 3) for _ in range(50)]))
    assert statuses == [200] * 50


def test_clients_that_read_nothing_hold_nobody_up_and_get_all_in_the_end(server):
    async def run():
        unread = [Connection(server.port) for _ in range(20)]
        try:
            await beside(server, *[connection.send(crowds.LARGE * 100) for connection in unread])
            return [(await unread[0].answer("GET")).status for _ in range(100)]
        finally:
            for connection in unread:
                connection.close(reset=True)

    assert asyncio.run(run()) == [200] * 100


@pytest.mark.parametrize("size", [10, len(crowds.WHOLE) - 5, len(crowds.WHOLE)], ids=["head", "body", "all"])
def test_clients_that_leave_break_nothing(server, size):
    data = crowds.WHOLE[:size]
    asyncio.run(beside(server, *[crowds.leave(server.port, data) for _ in range(200)]))
    assert "Traceback" not in server.log.read_text()
    assert '"traceback"' not in server.log.read_text()


def test_half_a_connection_is_enough_for_an_answer(server):
    async def run():
        async with Connection(server.port) as connection:
            await connection.send(crowds.WHOLE)
            connection.end_sending()
            return (await connection.answer()).status

    assert asyncio.run(run()) == 200


def test_requests_that_were_sent_together_are_answered_in_their_order(server):
    names = [f"order-{place}" for place in range(50)]
    sent = b"".join(request_bytes("POST", "/predict", crowds.BODY, JSON | {"X-Request-Id": name}) for name in names)

    async def run():
        async with Connection(server.port) as connection:
            await connection.send(sent)
            return [(await connection.answer()).headers["x-request-id"] for _ in names]

    assert asyncio.run(run()) == names


def test_idle_connections_hold_nobody_up_and_can_still_ask(server):
    async def run():
        connections = await crowds.idle(server.port, 300)
        statuses, longest = await crowds.patient(server.port, 20)
        answers = [(await connection.exchange(crowds.WHOLE)).status for connection in connections]
        for connection in connections:
            connection.close()
        return statuses, longest, set(answers)

    statuses, longest, late = asyncio.run(run())
    assert statuses == late == {200}
    assert longest < 2
