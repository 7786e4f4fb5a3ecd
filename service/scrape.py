"""The metrics of all the workers as one: each writes files of its own, and whichever is asked reads them all."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from service import metrics, metrics_folder
from service.metrics_files import RoomyDict

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
log = logging.getLogger(__name__)


def worker_ended(pid: int) -> None:
    """Take the gauges of an ended worker out, keep its counts, and count it; called in the master.

    Parameters:
        pid: of its process.
    """
    folder = metrics_folder.current()
    if folder is not None:
        try:
            mark_process_dead(pid, folder)
            with metrics_folder.locked(exclusive=True):
                keep_counts(Path(folder), pid)
        except OSError as error:  # systemd's RemoveIPC, say, has emptied /dev/shm; the service must not end for it
            log.error("the counts of a worker that ended are lost", {"reason": str(error)})
    metrics.worker_ended()


def keep_counts(folder: Path, pid: int) -> None:
    """Move the counts of process `pid` to those of the ones that ended before: a scrape reads every file there is."""
    for kind in ("counter", "histogram"):
        own = folder / f"{kind}_{pid}.db"
        if not own.exists():
            continue
        kept: Any = RoomyDict(str(folder / f"{kind}_ended.db"))
        for key, value, *_ in MmapedDict.read_all_values_from_file(str(own)):
            kept.write_value(key, kept.read_value(key)[0] + value, 0.0)
        kept.close()
        own.unlink()


def exposition() -> bytes:
    """Return the metrics of all the workers in Prometheus' text format."""
    shown = CollectorRegistry()
    shown.register(_Shown())
    return generate_latest(shown)


class _Shown:
    """The sum over the workers; without a server around it, this process alone."""

    def collect(self) -> Iterable[Metric]:
        for metric in self._metrics():
            if metric.name == "undertone_model_info":  # over processes, a gauge can't be removed, only be set to 0
                metric.samples = [sample for sample in metric.samples if sample.value]
            yield metric

    def _metrics(self) -> Iterable[Metric]:
        folder = metrics_folder.current()
        if folder is None:
            return metrics.REGISTRY.collect()
        with metrics_folder.locked(exclusive=False):
            return list(MultiProcessCollector(None, folder).collect())
