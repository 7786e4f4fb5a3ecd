"""Whether a text's probabilities depend on the company in which it is answered."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.serve_run import Run
from bench.serve_servers import Server, running, undertone
from bench.serve_tables import met
from models.predictor import Predictor
from training.tables import table

WAYS = ("alone", "in a list", "in a full batch")
CLIENTS = 64  # at the same time, which fill batches
ASKED = 1e-5


def exactness(run: Run) -> tuple[str, dict[str, float]]:
    """The figures as Markdown, and the same as data; half of the texts are Chinese."""
    texts = run.texts.mixed[: run.plan.exact]
    with running(undertone(), run.model, run.folder) as server:
        found = differences(server, run.predictor, texts)
    rows = [[way, f"≤ {ASKED:.0e}", f"{largest:.1e}", met(largest <= ASKED)] for way, largest in found.items()]
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
    status, answer = server.ask("POST", "/predict", json.dumps(value, ensure_ascii=False).encode())
    if status != 200:
        raise RuntimeError(f"a request for predictions was answered {status}: {answer[:500]!r}")
    return json.loads(answer)
