"""Whether a text's probabilities depend on the company in which it is answered."""

import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from bench.serve_run import Run
from bench.serve_servers import Server, running, undertone
from bench.serve_tables import met
from models.predictor import Predictor
from training.tables import table

WAYS = ("alone", "in a list", "in a full batch")
CLIENTS = 64  # at the same time, which fill batches
_PATIENCE = 60  # seconds
ASKED = {"cpu": 1e-5, "cuda": 1e-4}  # by the device that serves; what it must agree with is always the CPU


def exactness(run: Run) -> tuple[str, dict[str, dict[str, float]]]:
    """The figures as Markdown, and the same as data, for the CPU and for the GPU where there is one."""
    texts = run.texts.mixed[: run.plan.exact]
    found, rows = {}, []
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        with running(undertone(), run.model, run.folder, device) as server:
            found[device] = differences(server, run.predictor, texts)
        asked = ASKED[device]
        rows += [
            [f"{way}, {device}", f"≤ {asked:.0e}", f"{one:.1e}", met(one <= asked)]
            for way, one in found[device].items()
        ]
    heading = [f"largest difference of a probability, {len(texts)} texts", "asked for", "measured", "met"]
    return table(heading, rows), found


def differences(server: Server, predictor: Predictor, texts: Sequence[str], list_size: int = 100) -> dict[str, float]:
    """Largest difference of a probability from that of Predictor.predict with the text alone, by way of asking."""
    expected = [predictor.predict([text])[0].probabilities for text in texts]
    lists = [texts[start : start + list_size] for start in range(0, len(texts), list_size)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers: dict[str, Iterable[dict[str, Any]]] = {
            "alone": [_post(server, {"text": text}) for text in texts],
            "in a list": [one for some in lists for one in _post(server, {"texts": some})["predictions"]],
            "in a full batch": list(clients.map(lambda text: _post(server, {"text": text}), texts)),
        }
    return {
        way: max(
            abs(answer["probabilities"][label] - share)
            for answer, shares in zip(answers[way], expected, strict=True)
            for label, share in shares.items()
        )
        for way in WAYS
    }


def _post(server: Server, value: dict[str, Any]) -> dict[str, Any]:
    end = time.monotonic() + _PATIENCE
    while True:
        status, answer = server.ask("POST", "/predict", json.dumps(value, ensure_ascii=False).encode())
        if status != 429 or time.monotonic() > end:  # CLIENTS long reviews may be more than is taken at a time
            break
        time.sleep(0.1)
    if status != 200:
        raise RuntimeError(f"a request for predictions was answered {status}: {answer[:500]!r}")
    return json.loads(answer)
