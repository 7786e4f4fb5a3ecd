"""Where the microseconds of a request go, outside the network: the whole way through WSGI, and its parts.

    make bench-request    into docs/serving-speed.md

Processor time, so that what else the machine does counts less. The network's answers are kept from before; the metrics
are shared over processes and the log goes to a file, as they do in a worker.
"""

import gc
import io
import json
import logging.config
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path

from service import metrics_folder

metrics_folder.make()  # before prometheus_client is imported

import flask

from bench.pages import write_between
from models.predictor import Prediction, Predictor
from service import metrics
from service.app import create_app
from service.json_body import read_json
from service.logs import logging_config, without_callers
from service.model_slot import ModelSlot, model_info
from service.schemas import PredictRequests
from service.settings import Settings
from training.tables import table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/serving-speed.md"
TEXT = "the food was not as good as we had hoped but the staff were kind and we will come back again some day"
LIST = 100
_REPEATS = 15
_HEAD = {
    "REQUEST_METHOD": "POST",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/predict",
    "QUERY_STRING": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1:8000",
    "REMOTE_ADDR": "127.0.0.1",
    "CONTENT_TYPE": "application/json",
    "wsgi.url_scheme": "http",
    "wsgi.input_terminated": True,
}


class Remembering(ModelSlot):
    """A slot that knows the answers already."""

    def __init__(self, predictor: Predictor) -> None:
        super().__init__(predictor)
        self.known = {count: predictor.predict([TEXT] * count) for count in (1, LIST)}

    def predict(self, texts: list[str], patient: bool = False) -> tuple[Predictor, list[Prediction]]:
        """Return what was kept for as many texts."""
        return self.get(), self.known[len(texts)]


def main() -> None:
    """Measure, print and write the table."""
    slot = Remembering(Predictor.load(ROOT / "artifacts/default/sentiment.pt", "cpu"))
    with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
        config = logging_config("info", terminal=False)
        config["handlers"]["stderr"]["stream"] = log
        logging.config.dictConfig(config)
        without_callers()
        found = table(["part", "µs"], [[name, f"{cost:.0f}"] for name, cost in costs(slot).items()])
    print(found)
    write_between(PAGE, "request", found)


def costs(slot: Remembering) -> dict[str, float]:
    """Microseconds of processor time by part."""
    bare = flask.Flask("bare")
    bare.add_url_rule("/predict", view_func=lambda: flask.Response(b"{}"), methods=["POST"])
    app = create_app(Settings(), slot)
    requests = PredictRequests(128, 20_000)
    one, many = json.dumps({"text": TEXT}).encode(), json.dumps({"texts": [TEXT] * LIST}).encode()
    line = {"request_id": "0" * 32, "method": "POST", "route": "/predict", "status": 200, "ms": 4.31, "texts": 1}
    log = logging.getLogger("service.request_log")

    def read() -> None:
        requests.read(read_json(flask.Request(_environ(one)), 1_000_000))

    def counted() -> None:
        metrics.request_begun()
        metrics.request_done("/predict", "POST", 200, 0.004)

    def written() -> None:
        flask.jsonify(slot.known[1][0].to_dict() | {"model": model_info(slot.get())})

    with app.test_request_context():
        parts = {
            "Flask alone, an empty answer": _cost(lambda: _ask(bare, one)),
            "the body read, parsed and checked": _cost(read),
            "the answer written": _cost(written),
            "metrics": _cost(counted),
            "the log line": _cost(lambda: log.info("request", line)),
        }
    whole = _cost(lambda: _ask(app, one))
    rest = whole - sum(parts.values())
    return parts | {
        "the rest: ids, headers, limits, proxies, colder caches": rest,
        "**a request with one text**": whole,
        f"**a request with {LIST}**": _cost(lambda: _ask(app, many)),
    }


def _environ(body: bytes) -> dict[str, object]:
    return _HEAD | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}


def _ask(app: flask.Flask, body: bytes) -> None:
    answer = app.wsgi_app(_environ(body), lambda status, headers, *_: lambda data: None)
    b"".join(answer)
    answer.close()


def _cost(call: Callable[[], object], calls: int = 500) -> float:
    return min(timeit.repeat(call, gc.enable, number=calls, repeat=_REPEATS, timer=time.process_time)) / calls * 1e6


if __name__ == "__main__":
    main()
