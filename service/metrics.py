"""What the service counts and measures, for GET /metrics: declared once here, filled by whoever knows the number.

Values of labels come from closed sets; a path or a word of a client is never one.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from models.labels import LABELS
from service import metrics_files  # noqa: F401 - it must be there before the first metric

if TYPE_CHECKING:
    from models.predictor import Prediction

Reason = Literal["full", "deadline", "draining", "loading", "gone"]
_REASONS: tuple[Reason, ...] = ("full", "deadline", "draining", "loading", "gone")
_LANGUAGES = ("en", "zh", "other")

_REQUEST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_STEP = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
_TEXTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_TOKENS = (16, 64, 256, 1024, 4096, 16_384, 65_536)


class _Waits(Histogram):
    """A histogram that takes the waits of a batch at once: a call for each text would cost 2 µs a text."""

    def observe_all(self, seconds: Sequence[float]) -> None:
        self._sum.inc(sum(seconds))
        for place, count in Tally(bisect_left(self._upper_bounds, one) for one in seconds).items():
            self._buckets[place].inc(count)


REGISTRY = CollectorRegistry()
_requests = Counter("undertone_requests_total", "Requests answered.", ["route", "method", "status"], registry=REGISTRY)
_request_seconds = Histogram(
    "undertone_request_seconds",
    "From the first line of a request to its answer.",
    ["route"],
    buckets=_REQUEST,
    registry=REGISTRY,
)
_in_flight = Gauge(
    "undertone_in_flight_requests", "Requests being answered now.", registry=REGISTRY, multiprocess_mode="livesum"
)
_queue_seconds = _Waits(
    "undertone_queue_seconds", "What a text waited before its batch began.", buckets=_STEP, registry=REGISTRY
)
_queue_texts = Gauge(
    "undertone_queue_texts", "Texts that wait now, all workers.", registry=REGISTRY, multiprocess_mode="livesum"
)
_queue_wait = Gauge(
    "undertone_queue_wait_seconds",
    "Wait that a new text may expect, the worker with the longest.",
    registry=REGISTRY,
    multiprocess_mode="livemax",
)
_shed = Counter(
    "undertone_shed_total", "Requests refused, or given up before their answer.", ["reason"], registry=REGISTRY
)
_tokenization_seconds = Histogram(
    "undertone_tokenization_seconds", "Tokenizer, a batch.", buckets=_STEP, registry=REGISTRY
)
_inference_seconds = Histogram("undertone_inference_seconds", "Network, a batch.", buckets=_STEP, registry=REGISTRY)
_batch_texts = Histogram("undertone_batch_texts", "Texts in a batch.", buckets=_TEXTS, registry=REGISTRY)
_batch_tokens = Histogram(
    "undertone_batch_tokens", "Tokens in a batch, without padding.", buckets=_TOKENS, registry=REGISTRY
)
_texts = Counter("undertone_texts_total", "Texts answered.", ["language"], registry=REGISTRY)
_tokens = Counter("undertone_tokens_total", "Tokens that the network read, without padding.", registry=REGISTRY)
_labels = Counter("undertone_labels_total", "Verdicts.", ["label"], registry=REGISTRY)
_model = Gauge(
    "undertone_model_info",
    "1 for each model that a worker serves.",
    ["name", "version"],
    registry=REGISTRY,
    multiprocess_mode="livemax",
)
_reloads = Counter("undertone_reloads_total", "Models loaded in place of another.", ["result"], registry=REGISTRY)
_worker_ends = Counter("undertone_worker_restarts_total", "Workers that ended and were replaced.", registry=REGISTRY)

# Bound once: to look a child up costs as much as to count. They stand in the answer as 0 before the first event.
_shed_by = {reason: _shed.labels(reason) for reason in _REASONS}
_texts_by = {language: _texts.labels(language) for language in _LANGUAGES}
_labels_by = {label: _labels.labels(label) for label in LABELS}
_reloads_by = {True: _reloads.labels("ok"), False: _reloads.labels("failed")}
_requests_by: dict[tuple[str, str, int], Counter] = {}
_seconds_by: dict[str, Histogram] = {}
_served: list[Gauge] = []


def request_begun() -> None:
    """Count a request as being answered."""
    _in_flight.inc()


def request_done(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request as answered.

    Parameters:
        route: the rule that it met, "-" for none.
        method: the HTTP method where it is a usual one, else "other".
        status: HTTP status.
        seconds: what it took.
    """
    _in_flight.dec()
    key = (route, method, status)
    count = _requests_by.get(key)
    if count is None:
        _seconds_by[route] = _request_seconds.labels(route)
        count = _requests_by[key] = _requests.labels(route, method, str(status))
    count.inc()
    _seconds_by[route].observe(seconds)


def queue(texts: int, wait_seconds: float) -> None:
    """Say how many texts wait in this worker, and how long a new one is expected to."""
    _queue_texts.set(texts)
    _queue_wait.set(wait_seconds)


def shed(reason: Reason) -> None:
    """Count a request that was refused or given up."""
    _shed_by[reason].inc()


def batch_done(
    predictions: "Sequence[Prediction]",
    waits: Sequence[float],
    tokenization_seconds: float,
    inference_seconds: float,
) -> None:
    """Record a batch.

    Parameters:
        predictions: the answers, at least 1.
        waits: seconds from the arrival of each text to the batch's begin.
        tokenization_seconds: what the tokenizer took.
        inference_seconds: what the network took.
    """
    _queue_seconds.observe_all(waits)
    _tokenization_seconds.observe(tokenization_seconds)
    _inference_seconds.observe(inference_seconds)
    _batch_texts.observe(len(predictions))
    tokens = sum(one.tokens for one in predictions)
    _batch_tokens.observe(tokens)
    _tokens.inc(tokens)
    for language, count in Tally(one.language for one in predictions).items():
        _texts_by[language].inc(count)
    for label, count in Tally(one.label for one in predictions).items():
        _labels_by[label].inc(count)


def model_served(name: str, version: str) -> None:
    """Say which model this worker serves from now on."""
    for before in _served:
        before.set(0)
    _served[:] = [_model.labels(name, version)]
    _served[0].set(1)


def reloaded(ok: bool) -> None:
    """Count an attempt to put another model in place of the one that is served."""
    _reloads_by[ok].inc()


def worker_ended() -> None:
    """Count a worker that ended; called in the master."""
    _worker_ends.inc()
