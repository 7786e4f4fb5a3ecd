"""A network that fails at one text, or never comes to an end with one: the artifact of these tests has two traps."""

import asyncio
import json
import time

import pytest
from live_service import running

from tests.faults.artifacts import RAISES, STUCK, write_trapped
from tests.faults.clients import JSON, Connection, Lost
from tests.faults.load import known_answers, texts_of
from tests.faults.scenarios import READY, metric, said, until

STUCK_SECONDS = 2


@pytest.fixture(scope="module")
def trapped(tmp_path_factory, default_artifact):
    path = tmp_path_factory.mktemp("trapped") / "sentiment.pt"
    write_trapped(default_artifact, path)
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory, trapped):
    given = {"WORKERS": 1, "STUCK_SECONDS": STUCK_SECONDS, "QUEUE_MS": 20_000}
    with running(tmp_path_factory.mktemp("service"), trapped, **given) as started:
        started.wait_ready()
        yield started


async def ask(server, text):
    async with Connection(server.port) as connection:
        return await connection.ask("POST", "/predict", json.dumps({"text": text}).encode(), JSON)


def test_one_text_at_which_the_network_fails_harms_no_other(server, trapped):
    ((_, known),) = known_answers([trapped], 4).items()
    good = [text for client in range(4) for text in texts_of(client)]
    bad = f"a very {RAISES} indeed"

    async def run():
        return await asyncio.gather(*[ask(server, text) for text in [*good[:40], bad, *good[40:]]])

    answers = asyncio.run(run())
    failed = answers.pop(40)
    assert failed.status == 500
    assert failed.headers["content-type"] == "application/problem+json"
    for text, answer in zip(good, answers, strict=True):
        assert answer.status == 200
        assert answer.json()["probabilities"] == pytest.approx(known[text].probabilities, abs=1e-5)
    assert f'"request_id":"{failed.json()["request_id"]}"' in server.log.read_text()
    assert RAISES not in server.log.read_text()


def test_a_stuck_network_is_seen_by_livez_and_its_worker_replaced(server):
    async def run():
        seen, started = [], time.monotonic()
        stuck = asyncio.create_task(ask(server, f"a {STUCK} crossing"))
        while said(server, READY) < 2 and time.monotonic() - started < 60:
            await asyncio.sleep(0.2)
            async with Connection(server.port) as connection:
                try:
                    seen.append((await connection.ask("GET", "/livez")).status)
                except Lost:
                    seen.append(None)  # the worker ended
        with pytest.raises(Lost):
            await stuck
        await until(lambda: said(server, READY) == 2, "another worker is ready")
        return seen, await ask(server, "good"), await metric(server, "undertone_worker_restarts_total")

    seen, answer, ends = asyncio.run(run())
    assert seen[0] == 200
    assert 503 in seen
    assert answer.status == 200
    assert ends == 1
    assert STUCK not in server.log.read_text()
