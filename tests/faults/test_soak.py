"""200,000 mixed requests: every answer right, and no more memory at the end than after the warm-up. `make soak`."""

import asyncio
import json
import random
import time
from collections import Counter
from pathlib import Path

from tests.faults.clients import JSON, Connection, Lost
from tests.faults.load import TOLERANCE, known_answers, texts_of
from tests.faults.scenarios import workers
from tests.integration.live_service import running

REQUESTS = 200_000
WARM = 20_000
"""Requests after which memory is measured first."""

CLIENTS = 16
GROWTH = 0.05
NDJSON = {"Content-Type": "application/x-ndjson"}


class Mixed:
    """Makes requests of every kind and checks their answers."""

    def __init__(self, known):
        (self.known,) = known.values()
        self.kinds = {
            self.single: 50,
            self.list: 12,
            self.infer: 10,
            self.explain: 3,
            self.stream: 3,
            self.bad: 15,
            self.unknown: 3,
            self.shown: 4,
        }

    def request(self, chance, texts):
        """Return method, path, body, headers and what checks the answer."""
        (kind,) = chance.choices(list(self.kinds), self.kinds.values())
        return kind(chance, texts)

    def single(self, chance, texts):
        text = chance.choice(texts)
        return "POST", "/predict", {"text": text}, JSON, lambda a: self.right([text], [a.json()["probabilities"]])

    def list(self, chance, texts):
        asked = chance.choices(texts, k=chance.randint(2, 12))
        return (
            "POST",
            "/predict",
            {"texts": asked},
            JSON,
            lambda a: self.right(asked, [one["probabilities"] for one in a.json()["predictions"]]),
        )

    def infer(self, chance, texts):
        asked = chance.choices(texts, k=3)
        body = {"inputs": [{"name": "text", "shape": [3], "datatype": "BYTES", "data": asked}]}
        labels = [self.known[text].label for text in asked]
        return "POST", "/v2/models/default/infer", body, JSON, lambda a: a.json()["outputs"][0]["data"] == labels

    def explain(self, chance, texts):
        text = chance.choice(texts)
        return (
            "POST",
            "/explain",
            {"text": text, "top_units": 3},
            JSON,
            lambda a: self.right([text], [a.json()["prediction"]["probabilities"]]),
        )

    def stream(self, chance, texts):
        asked = chance.choices(texts, k=15)
        body = "".join(json.dumps({"text": text}) + "\n" for text in asked).encode()

        def right(answer):
            *lines, end = [json.loads(line) for line in answer.body.splitlines()]
            return end["end"]["predicted"] == 15 and self.right(asked, [line["probabilities"] for line in lines])

        return "POST", "/predict/stream", body, NDJSON, right

    def bad(self, chance, texts):
        body, status = chance.choice(
            [(b"{", 400), ({"text": ""}, 422), ({"texts": texts * 10}, 422), ({"text": "a" * 20_001}, 422), ([], 422)]
        )
        return "POST", chance.choice(("/predict", "/explain")), body, JSON, lambda a: a.status in (status, 422)

    def unknown(self, chance, texts):
        return "GET", f"/{chance.random()}", b"", {}, lambda a: a.status == 404

    def shown(self, chance, texts):
        path = chance.choice(("/metrics", "/model", "/readyz", "/openapi.json", "/", "/v2/models/default"))
        return "GET", path, b"", {}, lambda a: a.status == 200

    def right(self, texts, probabilities):
        return len(texts) == len(probabilities) and all(
            abs(given[label] - expected) <= TOLERANCE
            for text, given in zip(texts, probabilities, strict=True)
            for label, expected in self.known[text].probabilities.items()
        )


def resident(pids):
    """Return the bytes of memory that each process holds for itself."""
    lines = [Path(f"/proc/{pid}/status").read_text().splitlines() for pid in pids]
    return [1024 * int(line.split()[1]) for status in lines for line in status if line.startswith("RssAnon:")]


async def soak(server, known):
    """Send all requests; return statuses, faults and (requests so far, bytes of each worker) on the way."""
    mixed, todo, statuses, faults, memory = Mixed(known), iter(range(REQUESTS)), Counter(), [], []

    async def client(number):
        chance, texts, connection = random.Random(number), texts_of(number), Connection(server.port)
        for count in todo:
            if count % (WARM // 2) == 0:
                memory.append((count, resident(workers(server.process.pid))))
            method, path, body, headers, right = mixed.request(chance, texts)
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            if connection.closed_by_server():
                connection.close()
            try:
                answer = await connection.ask(method, path, sent, headers)
            except Lost as lost:
                faults.append(f"{path}: {lost}")
                connection.close()
                continue
            statuses[answer.status] += 1
            if not right(answer):
                faults.append(f"{path}: {answer.status} {answer.body[:200]!r}")
        connection.close()

    await asyncio.gather(*[client(number) for number in range(CLIENTS)])
    memory.append((REQUESTS, resident(workers(server.process.pid))))
    return statuses, faults, memory


def test_memory_stays_and_every_answer_is_right(tmp_path, default_artifact):
    known, started = known_answers([default_artifact], CLIENTS), time.monotonic()
    with running(tmp_path, default_artifact, QUEUE_MS=20_000, DEADLINE_MS=30_000) as server:
        server.wait_ready()
        statuses, faults, memory = asyncio.run(soak(server, known))
    print(f"\n{sum(statuses.values())} answers in {time.monotonic() - started:.0f} s: {dict(statuses)}")
    for count, each in memory:
        print(f"after {count:7,} requests, MB of each worker: {[round(size / 1e6, 1) for size in each]}")
    warm = sum(next(each for count, each in memory if count >= WARM))
    growth = sum(memory[-1][1]) / warm - 1
    print(f"growth after the first {WARM:,}: {100 * growth:.1f} %")
    assert not faults, faults[:5]
    assert "Traceback" not in server.log.read_text()
    assert growth <= GROWTH
