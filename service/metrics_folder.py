"""The folder through which the worker processes share their metrics.

prometheus_client looks for it when it is imported, so the master calls `make` before anything imports that.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there, readable to this user alone


def make() -> None:
    """Make a fresh folder, in memory where that is possible, and remove it when this process ends."""
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="undertone-metrics-", dir=memory)
    os.environ[VARIABLE] = folder
    atexit.register(_remove, folder, os.getpid())


def current() -> str | None:
    """Return the folder, None where nothing is shared."""
    return os.environ.get(VARIABLE)


@contextmanager
def locked(exclusive: bool) -> Iterator[None]:
    """Hold the folder while its files are read (shared) or moved (exclusive)."""
    with open(f"{os.environ[VARIABLE]}/lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # workers are forks and end before the master does
        shutil.rmtree(folder, ignore_errors=True)
