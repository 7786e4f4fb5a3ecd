"""One queue for the texts of all requests of a worker, and one thread in which the network reads them in batches.

Everything here but the network itself runs in greenlets of one thread, so nothing needs a lock. What is computed goes
to a thread of its own, and the worker reads and answers requests meanwhile.
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from gevent.threadpool import ThreadPool

from service import metrics
from service.native import in_thread
from service.pace import Pace
from service.problems import Problem
from service.request_log import note
from service.settings import Settings
from service.ticket import Ticket, tokens_of
from service.trace import trace

if TYPE_CHECKING:  # torch takes seconds to import; a worker answers its probes before that
    from models.predictor import Prediction, Predictor

RETRY_AFTER = 1
"""Seconds after which a client that was refused may ask again."""

GONE_AFTER = 0.05
"""Seconds of waiting from which on it is worth a look whether the client is still there."""

log = logging.getLogger(__name__)


class Batcher:
    """Gathers what waits into batches, takes turns between requests, and refuses what would wait too long.

    Parameters:
        settings: batch_size, batch_tokens, batch_wait_ms, queue_ms and deadline_ms count.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue: deque[Ticket] = deque()
        self._arrived = Event()
        self._running: gevent.Greenlet[[ThreadPool], None] | None = None
        self._pace = Pace()
        self._batch_tokens = 0
        self._batch_began: float | None = None  # None while nothing is computed

    def predict(
        self, predictor: "Predictor", texts: Sequence[str], gone: Callable[[], bool], patient: bool = False
    ) -> "list[Prediction]":
        """Return the predictions of `predictor` for texts, in their order.

        Parameters:
            predictor: who is to read them.
            texts: at least one, each as models.text.check_text accepts it.
            gone: whether the client has left; asked when its turn comes.
            patient: wait for as long as it takes; a text of them has its turn like any other.

        Raises:
            Problem: 429 where they would wait longer than queue_ms, 504 past deadline_ms, 499 where the client left.
        """
        return list(self._ask(Ticket(predictor, texts, gone), patient))

    def work(
        self, predictor: "Predictor", text: str, gone: Callable[[], bool], work: Callable[["Predictor"], Any]
    ) -> Any:
        """Return what `work` makes of `predictor`: in its turn, computed alone.

        Parameters:
            predictor: what `work` is given.
            text: what it is about; its length counts in the queue.
            gone: as in `predict`.
            work: runs in the thread that computes.

        Raises:
            Problem: as `predict`.
            Exception: what `work` raises.
        """
        return self._ask(Ticket(predictor, [text], gone, work))

    def computing_seconds(self) -> float:
        """Return for how long the batch under way has been computed, 0 where there is none; endless where a defect has
        ended what takes batches, so that whoever watches over stuck ones sees that too."""
        if self._running is not None and self._running.dead:
            return math.inf
        return 0.0 if self._batch_began is None else time.monotonic() - self._batch_began

    def waiting_texts(self) -> int:
        """Return how many texts are not yet in a batch."""
        return sum(len(ticket.tokens) for ticket in self._queue)

    def show(self) -> None:
        """Bring what waits into the metrics."""
        metrics.queue(self.waiting_texts(), self.expected_wait())

    def expected_wait(self, tokens: int = 1) -> float:
        """Return after how many seconds, about, the network would have come to the end of a ticket.

        Requests take turns, so of each one that waits no more counts than the new one has itself, but its next text
        whole: of a text, or of an explanation, there is no half.

        Parameters:
            tokens: of the new ticket.
        """
        ahead = sum(
            ticket.waiting if ticket.waiting <= tokens else max(ticket.tokens[0], tokens) for ticket in self._queue
        )
        under_way = self._pace.seconds(self._batch_tokens) - self.computing_seconds() if self._batch_began else 0.0
        return max(0.0, under_way) + self._pace.seconds(ahead)

    def _ask(self, ticket: Ticket, patient: bool = False) -> Any:
        longest, deadline_ms = self._settings.queue_ms / 1000, self._settings.deadline_ms
        if not patient and (wait := self.expected_wait(ticket.waiting)) > longest:
            metrics.shed("full")
            raise _full(wait, longest)
        if self._running is None:
            self._running = gevent.spawn(self._run, ThreadPool(1))
        self._queue.append(ticket)
        self._arrived.set()
        try:
            result = ticket.done.get(timeout=None if patient else deadline_ms / 1000)
        except gevent.Timeout:
            metrics.shed("deadline")
            late = _late(deadline_ms)
            ticket.fail(late)
            raise late from None
        note(queue_ms=round(1000 * ticket.queued, 2))
        return result

    def _run(self, thread: ThreadPool) -> None:
        while True:
            busy = bool(self._queue)
            self._arrived.wait()
            # An idle network starts at once. After a batch, its answers have time to bring new requests.
            gevent.sleep(self._settings.batch_wait_ms / 1000 if busy else 0)
            batch = self._gather()
            self.show()
            if not self._queue:
                self._arrived.clear()
            if batch:
                self._compute(thread, batch)

    def _gather(self) -> list[tuple[Ticket, int]]:
        """Take a batch of texts, one of each ticket in turn; what nobody waits for any more is dropped."""
        batch: list[tuple[Ticket, int]] = []
        room, now = self._settings.batch_tokens, time.monotonic()
        while self._queue and len(batch) < self._settings.batch_size:
            ticket = self._queue[0]
            if ticket.tokens and now - ticket.arrived > GONE_AFTER and ticket.gone():
                metrics.shed("gone")
                ticket.fail(_gone())
            if not ticket.tokens:
                self._queue.popleft()
                continue
            if batch and (
                ticket.tokens[0] > room
                or ticket.predictor is not batch[0][0].predictor  # the model has been changed meanwhile
                or ticket.work is not None
            ):
                break
            room -= ticket.tokens[0]
            batch.append((ticket, ticket.take()))
            self._queue.rotate(-1)
            if ticket.work is not None:
                break
        return batch

    def _compute(self, thread: ThreadPool, batch: list[tuple[Ticket, int]]) -> None:
        ticket = batch[0][0]
        self._batch_began = time.monotonic()
        for asked, _ in batch:
            asked.queued = self._batch_began - asked.arrived
        try:
            if ticket.work is not None:
                self._batch_tokens = ticket.size
                ticket.finish(in_thread(thread, ticket.work, ticket.predictor))
                return
            texts = [ticket.texts[place] for ticket, place in batch]
            self._batch_tokens = sum(tokens_of(text, ticket.predictor.max_tokens) for text in texts)
            predictions, *spent = in_thread(thread, _read, ticket.predictor, texts, self._settings.batch_size)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to who asked, and ends nothing else
            if len(batch) == 1:
                ticket.fail(error)
                return
            log.error("a batch failed; each text is read alone now", {"texts": len(batch), "traceback": trace(error)})
            for one in batch:
                self._compute(thread, [one])
            return
        finally:
            seconds, self._batch_began = self.computing_seconds(), None
        self._pace.add(self._batch_tokens, seconds)
        metrics.batch_done(predictions, [asked.queued for asked, _ in batch], *spent)
        for (ticket, place), prediction in zip(batch, predictions, strict=True):
            ticket.answer(place, prediction)


def _read(predictor: "Predictor", texts: Sequence[str], batch_size: int) -> "tuple[list[Prediction], float, float]":
    """Predictions, and the seconds of tokenizer and network: the two halves of Predictor.predict."""
    began = time.perf_counter()
    readings = predictor.read(texts)
    read = time.perf_counter()
    predictions = predictor.classify(readings, batch_size)
    return predictions, read - began, time.perf_counter() - read


def _full(wait: float, longest: float) -> Problem:
    return Problem(
        429,
        f"The service is busy: this would wait for some {1000 * wait:.0f} ms, and at most {1000 * longest:.0f} are "
        f"accepted. Try again in {RETRY_AFTER} second, or send less at once.",
        headers={"Retry-After": str(RETRY_AFTER)},
    )


def _late(deadline_ms: int) -> Problem:
    return Problem(504, f"No answer within {deadline_ms:,} ms. Try again later, or send less at once.")


def _gone() -> Problem:
    return Problem(499, "The client left before its turn came.")  # nobody reads this but the log
