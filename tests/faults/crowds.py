"""Crowds of clients that are slow, idle, impatient or gone; each function returns what one of them must have seen."""

import asyncio
import json
import time

from tests.faults.clients import JSON, Connection, request_bytes

BODY = json.dumps({"text": "not bad at all"}).encode()
WHOLE = request_bytes("POST", "/predict", BODY, JSON)
CHUNKED = (
    b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"".join(b"1\r\n%c\r\n" % byte for byte in BODY)
    + b"0\r\n\r\n"
)
LARGE = request_bytes("GET", "/openapi.json")


async def trickle(port, data, seconds):
    """Send `data` byte by byte over so many seconds. Returns the status of the answer."""
    async with Connection(port) as connection:
        for byte in data:
            await connection.send(bytes([byte]))
            await asyncio.sleep(seconds / len(data))
        return (await connection.answer()).status


async def leave(port, data):
    """Send `data`, which may be part of a request, and reset the connection."""
    connection = Connection(port)
    await connection.send(data)
    await asyncio.sleep(0.01)
    connection.close(reset=True)


async def idle(port, count):
    """Open so many connections and send nothing."""
    connections = [Connection(port) for _ in range(count)]
    for connection in connections:
        await connection.open()
    return connections


async def patient(port, count):
    """Ask one after the other, each on its own connection. Returns statuses and the longest wait in seconds."""
    statuses, longest = set(), 0.0
    for _ in range(count):
        started = time.monotonic()
        async with Connection(port) as connection:
            statuses.add((await connection.exchange(WHOLE)).status)
        longest = max(longest, time.monotonic() - started)
        await asyncio.sleep(0.02)
    return statuses, longest
