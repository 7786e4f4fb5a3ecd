"""The servers that bench/serve.py compares, each started anew for each of its measurements."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
BATCHED_PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"
START_SECONDS = 90
PORT = "{port}"  # in a command: where the port goes


@dataclass(frozen=True)
class Contender:
    """A way to serve: its name in tables, the command that starts it, and its settings as people read them."""

    name: str
    command: tuple[str, ...]
    settings: str


@dataclass(frozen=True)
class Memory:
    """Megabytes of a server's processes: all of them, and the largest alone. What several share is shared out."""

    total: float
    largest: float
    processes: int


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log

    def ask(self, method: str, path: str, body: bytes | None = None, timeout: float = 60) -> tuple[int, bytes]:
        """Status and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def memory(self) -> Memory:
        """What the server holds now."""
        own = psutil.Process(self.process.pid)
        sizes = [one.memory_full_info().pss / 1e6 for one in (own, *own.children(recursive=True))]
        return Memory(sum(sizes), max(sizes), len(sizes))

    def wait_ready(self) -> None:
        """Wait for the first right answer.

        Raises RuntimeError, with the end of the server's log, where it ends before or takes longer than START_SECONDS.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask("POST", "/predict", b'{"text": "ready"}')[0] == 200 and self._says_ready():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        ended = self.process.poll()
        what = f"still not ready after {START_SECONDS} s" if ended is None else f"ended with status {ended}"
        log = self.log.read_text(errors="replace")[-2_000:]
        raise RuntimeError(f"{' '.join(map(str, self.process.args))}: {what}; its log ends so:\n{log}")

    def _says_ready(self) -> bool:
        """Peers without /readyz answer 404 there: they have said all they can."""
        return self.ask("GET", "/readyz")[0] in (200, 404)


def undertone() -> Contender:
    """The service with its default settings."""
    return Contender("Undertone", (sys.executable, "-m", "service"), "default settings")


def plain() -> Contender:
    """Flask under two sync workers."""
    command = (sys.executable, "-m", "gunicorn", "--workers", "2", "--worker-tmp-dir", "/dev/shm")
    application = ("--bind", f"127.0.0.1:{PORT}", "--backlog", "2048", "bench.peers.plain:create_app()")
    parser = "the parser of gunicorn_h1c" if find_spec("gunicorn_h1c") else "gunicorn's own parser"
    return Contender("plain Flask", command + application, f"gunicorn, 2 sync workers, {parser}, no batching")


def batched(batch_size: int, wait_ms: float, workers: int, api_servers: int, fast_queue: bool) -> Contender:
    """LitServe; parameters as bench/peers/batched.py has them."""
    options = ("--batch-size", batch_size, "--wait-ms", wait_ms, "--workers", workers, "--api-servers", api_servers)
    command = (str(BATCHED_PYTHON), "-m", "bench.peers.batched", "--port", PORT, *map(str, options))
    settings = (
        f"max_batch_size={batch_size}, batch_timeout={wait_ms / 1000:g}, workers_per_device={workers}, "
        f"num_api_servers={api_servers}, fast_queue={fast_queue}"
    )
    return Contender("LitServe", command + ("--fast-queue",) * fast_queue, settings)


@contextmanager
def running(contender: Contender, model: Path, folder: Path, device: str = "cpu") -> Iterator[Server]:
    """Start a server on a free port of this machine, wait until it is ready, and end it with all its processes.

    `folder` is where its log goes; `device` is heeded by the service, while peers are on the CPU.
    """
    port, log = _free_port(), folder / f"{contender.name.replace(' ', '-')}.log"
    command = [part.replace(PORT, str(port)) for part in contender.command]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(port, model, device),
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    server = Server(process, port, log)
    try:
        server.wait_ready()
        yield server
    finally:
        _end(process)


def _environment(port: int, model: Path, device: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UNDERTONE_", "GUNICORN_"))}
    own = {"PORT": port, "MODEL": model.resolve(), "DEVICE": device}
    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return kept | threads | {f"UNDERTONE_{name}": str(value) for name, value in own.items()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _end(process: subprocess.Popen[bytes]) -> None:
    children: Sequence[psutil.Process] = []
    if process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in psutil.wait_procs(children, timeout=5)[1]:
        child.kill()
