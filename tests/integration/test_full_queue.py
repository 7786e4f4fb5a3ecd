"""More work than there is time for: what is refused, given up or dropped, and how quickly that is said."""

import asyncio
import json
import time

from live_service import running

from tests.faults.clients import JSON, Connection, request_bytes
from tests.faults.scenarios import metric

LONG = (
    "I would not say that this was the worst film of the year, but it comes close. " * 25
)  # as long as are read whole


async def ask(server, texts):
    async with Connection(server.port) as connection:
        return await connection.ask("POST", "/predict", json.dumps({"texts": texts}).encode(), JSON)


async def ask_on(server, seconds, answers):
    """Ask about a long text again and again."""
    end = time.monotonic() + seconds
    async with Connection(server.port) as connection:
        while time.monotonic() < end:
            answers.append(await connection.ask("POST", "/predict", json.dumps({"text": LONG}).encode(), JSON))
            await asyncio.sleep(0.05)


def test_a_full_queue_answers_429_at_once_with_the_time_to_wait(tmp_path, default_artifact):
    async def run(server):
        answers = []
        await ask_on(server, 1, [])  # so that it knows how fast its network is here
        await asyncio.gather(*[ask_on(server, 6, answers) for _ in range(100)])
        return answers, await metric(server, 'undertone_shed_total{reason="full"}'), await ask(server, ["good"])

    with running(tmp_path, default_artifact, WORKERS=1, QUEUE_MS=400) as server:
        server.wait_ready()
        answers, counted, after = asyncio.run(run(server))
    assert {answer.status for answer in answers} == {200, 429}
    refused = [answer for answer in answers if answer.status == 429]
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in refused)
    assert sorted(answer.seconds for answer in refused)[len(refused) // 2] < 0.25
    assert counted == len(refused)
    assert after.status == 200


def test_past_the_deadline_504_is_answered_and_the_rest_of_the_request_dropped(tmp_path, default_artifact):
    async def run(server):
        late = await asyncio.gather(*[ask(server, [LONG] * 128) for _ in range(4)])
        return late, await ask(server, ["good"]), await metric(server, 'undertone_shed_total{reason="deadline"}')

    with running(tmp_path, default_artifact, WORKERS=1, QUEUE_MS=600_000, DEADLINE_MS=300) as server:
        server.wait_ready()
        late, after, counted = asyncio.run(run(server))
    assert [answer.status for answer in late] == [504] * 4
    assert max(answer.seconds for answer in late) < 2
    assert after.status == 200
    assert counted == 4


def test_the_texts_of_clients_that_left_are_dropped(tmp_path, default_artifact):
    request = request_bytes("POST", "/predict", json.dumps({"texts": [LONG] * 128}).encode(), JSON)

    async def run(server):
        leaving = [Connection(server.port) for _ in range(20)]
        await asyncio.gather(*[connection.send(request) for connection in leaving])
        await asyncio.sleep(1)
        for connection in leaving:
            connection.close()
        answer = await ask(server, ["good"])
        return answer, await metric(server, 'undertone_shed_total{reason="gone"}')

    with running(tmp_path, default_artifact, WORKERS=1, QUEUE_MS=600_000, DEADLINE_MS=60_000) as server:
        server.wait_ready()
        answer, dropped = asyncio.run(run(server))
    assert answer.status == 200
    assert answer.seconds < 5
    assert dropped >= 15
