"""What a list of texts costs as one request, beside Predictor.predict in this process; both on one torch thread."""

import json
from collections.abc import Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from bench.serve_run import Run
from bench.serve_servers import Server, running, undertone
from bench.serve_tables import met
from models.predictor import Predictor
from training.tables import table

TEXTS = 100
ASKED = 0.7


def lists(run: Run) -> tuple[str, dict[str, Any]]:
    """The figures as Markdown, and all that was seen."""
    kinds = {"24 tokens": run.texts.short, "mixed lengths": run.texts.mixed}
    with running(undertone(), run.model, run.folder) as server:
        for texts in kinds.values():
            list_share(server, run.predictor, texts, run.plan.warm)
        found = {
            name: run.measured(partial(list_share, server, run.predictor, texts, run.plan.list))
            for name, texts in kinds.items()
        }
    rows = [
        [
            name,
            f"{over_http:,.0f}",
            f"{in_process:,.0f}",
            f"{over_http / in_process:.2f}",
            met(over_http / in_process >= ASKED),
        ]
        for name, (over_http, in_process) in found.items()
    ]
    heading = [f"texts/s, {TEXTS} in a request", "POST /predict", "Predictor.predict", f"share (asked for: ≥ {ASKED})"]
    return f"{table([*heading, 'met'], rows)}\n\n{run.circumstances()}", {
        name: list(one) for name, one in found.items()
    }


def list_share(server: Server, predictor: Predictor, texts: Sequence[str], seconds: float) -> tuple[float, float]:
    """Median texts a second over HTTP and in process, in turns for some `seconds`, TEXTS at a time."""
    times: tuple[list[float], list[float]] = ([], [])
    end, turn = perf_counter() + seconds, 0
    while perf_counter() < end or len(times[0]) < 5:
        some = [texts[(turn * TEXTS + place) % len(texts)] for place in range(TEXTS)]
        body = json.dumps({"texts": some}, ensure_ascii=False).encode()
        began = perf_counter()
        status, answer = server.ask("POST", "/predict", body)
        times[0].append(perf_counter() - began)
        if status != 200:
            raise RuntimeError(f"a list of {TEXTS} texts was answered {status}: {answer[:500]!r}")
        began = perf_counter()
        predictor.predict(some)
        times[1].append(perf_counter() - began)
        turn += 1
    over_http, in_process = (TEXTS / median(some) for some in times)
    return over_http, in_process
