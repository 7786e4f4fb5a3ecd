"""More connections than there is room for, idle or slow: whoever asks is answered."""

import asyncio
import resource

import pytest

from tests.faults import crowds
from tests.integration.live_service import running

ROOM = 1_000
"""Connections that each of two workers holds by default."""


@pytest.fixture(scope="module")
def server(tmp_path_factory, default_artifact):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 10_000), most))
    with running(tmp_path_factory.mktemp("service"), default_artifact) as started:
        started.wait_ready()
        yield started


@pytest.mark.parametrize("count", [ROOM, 3 * ROOM])
def test_idle_connections(server, count):
    async def run():
        connections = await crowds.idle(server.port, count)
        seen = await crowds.patient(server.port, 50)
        closed = sum(connection.closed_by_server() for connection in connections)
        kept = [connection for connection in connections if not connection.closed_by_server()]
        answers = [(await connection.exchange(crowds.WHOLE)).status for connection in kept]
        for connection in connections:
            connection.close()
        return seen, closed, set(answers)

    (statuses, longest), closed, late = asyncio.run(run())
    print(f"\n{count} idle: {closed} of them closed; longest wait of a new client {longest:.2f} s")
    assert statuses == {200}
    assert late <= {200}
    assert longest < 5
    assert closed == 0 or count > ROOM


def test_slow_senders_that_fill_all_room(server):
    async def run():
        slow = [asyncio.create_task(crowds.trickle(server.port, crowds.WHOLE, 10)) for _ in range(ROOM)]
        await asyncio.sleep(3)
        seen = await crowds.patient(server.port, 50)
        return seen, await asyncio.gather(*slow)

    (statuses, longest), slow = asyncio.run(run())
    print(f"\n{ROOM} slow senders: longest wait of another {longest:.2f} s")
    assert statuses == {200}
    assert set(slow) <= {200, 429}  # their requests are all whole at the same moment
    assert longest < 5
