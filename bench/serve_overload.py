"""The service when twice as much is asked as it can do: it must answer what it can, and refuse the rest at once."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from bench.serve_closed import closed_loop
from bench.serve_open import Open, open_loop
from bench.serve_run import Run
from bench.serve_servers import running, undertone
from bench.serve_tables import met
from bench.serve_texts import bodies, mean_length
from training.tables import table

TIMES = 2
CONNECTIONS = (16, 32, 64)
ACCEPTED_MS, REFUSED_MS = 250, 50


def overload(run: Run) -> tuple[str, dict[str, Any]]:
    """The figures as Markdown, and all that was seen. Texts are whole reviews, so that the network is what fills."""
    some = bodies(run.texts.long)
    with running(undertone(), run.model, run.folder) as server:
        closed_loop(server.port, some, CONNECTIONS[0], run.plan.warm, run.folder)
        capacities = {
            count: run.measured(partial(closed_loop, server.port, some, count, run.plan.full, run.folder)).rate
            for count in CONNECTIONS
        }
        capacity = max(capacities.values())
        rate = round(TIMES * capacity)
        seen = run.measured(partial(open_loop, server.port, some, rate, run.plan.overload, run.folder))
    length = mean_length(run.predictor.tokenizer.ids(run.texts.long))
    said = (
        f"Whole English reviews of a mean of {length:.0f} tokens. Capacity is the best of closed loops with "
        f"{', '.join(f'{count} ({found:,.0f})' for count, found in capacities.items())} connections. The generator "
        f"used {seen.cpu_share:.0%} of a core, the same two that serve, and sent 99 % of the requests within "
        f"{seen.lag_p99:.1f} ms of when they were due; latencies count from then."
    )
    return f"{verdict(capacity, seen, run.plan.overload)}\n\n{said} {run.circumstances()}", {
        "capacities": capacities,
        "seen": asdict(seen),
    }


def verdict(capacity: float, seen: Open, seconds: float) -> str:
    """What was asked for beside what was measured, as Markdown; rates in requests a second."""
    total = sum(seen.counts.values())
    good, refused = seen.counts.get("200", 0), seen.counts.get("429", 0)
    others = ", ".join(f"{count} {status}" for status, count in seen.counts.items() if status not in ("200", "429"))
    rows = [
        ["capacity, requests/s", "", f"{capacity:,.0f}", ""],
        [f"offered for {seconds:g} s, requests/s", f"{TIMES} × capacity", f"{seen.offered:,.0f}", ""],
        ["answered 200", "", f"{good:,} ({good / seconds:,.0f} a second)", ""],
        ["answered 429", "", f"{refused:,}", ""],
        ["anything else", "none", others or "none", met(good + refused == total)],
        _latency("p99 of 200", ACCEPTED_MS, seen.accepted),
        _latency("p99 of 429", REFUSED_MS, seen.refused),
    ]
    return table(["", "asked for", "measured", "met"], rows)


def _latency(name: str, bound: float, found: Mapping[str, float]) -> list[str]:
    measured = f"{found['p99']:.0f} ms (largest {found['max']:.0f})" if found else "there were none"
    return [name, f"≤ {bound:.0f} ms", measured, met(bool(found) and found["p99"] <= bound)]
