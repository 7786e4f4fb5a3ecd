"""Shows what waits, and ends a worker whose network does not come to an end, so that another takes its place."""

import logging
import os

import gevent

from service.model_slot import ModelSlot

STATUS = 1
"""Exit status of such a worker. Not 3 or 4, with which gunicorn ends the whole service."""

_PERIOD = 1.0

log = logging.getLogger(__name__)


def watch(slot: ModelSlot, seconds: int) -> None:
    """Look each second; end the process where a batch has been computed for too long.

    A thread can't be ended from outside. The requests of this worker fail, as they would have anyhow.

    Parameters:
        slot: where the batches are.
        seconds: how long a batch may take.
    """
    while True:
        gevent.sleep(_PERIOD)
        slot.batcher.show()
        if slot.batcher.computing_seconds() > seconds:
            log.critical("the network is stuck; this worker ends and is replaced", {"seconds": seconds})
            logging.shutdown()
            os._exit(STATUS)
