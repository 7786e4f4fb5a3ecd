"""Clients that ask without pause on connections kept alive, and know what the right answer to each request is.

A request counts as lost when it was sent on a connection that was not known to be closed and no whole answer came.
Only where the server closed a connection before the request was sent do clients open a new one for it.
"""

import asyncio
import itertools
import json
import random
import re
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from models.predictor import Predictor
from tests.faults.clients import JSON, Connection, Lost, Refused

TOLERANCE = 1e-5
_WORDS = (
    "not never good bad great awful film book food the a is was very plot staff slow but and really fine dull".split()
)
_CHINESE = "不 很 好 差 喜欢 讨厌 这 电影 书 酒店 服务 房间 但是 没有 觉得 非常 一般 吃 便宜".split()
_RUNS = itertools.count(1)
_OURS = re.compile(r'"request_id": ?"(run[0-9]+-client[0-9]+-[0-9]+)"')


def texts_of(client, count=20):
    """Return reviews that no other client has, English and Chinese, 3 to 40 words."""
    chance = random.Random(client)
    return [
        f"{client} "
        + (
            " ".join(chance.choices(_WORDS, k=size))
            if chance.random() < 0.7
            else "".join(chance.choices(_CHINESE, k=size))
        )
        for size in (chance.randint(3, 40) for _ in range(count))
    ]


def known_answers(artifacts, clients):
    """Return {version: {text: prediction}} for the texts of so many clients, computed here by each artifact."""
    texts = [text for client in range(clients) for text in texts_of(client)]
    predictors = [Predictor.load(path, device="cpu") for path in artifacts]
    return {one.version: dict(zip(texts, one.predict(texts), strict=True)) for one in predictors}


@dataclass
class Tally:
    """What became of the requests of all clients."""

    run: int = field(default_factory=lambda: next(_RUNS))
    statuses: Counter = field(default_factory=Counter)
    versions: Counter = field(default_factory=Counter)  # of the models that answered
    answered: list = field(default_factory=list)  # ids of the requests
    swapped: list = field(default_factory=list)
    lost: list = field(default_factory=list)
    no_connection: int = 0
    reopened: int = 0
    times: list = field(default_factory=list)  # (when it was answered, seconds that it took), of 200 only

    def rate(self, start, end):
        """Return answers of 200 a second between two times of time.monotonic()."""
        return sum(start <= when < end for when, _ in self.times) / (end - start)

    def each_once(self, log):
        """Return ids of requests that the log has twice, and of those that were answered and that it lacks."""
        told = Counter(_OURS.findall(log))
        return [one for one, count in told.items() if count > 1], sorted(set(self.answered) - set(told))

    def __str__(self):
        return (
            f"{sum(self.statuses.values())} answered {dict(self.statuses)}, by {dict(self.versions)}; {len(self.lost)} "
            f"lost, {len(self.swapped)} swapped, {self.reopened} connections opened anew, {self.no_connection} refused"
        )


@asynccontextmanager
async def under_load(port, known, clients, pause=0.0):
    """Let so many clients ask while the block runs. Gives their Tally, complete after the block."""
    tally, stop = Tally(), asyncio.Event()
    running = [asyncio.create_task(_ask_on(port, number, known, tally, stop, pause)) for number in range(clients)]
    try:
        yield tally
    finally:
        stop.set()
        await asyncio.gather(*running)


async def _ask_on(port, number, known, tally, stop, pause):
    texts, chance, connection, sent = texts_of(number), random.Random(number), Connection(port), 0
    while not stop.is_set():
        asked = chance.choices(texts, k=chance.choice((1, 1, 1, 5)))
        body = json.dumps({"text": asked[0]} if len(asked) == 1 else {"texts": asked}).encode()
        if connection.closed_by_server():
            connection.close()
            tally.reopened += 1
        sent += 1
        name = f"run{tally.run}-client{number}-{sent}"
        try:
            answer = await connection.ask("POST", "/predict", body, JSON | {"X-Request-Id": name})
        except Refused:
            tally.no_connection += 1
            await asyncio.sleep(0.05)
            continue
        except Lost as lost:
            tally.lost.append(f"{name}, request {connection.asked} on its connection: {lost}")
            connection.close()
            continue
        tally.statuses[answer.status] += 1
        tally.answered.append(name)
        if answer.status == 200:
            tally.times.append((time.monotonic(), answer.seconds))
            wrong = _wrong_with(answer, asked, known, tally, name)
            if wrong:
                tally.swapped.append(f"{name}: {wrong}")
        if pause:
            await asyncio.sleep(pause)
    connection.close()


def _wrong_with(answer, texts, known, tally, name):
    if answer.headers["x-request-id"] != name:
        return f"has the id {answer.headers['x-request-id']}"
    told = answer.json()
    given = told.get("predictions", [told])
    if len(given) != len(texts):
        return f"{len(given)} answers to {len(texts)} texts"
    for text, one in zip(texts, given, strict=True):
        tally.versions[one["model"]["version"]] += 1
        expected = known[one["model"]["version"]][text]
        for label, probability in expected.probabilities.items():
            if abs(one["probabilities"][label] - probability) > TOLERANCE:
                return f"{label} {one['probabilities'][label]}, expected {probability}"
    return None
