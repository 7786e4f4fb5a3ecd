"""A real service for a test: `python -m service` under gunicorn, on a free port of this machine."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(port, model, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNDERTONE_")}
    given = {"PORT": port, "MODEL": model, "DEVICE": "cpu", "WORKERS": 2, "TORCH_THREADS": 1} | more
    return kept | {f"UNDERTONE_{name}": str(value) for name, value in given.items()}


class Server:
    """A running service, with its process, port and log; asked over TLS where there is a `context` for it."""

    def __init__(self, process, port, log, context=None):
        self.process, self.port, self.log, self.context = process, port, log, context

    def connect(self, timeout=30):
        if self.context is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=self.context)

    def ask(self, method, path, body=None, headers=None, timeout=30):
        """Return (status, headers, body) of one request on its own connection."""
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def predict(self, value):
        status, _, body = self.ask("POST", "/predict", json.dumps(value), {"Content-Type": "application/json"})
        return status, json.loads(body)

    def raw(self, data):
        """Return everything that comes back for bytes as they are."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(data)
            with suppress(OSError):  # the server may have closed already
                connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def wait_ready(self):
        """Return the statuses that /readyz gave until it was 200."""
        seen = []
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                seen.append(self.ask("GET", "/readyz")[0])
            except OSError:
                seen.append(None)
            if seen[-1] == 200:
                return seen
            time.sleep(0.05)
        raise AssertionError(f"not ready: {seen[-3:]}\n{self.log.read_text()}")


@contextmanager
def running(folder, model, context=None, command=("-m", "service"), **settings):
    """Run the service, as `python` with `command` does, with UNDERTONE_ settings."""
    port, log = free_port(), folder / "log.txt"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment(port, model, **settings), stderr=stream
        )
    server = Server(process, port, log, context)
    try:
        yield server
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
