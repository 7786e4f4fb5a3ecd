"""Open-loop load: requests start at a constant rate whether or not the answers to those before have come.

python -m bench.serve_open --port 8000 --rate 200 --seconds 10 bodies.jsonl

A latency counts from the moment at which the request was due, so a server that stalls is charged for all who would
have asked meanwhile. One thread on epoll, which costs some 50 to 100 microseconds of a core for a request.
"""

import argparse
import gc
import json
import math
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from bench.serve_texts import request

UNANSWERED, BROKEN = "unanswered", "broken"
PATIENCE = 10  # seconds for the last answers
CONNECTIONS = 4_000
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True)
class Open:
    """What came back: how many requests by status (a number, or UNANSWERED or BROKEN), percentiles in milliseconds of
    the latency of answers with 200 (`accepted`) and with 429 (`refused`), and how late the requests were sent."""

    offered: float
    counts: dict[str, int]
    accepted: dict[str, float]
    refused: dict[str, float]
    lag_p99: float
    cpu_share: float


@dataclass
class _Connection:
    socket: socket.socket
    number: int = -1  # of the request whose answer it waits for; -1 for none
    unsent: bytes = b""
    writing: bool = False  # whether epoll watches for room to write
    answer: bytearray = field(default_factory=bytearray)


class Generator:
    """One run of the load. A request takes a connection that waits for nothing, the longest idle first, or a new one.

    Parameters:
        port: of the server on this machine.
        requests: whole requests as bytes, sent in turn.
        rate: requests a second.
        count: how many are sent in all.
    """

    def __init__(self, port: int, requests: Sequence[bytes], rate: float, count: int) -> None:
        self._port, self._requests, self._rate, self._count = port, requests, rate, count
        self._poll = select.epoll()
        self._open: dict[int, _Connection] = {}
        self._idle: deque[_Connection] = deque()
        self._begin = 0.0
        self._sent = 0
        self._waiting = 0
        self.lag: list[float] = []
        self.latency = [float("nan")] * count
        self.status = [UNANSWERED] * count

    def run(self) -> None:
        """Send everything, then wait PATIENCE seconds at most for the last answers."""
        _wake_every(1 / self._rate, self._poll)
        self._begin = time.perf_counter() + 0.01
        end = self._begin + self._count / self._rate + PATIENCE
        while (self._sent < self._count or self._waiting) and (now := time.perf_counter()) < end:
            self._send_due(now)
            for number, events in self._poll.poll(0.1):
                if connection := self._open.get(number):
                    self._serve(connection, events)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for connection in list(self._open.values()):
            self._drop(connection)

    def _send_due(self, now: float) -> None:
        due = min(self._count, math.floor((now - self._begin) * self._rate) + 1)
        while self._sent < due and (self._idle or len(self._open) < CONNECTIONS):
            number = self._sent
            connection = self._idle.popleft() if self._idle else self._connect()
            self.lag.append(time.perf_counter() - self._begin - number / self._rate)
            self._sent += 1
            self._waiting += 1
            connection.number = number
            connection.unsent = self._requests[number % len(self._requests)]
            self._write(connection)

    def _connect(self) -> _Connection:
        one = socket.socket()
        one.setblocking(False)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.connect_ex(("127.0.0.1", self._port))
        connection = self._open[one.fileno()] = _Connection(one)
        self._poll.register(one, select.EPOLLIN)
        return connection

    def _write(self, connection: _Connection) -> None:
        try:
            sent = connection.socket.send(connection.unsent)
        except BlockingIOError:
            sent = 0  # not connected yet
        except OSError:
            return self._fail(connection)
        connection.unsent = connection.unsent[sent:]
        if connection.writing != bool(connection.unsent):
            connection.writing = bool(connection.unsent)
            self._poll.modify(connection.socket, select.EPOLLIN | (select.EPOLLOUT if connection.writing else 0))

    def _serve(self, connection: _Connection, events: int) -> None:
        if connection.unsent and events & select.EPOLLOUT:
            self._write(connection)
        if events & ~select.EPOLLOUT and connection.socket.fileno() in self._open:
            self._read(connection)

    def _read(self, connection: _Connection) -> None:
        try:
            chunk = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        answer = connection.answer
        answer += chunk
        head = answer.find(b"\r\n\r\n")
        length = _LENGTH.search(answer, 0, head + 2) if head >= 0 else None
        if length and len(answer) >= head + 4 + int(length[1]):
            self._done(connection, answer[9:12].decode(), bool(_CLOSE.search(answer, 0, head + 2)))
        elif not chunk:
            self._fail(connection)

    def _done(self, connection: _Connection, status: str, close: bool) -> None:
        self._answer(connection, status)
        if close:
            self._drop(connection)
        else:
            connection.answer.clear()
            self._idle.append(connection)

    def _fail(self, connection: _Connection) -> None:
        if connection.number >= 0:
            self._answer(connection, BROKEN)
        else:
            self._idle.remove(connection)  # the server closed it in between, as it may
        self._drop(connection)

    def _answer(self, connection: _Connection, status: str) -> None:
        due = self._begin + connection.number / self._rate
        self.latency[connection.number] = time.perf_counter() - due
        self.status[connection.number] = status
        connection.number = -1
        self._waiting -= 1

    def _drop(self, connection: _Connection) -> None:
        del self._open[connection.socket.fileno()]
        connection.socket.close()


def _wake_every(seconds: float, poll: select.epoll) -> None:
    """Have `poll` return at each step of the schedule: its own time-out is rounded up to whole milliseconds."""
    reading, writing = socket.socketpair()
    for one in (reading, writing):
        one.setblocking(False)
    signal.set_wakeup_fd(writing.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    poll.register(reading.detach(), select.EPOLLIN | select.EPOLLET)


def percentiles(latencies: Sequence[float]) -> dict[str, float]:
    """Seconds -> p50, p90, p99 and the largest in milliseconds; empty for none."""
    if not len(latencies):
        return {}
    found = np.percentile(np.asarray(latencies) * 1000, [50, 90, 99, 100])
    return dict(zip(("p50", "p90", "p99", "max"), map(float, found), strict=True))


def open_loop(port: int, bodies: Sequence[bytes], rate: float, seconds: float, folder: Path) -> Open:
    """Load the server on `port` of this machine from another process; `folder` is where the bodies are left for it.

    Raises RuntimeError, with what it said, where that process fails.
    """
    file = folder / "bodies.jsonl"
    file.write_bytes(b"\n".join(bodies) + b"\n")
    command = [sys.executable, "-m", "bench.serve_open", "--port", str(port), "--rate", str(rate)]
    command += ["--seconds", str(seconds), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + PATIENCE + 60, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with status {done.returncode}: {done.stderr}")
    return Open(**json.loads(done.stdout))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the load and print what came back as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.serve_open", description="Load at a constant rate.")
    parser.add_argument("bodies", type=Path, help="what is posted to /predict, one JSON body a line")
    parser.add_argument("--port", type=int, required=True, help="of the server on this machine")
    parser.add_argument("--rate", type=float, required=True, help="requests a second")
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args(arguments)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    requests = [request(body, options.port) for body in options.bodies.read_bytes().splitlines()]
    generator = Generator(options.port, requests, options.rate, max(1, round(options.rate * options.seconds)))
    gc.disable()  # a pause here would look like the server's
    began, used = time.perf_counter(), time.process_time()
    generator.run()
    share = (time.process_time() - used) / (time.perf_counter() - began)
    by_status = {
        status: [taken for taken, one in zip(generator.latency, generator.status, strict=True) if one == status]
        for status in ("200", "429")
    }
    found = Open(
        offered=options.rate,
        counts=dict(Counter(generator.status)),
        accepted=percentiles(by_status["200"]),
        refused=percentiles(by_status["429"]),
        lag_p99=percentiles(generator.lag).get("p99", 0.0),
        cpu_share=share,
    )
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
