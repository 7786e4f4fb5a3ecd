"""Where a worker keeps its model: empty while it is loaded, then filled."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from service.problems import Problem

if TYPE_CHECKING:  # torch takes seconds to import; a worker answers its probes before that
    from models.explanation import Explanation
    from models.predictor import Prediction, Predictor

RETRY_AFTER = 2
"""Seconds after which a client may ask again while the model is loaded."""


class ModelSlot:
    """Holds the predictor of this process, and lets one request at a time compute.

    Handler threads share the worker's torch threads; side by side they would only take turns on the same
    cores, and hold more memory meanwhile.

    Parameters:
        predictor: the model, or None where it is still to be loaded.
    """

    def __init__(self, predictor: "Predictor | None" = None) -> None:
        self._predictor = predictor
        self._computing = threading.Lock()
        self.all_started: Callable[[], bool] = lambda: True
        """Whether the workers beside this one have loaded too; set under gunicorn."""

    def put(self, predictor: "Predictor") -> None:
        """Serve with `predictor` from now on."""
        self._predictor = predictor

    def get(self) -> "Predictor":
        """Return the predictor.

        Raises:
            Problem: 503 with Retry-After while there is none.
        """
        if self._predictor is None:
            raise _loading("The model is being loaded.")
        return self._predictor

    def check_ready(self) -> "Predictor":
        """Return the predictor where this worker and those beside it can answer.

        Raises:
            Problem: 503 with Retry-After, and the reason.
        """
        predictor = self.get()
        if not self.all_started():
            raise _loading("The model is being loaded by another worker.")
        return predictor

    def predict(self, texts: Sequence[str], batch_size: int) -> "tuple[Predictor, list[Prediction]]":
        """Return the predictions for `texts`, at most `batch_size` of them in the network at once, and who made them.

        Raises:
            Problem: as `get`.
        """
        predictor = self.get()
        with self._computing:
            return predictor, predictor.predict(texts, batch_size)

    def explain(
        self, text: str, target: str, method: str, spans: Sequence[tuple[int, int]], units: int
    ) -> "tuple[Predictor, Explanation]":
        """Return the explanation of `text`, parameters as `Predictor.explain`, and who made it.

        Raises:
            Problem: as `get`.
            SpanError: a span touches no word.
        """
        predictor = self.get()
        with self._computing:
            return predictor, predictor.explain(text, target, method, spans, units)


def model_info(predictor: "Predictor") -> dict[str, str]:
    """Return what an answer says of the model that made it."""
    return {"name": predictor.name, "version": predictor.version}


def _loading(what: str) -> Problem:
    return Problem(503, f"{what} Try again in {RETRY_AFTER} seconds.", headers={"Retry-After": str(RETRY_AFTER)})
