"""What the workers must know of each other while they load: whether all have, and who reports a failure."""

import mmap
import os


class Startup:
    """Shared between the master that makes it and the workers that are forked after that.

    Each connection goes to any worker, so the service is ready only when every one of them is: otherwise /readyz
    says yes and the next request meets a worker that still loads.

    Parameters:
        workers: how many are forked at the start, at least 1. gunicorn counts them from 1 (`worker.age`) and goes
            on counting with those that replace them, which don't take part.
    """

    def __init__(self, workers: int) -> None:
        self._loaded = mmap.mmap(-1, workers)  # one byte each
        self._token, writing = os.pipe()
        os.write(writing, b"1")
        os.set_blocking(self._token, False)

    def done(self, age: int) -> None:
        """Say that worker number `age`, from 1, has loaded its model or has ended."""
        if age <= len(self._loaded):
            self._loaded[age - 1] = 1

    def has_done(self, age: int) -> bool:
        """Return whether worker number `age`, from 1, has loaded its model or has ended, or takes no part."""
        return age > len(self._loaded) or bool(self._loaded[age - 1])

    def complete(self) -> bool:
        """Return whether none of the first workers is still to load."""
        return self._loaded[:].count(0) == 0

    def first_to_fail(self) -> bool:
        """Return True to exactly one caller in all the processes."""
        try:
            return bool(os.read(self._token, 1))
        except BlockingIOError:
            return False
