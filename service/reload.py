"""Puts a new artifact in the place of the one that is served, in each worker, without a failed request."""

import logging
import mmap
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent

from service import metrics
from service.loading import LoadError, load
from service.model_slot import ModelSlot
from service.native import in_thread
from service.settings import Settings
from service.trace import trace

PERIOD = 1.0
"""Seconds between two looks at the artifact's file, and between two tries to take a turn."""

log = logging.getLogger(__name__)


class ReloadOrders:
    """What the workers share: how often SIGHUP has asked for a reload, and whose turn it is to load.

    The master makes it before it forks. One worker loads at a time, so that the others answer at full speed.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("undertone-reload")
        os.ftruncate(self._file, mmap.PAGESIZE)
        self._memory = mmap.mmap(self._file, mmap.PAGESIZE)

    def give(self) -> None:
        """Ask every worker to reload; for the master alone."""
        self._memory[:8] = (self.given() + 1).to_bytes(8, "little")

    def given(self) -> int:
        """Return how often that was asked."""
        return int.from_bytes(self._memory[:8], "little")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other worker loads. The turn of a worker that dies ends with it."""
        while True:
            try:
                os.lockf(self._file, os.F_TLOCK, 0)
                break
            except OSError:
                gevent.sleep(PERIOD / 4)
        try:
            yield
        finally:
            os.lockf(self._file, os.F_ULOCK, 0)


class Reloader:
    """Reloads the model of one worker when it is told to, or when the artifact's file is another one.

    Parameters:
        slot: where the model is.
        settings: as for service.loading.load; `model` is the file that is watched.
        orders: shared with the other workers.
    """

    def __init__(self, slot: ModelSlot, settings: Settings, orders: ReloadOrders) -> None:
        self._slot, self._settings, self._orders = slot, settings, orders
        self._path = Path(settings.model)
        self._order = orders.given()
        self._stamp = _stamp(self._path)

    def watch(self) -> None:
        """Look again and again, for as long as the worker lives."""
        last = self._stamp
        while True:
            gevent.sleep(PERIOD)
            order, stamp = self._orders.given(), _stamp(self._path)
            settled = stamp == last  # a file that is being written changes from look to look
            last = stamp
            if settled and (order != self._order or (stamp is not None and stamp != self._stamp)):
                self._order, self._stamp = order, stamp
                with self._orders.turn():
                    self._reload()

    def _reload(self) -> None:
        started, before = time.monotonic(), self._slot.get()
        try:
            predictor = in_thread(gevent.get_hub().threadpool, load, self._settings)
        except LoadError as error:
            log.error(
                "the model is not reloaded, the one before stays", {"version": before.version, "reason": str(error)}
            )
            metrics.reloaded(False)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the new one, the one before answers
            log.error(
                "the model is not reloaded, the one before stays",
                {"version": before.version, "traceback": trace(error)},
            )
            metrics.reloaded(False)
        else:
            self._slot.put(predictor)
            seconds = round(time.monotonic() - started, 1)
            log.info(
                "model reloaded", {"version": predictor.version, "before": before.version, "load_seconds": seconds}
            )
            metrics.reloaded(True)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:  # between two files, or gone: what is loaded stays
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
