"""The files in which each process keeps its metrics, with their room taken when they are made.

prometheus_client maps files that are one hole. Where /dev/shm is full, the first write into a hole ends the process
with SIGBUS, the master too; a service must not end for its metrics.
"""

import logging
import os
from contextlib import suppress

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

SIZE = 256 * 1024
"""Bytes of each file: several times what all the labels that exist take, so that none has to grow."""

log = logging.getLogger(__name__)


class RoomyDict(MmapedDict):
    """A file of metrics with room; where there is none, the metrics of this process are kept to itself."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if read_mode or _take_room(filename):
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]
            return
        what = os.path.basename(filename)
        log.warning("no room for metrics: those of this file are kept from /metrics", {"file": what, "bytes": SIZE})
        private = os.memfd_create("undertone-metrics")
        super().__init__(f"/proc/self/fd/{private}")  # type: ignore[no-untyped-call]
        os.close(private)  # it is open a second time


def _take_room(filename: str) -> bool:
    """Make the file of SIZE bytes, whole at once: whoever reads it meanwhile must not find it empty."""
    making = filename if os.path.exists(filename) else f"{filename}.new"
    try:
        with open(making, "ab") as file:
            os.posix_fallocate(file.fileno(), 0, SIZE)
        os.replace(making, filename)
    except OSError:
        if making != filename:
            with suppress(OSError):
                os.unlink(making)
        return False
    return True


values.MmapedDict = RoomyDict  # type: ignore[attr-defined] # what every metric is kept in
