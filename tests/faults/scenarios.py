"""What an operator does to a service under load, step by step; each returns the Tally of the clients meanwhile."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

from tests.faults.clients import Connection
from tests.faults.load import under_load

SECONDS = 120
"""Within which each step must have its effect: a load of the model beside a full load of requests takes long."""


READY = '"message":"ready"'
"""What each worker logs when it can answer."""


async def until(condition, what):
    """Wait until `condition()` holds. Raises AssertionError with `what` was waited for."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}"
        await asyncio.sleep(0.2)


def workers(master):
    """Return the process ids of the workers of the gunicorn with process id `master`."""
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def said(server, words):
    """Return how often the log holds `words`."""
    return server.log.read_text().count(words)


async def metric(server, line):
    """Return the value of the metric whose name and labels are `line`, 0 where it has none."""
    async with Connection(server.port) as connection:
        shown = (await connection.ask("GET", "/metrics")).body.decode().splitlines()
    return sum(float(one.rsplit(" ", 1)[1]) for one in shown if one.rsplit(" ", 1)[0] == line)


def replace(source, path):
    """Put a copy of `source` in the place of `path` at once, as an operator should."""
    shutil.copy(source, f"{path}.new")
    os.replace(f"{path}.new", path)


async def hup(server, known, clients, pause=0.0):
    """SIGHUP: each worker loads the model anew."""
    async with under_load(server.port, known, clients, pause) as tally:
        before, count = said(server, "model reloaded"), len(workers(server.process.pid))
        server.process.send_signal(signal.SIGHUP)
        await until(lambda: said(server, "model reloaded") >= before + count, "each worker reloads")
        await asyncio.sleep(0.5)
    return tally


async def replaced(server, source, path, known, clients, pause=0.0):
    """Another artifact is put in the place of the one that is served."""
    async with under_load(server.port, known, clients, pause) as tally:
        before, count = said(server, "model reloaded"), len(workers(server.process.pid))
        await asyncio.sleep(0.5)
        replace(source, path)
        await until(lambda: said(server, "model reloaded") >= before + count, "each worker loads the new artifact")
        await asyncio.sleep(0.5)
    return tally


async def corrupted(server, path, known, clients, pause=0.0):
    """A file that is no artifact is put there."""
    async with under_load(server.port, known, clients, pause) as tally:
        before, count = said(server, "the model is not reloaded"), len(workers(server.process.pid))
        broken = Path(f"{path}.broken")
        broken.write_bytes(Path(path).read_bytes()[:1_000_000])
        os.replace(broken, path)
        await until(lambda: said(server, "the model is not reloaded") >= before + count, "each worker refuses it")
        await asyncio.sleep(0.5)
    return tally


async def worker_ended(server, known, clients, pause=0.0, rounds=1, sign=signal.SIGTERM):
    """Workers get a signal, one after the other, `rounds` of them; each is replaced before the next gets its own."""
    async with under_load(server.port, known, clients, pause) as tally:
        for pid in workers(server.process.pid)[:rounds]:
            before = said(server, READY)
            os.kill(pid, sign)
            await until(lambda before=before: said(server, READY) > before, "another worker is ready")
            await until(lambda pid=pid: pid not in workers(server.process.pid), "the worker ends")
            await asyncio.sleep(1)
    return tally


async def ended(server, known, clients, pause=0.0):
    """SIGTERM of the service. Returns (tally, exit status, seconds until it ended)."""
    async with under_load(server.port, known, clients, pause) as tally:
        await asyncio.sleep(1)
        started = time.monotonic()
        server.process.terminate()
        await until(lambda: server.process.poll() is not None, "the service ends")
    return tally, server.process.returncode, time.monotonic() - started


async def upgraded(server, known, clients, pause=0.0):
    """SIGUSR2: a new gunicorn beside the old one, then SIGTERM to the old one. Returns (tally, the new master's id)."""
    async with under_load(server.port, known, clients, pause) as tally:
        old, before, count = server.process.pid, said(server, READY), len(workers(server.process.pid))
        server.process.send_signal(signal.SIGUSR2)
        await until(lambda: said(server, READY) >= before + count, "the new workers are ready")
        new = next(pid for pid in workers(old) if Path(f"/proc/{pid}/task/{pid}/children").read_text())
        await asyncio.sleep(1)
        os.kill(old, signal.SIGTERM)
        await until(lambda: server.process.poll() is not None, "the old master ends")
        await asyncio.sleep(1)
    return tally, new
