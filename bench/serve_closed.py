"""Closed-loop load by wrk: each connection sends its next request when it has the answer to the one before."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = Path(__file__).with_name("serve_wrk.lua")
_TIMEOUT = 20  # seconds after which wrk counts an answer as late


@dataclass(frozen=True)
class Closed:
    """What wrk saw: right answers a second, percentiles of all answers' latency in milliseconds, and what went wrong.

    For a server that closes each connection the time to connect is in `rate` and not in the percentiles.
    """

    rate: float
    p50: float
    p90: float
    p99: float
    not_2xx: int
    broken: int
    late: int


def check_wrk() -> None:
    """Raises RuntimeError where wrk is not installed."""
    if not shutil.which("wrk"):
        raise RuntimeError("no wrk found, which makes the load: on Debian and Ubuntu, apt-get install wrk")


def closed_loop(port: int, bodies: Sequence[bytes], connections: int, seconds: int, folder: Path) -> Closed:
    """Load the server on `port` of this machine.

    Parameters:
        bodies: what is posted to /predict, in turn and again from the start.
        connections: how many send at the same time.
        seconds: how long, a whole number.
        folder: where the bodies are left for wrk.

    Raises RuntimeError, with what wrk said, where it fails.
    """
    file = folder / "bodies.jsonl"
    file.write_bytes(b"\n".join(bodies) + b"\n")
    load = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    how = ["--timeout", f"{_TIMEOUT}s", "--script", str(_SCRIPT), f"http://127.0.0.1:{port}", "--", str(file)]
    done = subprocess.run(load + how, capture_output=True, text=True, timeout=seconds + 60, check=False)
    if done.returncode or not done.stdout.strip().endswith("}"):
        raise RuntimeError(f"{' '.join(load + how)} ended with status {done.returncode}: {done.stderr or done.stdout}")
    seen = json.loads(done.stdout.strip().splitlines()[-1])
    rate = (seen.pop("answers") - seen["not_2xx"]) / seen.pop("seconds")
    return Closed(rate=rate, **seen)
