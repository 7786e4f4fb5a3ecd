"""Loads the model in a thread of the worker and warms it, so that the probes answer meanwhile."""

import gc
import logging
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gevent

from service.model_slot import ModelSlot
from service.native import in_thread
from service.settings import Settings
from service.trace import trace

if TYPE_CHECKING:
    from models.predictor import Predictor

_WARM_WORDS = (1, 8, 24, 200)
"""Lengths, in words, that are run before the service is ready."""

AGAIN_AFTER = 5.0
"""Seconds between two tries to load the model of a worker that replaces another."""

log = logging.getLogger(__name__)


class LoadError(RuntimeError):
    """The artifact can't be served; the message is the whole reason."""


def load(settings: Settings) -> "Predictor":
    """Load and warm the model that the settings name.

    Parameters:
        settings: model, model_sha256, device, torch_threads and batch_size count.

    Returns:
        A predictor that has already run several shapes.

    Raises:
        LoadError: the artifact is not there, not whole or not the expected one.
    """
    # Each thread that computes asks for its own threads; this is what it is given from the first on.
    os.environ["OMP_NUM_THREADS"] = str(settings.torch_threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if settings.torch_threads > 1 else "false"
    import torch

    from models.artifact import ArtifactError
    from models.predictor import Predictor

    torch.set_num_threads(settings.torch_threads)
    if torch.get_num_interop_threads() != 1:
        torch.set_num_interop_threads(1)  # possible once, before anything runs; the network is one chain
    try:
        predictor = Predictor.load(settings.model, settings.device, settings.model_sha256)
    except ArtifactError as error:
        raise LoadError(str(error)) from error
    _warm(predictor, settings.batch_size)
    return predictor


def load_in_thread(
    slot: ModelSlot, settings: Settings, on_ready: Callable[[], None], on_failure: Callable[[], None]
) -> "gevent.Greenlet[[], None]":
    """Fill `slot` with what a thread loads; the greenlets of the worker run on meanwhile.

    Where that fails it is tried again every AGAIN_AFTER seconds, unless `on_failure` ends the process.

    Parameters:
        slot: where the model goes.
        settings: as for `load`.
        on_ready: called when `slot` is filled.
        on_failure: called when that can't be done, after the reason is logged.

    Returns:
        The greenlet that waits for it.
    """

    def loaded() -> bool:
        started = time.monotonic()
        try:
            predictor = in_thread(gevent.get_hub().threadpool, load, settings)
        except LoadError as error:
            log.critical("the model can't be loaded", {"reason": str(error)})
        except Exception as error:  # noqa: BLE001 - whatever it is, the service ends with it
            log.critical("the model can't be loaded", {"traceback": trace(error)})
        else:
            gc.collect()
            gc.freeze()  # a full collection would go through torch's 200,000 objects, 100 ms without an answer
            slot.put(predictor)
            on_ready()
            seconds = round(time.monotonic() - started, 1)
            log.info("ready", _described(predictor, settings) | {"load_seconds": seconds})
            return True
        return False

    def run() -> None:
        while not loaded():
            on_failure()
            gevent.sleep(AGAIN_AFTER)

    return gevent.spawn(run)


def _warm(predictor: "Predictor", batch_size: int) -> None:
    """Run each shape twice: TorchScript profiles the first run and compiles in the second."""
    for count in (1, min(8, batch_size), batch_size):
        for words in _WARM_WORDS:
            for _ in range(2):
                predictor.predict(["warm " * words] * count, batch_size)
    predictor.explain("not warm")  # what explains is made once, here


def _described(predictor: "Predictor", settings: Settings) -> dict[str, Any]:
    return {
        "address": settings.address,
        "model": predictor.name,
        "version": predictor.version,
        "device": str(predictor.device),
        "workers": settings.workers,
        "torch_threads": settings.torch_threads,
    }
