"""What waits in the queue of a worker: the texts of one request, and what becomes of them."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gevent.event import AsyncResult

if TYPE_CHECKING:  # torch takes seconds to import; a worker answers its probes before that
    from models.predictor import Prediction, Predictor

WORK_WEIGHT = 40
"""How many times as long as in a full batch a token takes where it is explained (bench/explain_cost.py)."""


class Ticket:
    """The texts of one request, and what becomes of them.

    Parameters:
        predictor: who is to read them.
        texts: at least one.
        gone: whether the client has left.
        work: what is computed instead of predictions, alone, as heavy as `texts` are long.
    """

    def __init__(
        self,
        predictor: "Predictor",
        texts: Sequence[str],
        gone: Callable[[], bool],
        work: Callable[["Predictor"], Any] | None = None,
    ) -> None:
        weight = 1 if work is None else WORK_WEIGHT
        self.predictor = predictor
        self.texts = texts
        self.gone = gone
        self.work = work
        self.tokens = deque(weight * tokens_of(text, predictor.max_tokens) for text in texts)
        """Of each text that is not yet in a batch."""
        self.size = self.waiting = sum(self.tokens)
        self.taken = 0
        self.left = len(texts)
        self.predictions: list[Any] = [None] * len(texts)
        self.arrived = time.monotonic()
        self.queued = 0.0
        """Seconds after which the last batch began that had a text of it."""
        self.done: AsyncResult[Any] = AsyncResult()

    def take(self) -> int:
        """Return the place of the next text, which is now in a batch."""
        self.waiting -= self.tokens.popleft()
        self.taken += 1
        return self.taken - 1

    def answer(self, place: int, prediction: "Prediction") -> None:
        """Keep one prediction; the last one ends the wait."""
        self.predictions[place] = prediction
        self.left -= 1
        if self.left == 0:
            self.finish(self.predictions)

    def finish(self, result: Any) -> None:
        """End the wait."""
        if not self.done.ready():
            self.done.set(result)

    def fail(self, error: Exception) -> None:
        """End the wait with an error; what is not yet in a batch is dropped."""
        self.tokens.clear()
        self.waiting = 0
        if not self.done.ready():
            self.done.set_exception(error)


def tokens_of(text: str, max_tokens: int) -> int:
    """Guess how many tokens the network will read of a text: one for each four bytes of UTF-8.

    Counting them takes the tokenizer, which runs in the thread that computes.
    """
    size = len(text) if text.isascii() or len(text) > 4 * max_tokens else len(text.encode())
    return min(max_tokens, 1 + size // 4)
