"""Where a worker keeps its model: empty while it is loaded, then filled, later perhaps filled anew."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flask import has_request_context, request

from service import metrics
from service.batcher import Batcher
from service.client import leaving
from service.problems import Problem
from service.settings import Settings

if TYPE_CHECKING:  # torch takes seconds to import; a worker answers its probes before that
    from models.explanation import Explanation
    from models.predictor import Prediction, Predictor

RETRY_AFTER = 2
"""Seconds after which a client may ask again while the model is loaded, or this worker ends."""


class ModelSlot:
    """Holds the predictor of this process, and hands it what requests ask for, batch by batch.

    Parameters:
        predictor: the model, or None where it is still to be loaded.
        settings: those of the queue; default the defaults.
    """

    def __init__(self, predictor: "Predictor | None" = None, settings: Settings | None = None) -> None:
        self._predictor = predictor
        self._settings = settings or Settings()
        self.batcher = Batcher(self._settings)
        self.draining: Callable[[], bool] = lambda: False
        """Whether this worker is about to end: what comes is still answered, but no more should. Set under gunicorn."""
        self.all_started: Callable[[], bool] = lambda: True
        """Whether the workers beside this one have loaded too; set under gunicorn."""

    def put(self, predictor: "Predictor") -> None:
        """Serve with `predictor` from now on; what waits for the one before is still read by that one."""
        self._predictor = predictor
        metrics.model_served(predictor.name, predictor.version)

    def get(self) -> "Predictor":
        """Return the predictor.

        Raises:
            Problem: 503 with Retry-After while there is none.
        """
        if self._predictor is None:
            metrics.shed("loading")
            raise _not_ready("The model is being loaded.")
        return self._predictor

    def check_alive(self) -> None:
        """Return where the network comes to an end with its batches.

        Raises:
            Problem: 503 with Retry-After where it does not.
        """
        if self.batcher.computing_seconds() > self._settings.stuck_seconds:
            raise _not_ready("The network is stuck.")

    def check_ready(self) -> "Predictor":
        """Return the predictor where this worker and those beside it can answer.

        Raises:
            Problem: 503 with Retry-After, and the reason.
        """
        if self._predictor is None:
            raise _not_ready("The model is being loaded.")
        if self.draining():
            raise _not_ready("This worker is ending.")
        if not self.all_started():
            raise _not_ready("The model is being loaded by another worker.")
        return self._predictor

    def predict(self, texts: Sequence[str], patient: bool = False) -> "tuple[Predictor, list[Prediction]]":
        """Return the predictions for `texts`, and who made them.

        Parameters:
            texts: at least one, each as models.text.check_text accepts it.
            patient: wait for as long as it takes rather than be refused.

        Raises:
            Problem: as `get` and Batcher.predict.
        """
        predictor = self.get()
        return predictor, self.batcher.predict(predictor, texts, _leaving(), patient)

    def explain(
        self, text: str, target: str, method: str, spans: Sequence[tuple[int, int]], units: int
    ) -> "tuple[Predictor, Explanation]":
        """Return the explanation of `text`, parameters as `Predictor.explain`, and who made it.

        Raises:
            Problem: as `get` and Batcher.predict.
            SpanError: a span touches no word.
        """
        predictor = self.get()
        explained = self.batcher.work(
            predictor, text, _leaving(), lambda model: model.explain(text, target, method, spans, units)
        )
        return predictor, explained


def model_info(predictor: "Predictor") -> dict[str, str]:
    """Return what an answer says of the model that made it."""
    return {"name": predictor.name, "version": predictor.version}


def _leaving() -> Callable[[], bool]:
    return leaving(request) if has_request_context() else lambda: False


def _not_ready(what: str) -> Problem:
    return Problem(503, f"{what} Try again in {RETRY_AFTER} seconds.", headers={"Retry-After": str(RETRY_AFTER)})
