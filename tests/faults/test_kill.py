"""SIGKILL of a worker under full load: what fails, and for how long the service is slower."""

import asyncio
import os
import signal
import time

import pytest

from tests.faults.load import known_answers, under_load
from tests.faults.scenarios import READY, said, until, workers
from tests.integration.live_service import running

CLIENTS = 32
SECONDS = 15
"""Within which the rate must be what it was before."""


@pytest.fixture(scope="module")
def known(default_artifact):
    return known_answers([default_artifact], CLIENTS)


def recovered(tally, killed, before):
    """Return after how many seconds since `killed` a span of 3 seconds has nine tenths of the rate `before`."""
    last = max(when for when, _ in tally.times)
    starts = (killed + step / 4 for step in range(int(4 * (last - 3 - killed))))
    return next((start + 3 - killed for start in starts if tally.rate(start, start + 3) >= 0.9 * before), float("inf"))


def test_only_what_it_had_in_hand_fails_and_the_rate_comes_back(tmp_path, default_artifact, known):
    async def run(server):
        async with under_load(server.port, known, CLIENTS) as tally:
            await asyncio.sleep(10)
            before = tally.rate(time.monotonic() - 6, time.monotonic())
            ready = said(server, READY)
            os.kill(workers(server.process.pid)[0], signal.SIGKILL)
            killed = time.monotonic()
            await until(lambda: said(server, READY) > ready, "another worker is ready")
            loaded = time.monotonic() - killed
            await asyncio.sleep(12)
        return tally, before, killed, loaded

    with running(tmp_path, default_artifact, QUEUE_MS=20_000, DEADLINE_MS=30_000) as server:
        server.wait_ready()
        tally, before, killed, loaded = asyncio.run(run(server))
        log = server.log.read_text()
    back = recovered(tally, killed, before)
    rates = [round(tally.rate(killed + second, killed + second + 1)) for second in range(-3, int(loaded) + 9)]
    print(f"\n{tally}; {before:.0f} a second before, nine tenths of it again after {back:.1f} s")
    print(f"the new worker was ready after {loaded:.1f} s; answers a second from 3 s before: {rates}")
    assert len(tally.lost) <= CLIENTS
    assert not tally.swapped
    assert set(tally.statuses) == {200}
    assert tally.each_once(log) == ([], [])
    assert back <= SECONDS
