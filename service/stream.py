"""Blueprint of POST /predict/stream: a review a line in, an answer a line out, for as long as the client likes.

    {"text": "…", "id": 17}      ->  {"line": 1, "id": 17, "label": "negative", …}
    no JSON                      ->  {"line": 2, "error": {"status": 400, …}}
                                     {"end": {"lines": 2, "predicted": 1, "failed": 1}}

Lines that have arrived together are read together; a line that comes alone is answered at once. No more than a window
is held: a client that does not take its answers is not read from.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import gevent
import orjson
from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError

from service import metrics
from service.arriving import ArrivingLines
from service.json_body import check_type
from service.lines import Line
from service.model_slot import ModelSlot, model_info
from service.problems import Problem, document
from service.request_log import noted, request_id
from service.settings import Settings
from service.stream_schemas import StreamLines
from service.trace import trace

CONTENT_TYPE = "application/x-ndjson"

_TURN = 1e-6  # seconds: unlike a sleep of 0, it lets timers and sockets have their turn too
log = logging.getLogger(__name__)


def blueprint(settings: Settings, slot: ModelSlot, lines: StreamLines) -> Blueprint:
    """Return the route that answers streams.

    Parameters:
        settings: batch_size is how many lines are read together.
        slot: the model.
        lines: what a line may hold.
    """
    stream = Blueprint("stream", __name__)

    @stream.post("/predict/stream")
    def predict_stream() -> Response:
        slot.get()
        check_type(request, CONTENT_TYPE)
        asked: Request = request._get_current_object()  # type: ignore[attr-defined] # the proxy is gone when lines come
        answers = Answers(asked, settings, slot, lines)
        response = Response(answers.stream(), content_type=CONTENT_TYPE)
        response.call_on_close(answers.close)
        response.headers["X-Accel-Buffering"] = "no"  # nginx: pass each line on at once
        return response

    return stream


class Answers:
    """The answers to one stream, made while its request is at hand and given when that is gone.

    Parameters:
        request: the request.
        settings, slot, lines: as for `blueprint`.
    """

    def __init__(self, request: Request, settings: Settings, slot: ModelSlot, lines: StreamLines) -> None:
        self._path, self._id, self._noted = request.root_path + request.path, request_id(), noted()
        self._most, self._slot, self._lines = settings.batch_size, slot, lines
        self._arriving = ArrivingLines(request, lines.max_bytes)
        self._taken = self._predicted = self._failed = 0
        self._end = "client left"

    def stream(self) -> Iterator[bytes]:
        """Yield what is to be sent, a window of lines at a time, and the last line."""
        yield b""  # the headers go out before the first line has come
        end: dict[str, Any] = {}
        try:
            while taken := self._arriving.take(self._most, self._check_open):
                yield self._answer(taken)
                gevent.sleep(_TURN)  # a line at fault waits for nothing, and others want their turn
        except HTTPException as error:
            end = {"error": document(error, self._path, self._id)}
        except Exception as error:  # noqa: BLE001 - the status is sent; the last line must say it
            end = {"error": document(self._unexpected(error), self._path, self._id)}
        self._end = str(end["error"]["status"]) if end else "whole"
        yield _line({"end": self._counts()} | end)

    def close(self) -> None:
        """Give up what is left of the body."""
        self._noted.update({"end": self._end} | self._counts())
        self._arriving.close()

    def _counts(self) -> dict[str, int]:
        return {"lines": self._taken, "predicted": self._predicted, "failed": self._failed}

    def _check_open(self) -> None:
        if self._slot.draining():
            metrics.shed("draining")
            raise Problem(
                503, "This worker is ending. Send the rest as a new stream, from the line after end.lines on."
            )

    def _answer(self, taken: Sequence[Line]) -> bytes:
        reviews = [self._lines.read(line) for line in taken if line.data is None or line.data.strip()]
        predicted = iter(self._predict([review.text for review in reviews if review.fault is None]))
        answers = []
        for review in reviews:
            found = review.fault or next(predicted)
            if isinstance(found, HTTPException):
                self._failed += 1
                answers.append(_line(review.head | {"error": document(found, self._path, self._id)}))
            else:
                self._predicted += 1
                answers.append(_line(review.head | found))
        self._taken = taken[-1].number
        return b"".join(answers)

    def _predict(self, texts: Sequence[str]) -> list[dict[str, Any] | HTTPException]:
        """Return a prediction or an error for each text; what is no text's fault is raised, and ends the stream."""
        if not texts:
            return []
        try:
            predictor, predictions = self._slot.predict(texts, patient=True)
        except Problem:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one text's, and the others have answers
            if len(texts) == 1:
                return [self._unexpected(error)]
            return [answer for text in texts for answer in self._predict([text])]
        model = {"model": model_info(predictor)}
        return [one.to_dict() | model for one in predictions]

    def _unexpected(self, error: Exception) -> InternalServerError:
        log.error("unexpected error", {"request_id": self._id, "traceback": trace(error)})
        return InternalServerError()


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
