"""Sends mutants to a running service and says what was wrong with its answers."""

import asyncio
import json
import re
from collections import Counter

from tests.faults.clients import Connection, Lost
from tests.faults.mutants import NDJSON, TEXTS, Seed, mutants

PATIENCE = 15
"""Seconds within which each must be answered; the service itself waits 10 for a body that does not come."""


def seeds_of(document):
    """Return the examples of every request body in an OpenAPI `document`, and more texts for /predict."""
    found = [Seed("/predict", "application/json", {"text": text}) for text in TEXTS]
    found.append(Seed("/predict", "application/json", {"texts": TEXTS}))
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                values = [one["value"] for one in content.get("examples", {}).values()]
                values += [content["example"]] if "example" in content else []
                found += [Seed(_filled(path), media, _lines(value) if media == NDJSON else value) for value in values]
    return found


async def fuzz(port, count, seed=1, clients=4):
    """Send `count` mutants, each on its own connection. Returns (faults, answers by status)."""
    faults, statuses = [], Counter()
    async with Connection(port) as connection:
        seeds = seeds_of((await connection.ask("GET", "/openapi.json")).json())
    todo = mutants(seeds, count, seed)

    async def client():
        for mutant in todo:
            fault = await _try(port, mutant, statuses)
            if fault:
                faults.append(f"{fault}: {mutant.done} {mutant.data[:400]!r}")

    await asyncio.gather(*[client() for _ in range(clients)])
    return faults, statuses


def _filled(path):
    """A path of the document with its parameters filled in."""
    return re.sub(r"\{[^}]*version[^}]*\}", "00000000", re.sub(r"\{(?![^}]*version)[^}]*\}", "default", path))


def _lines(text):
    return [json.loads(line) for line in text.splitlines() if line] if isinstance(text, str) else text


async def _try(port, mutant, statuses):
    """Send one; return what was wrong with the answer, None where nothing was."""
    async with Connection(port) as connection:
        try:
            sending = asyncio.ensure_future(_send_all(connection, mutant))
            try:
                answer = await connection.answer(mutant.method, PATIENCE)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        except Lost as lost:
            statuses["hung" if "nothing for" in str(lost) else "closed"] += 1
            return f"{lost}" if mutant.well_formed or "nothing for" in str(lost) else None
    statuses[answer.status] += 1
    if answer.status >= 500 and answer.status not in (501, 505):
        return f"answered {answer.status}"
    if mutant.method == "HEAD":
        return None
    return _wrong_with(answer, mutant)


async def _send_all(connection, mutant):
    await connection.send(mutant.data)
    if not mutant.well_formed:
        connection.end_sending()  # what is missing does not come; without this it would be waited for


def _wrong_with(answer, mutant):
    kind = answer.headers.get("content-type", "").split(";")[0]
    if answer.status < 400:
        return None
    if kind != "application/problem+json" and not (kind == "application/json" and mutant.path.startswith("/v2")):
        return f"{answer.status} as {kind or 'nothing'}: {answer.body[:200]!r}"
    try:
        document = json.loads(answer.body)
    except ValueError:
        return f"{answer.status} is no JSON: {answer.body[:200]!r}"
    if "request_id" in document and document["request_id"] != answer.headers.get("x-request-id"):
        return f"the document's request id is not the header's {answer.headers.get('x-request-id')}"
    if "x-request-id" not in answer.headers:
        return f"{answer.status} without a request id"
    return None
