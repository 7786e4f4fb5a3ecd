"""Latency against offered load: what a client sees as more and more others ask."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from tqdm import tqdm

from bench.serve_closed import closed_loop
from bench.serve_compared import CONNECTIONS
from bench.serve_open import UNANSWERED, Open, open_loop
from bench.serve_run import Run
from bench.serve_servers import Contender, running
from bench.serve_texts import bodies
from training.plots import BLUE, GREEN, INK, ORANGE, plain
from training.tables import table

HOPELESS = 2_000  # milliseconds: a p99 past which more load teaches nothing
_STYLES = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"))


def rates(run: Run, contenders: Sequence[Contender], picture: Path) -> tuple[str, dict[str, Any]]:
    """24-token texts at each rate of the plan, until a server no longer keeps up; as Markdown, a picture and data."""
    short = bodies(run.texts.short)
    seen: dict[str, list[Open]] = {}
    for contender in contenders:
        found = seen[contender.name] = []
        with running(contender, run.model, run.folder) as server:
            closed_loop(server.port, short, CONNECTIONS, run.plan.warm, run.folder)
            for rate in tqdm(run.plan.rates, desc=contender.name, unit="rate", disable=None):
                found.append(run.measured(partial(open_loop, server.port, short, rate, run.plan.rate, run.folder)))
                if UNANSWERED in found[-1].counts or found[-1].accepted.get("p99", 0) > HOPELESS:
                    break
    plot_rates(seen, run.plan.rate, picture)
    said = (
        f"A cell is p50 / p99 in milliseconds of the answers with 200, counted from when a request was due, over "
        f"{run.plan.rate} s at each rate; in brackets the share that was refused or got no answer. A column ends "
        f"where p99 passes {HOPELESS / 1000:g} s."
    )
    shown = (
        f"![Latency percentiles and answers a second against offered load, for each server](pictures/{picture.name})"
    )
    written = "\n\n".join((rates_table(run.plan.rates, seen), f"{said} {run.circumstances()}", shown))
    return written, {name: [asdict(one) for one in some] for name, some in seen.items()}


def rates_table(offered: Sequence[int], seen: Mapping[str, Sequence[Open]]) -> str:
    rows = [
        [f"{rate:,}", *(_cell(some[place]) if place < len(some) else "" for some in seen.values())]
        for place, rate in enumerate(offered)
        if any(place < len(some) for some in seen.values())
    ]
    return table(["offered, requests/s", *seen], rows, left=0)


def _cell(one: Open) -> str:
    lost = 1 - one.counts.get("200", 0) / sum(one.counts.values())
    times = f"{one.accepted['p50']:,.1f} / {one.accepted['p99']:,.0f}" if one.accepted else "none"
    return times + (f" ({lost:.1%})" if lost else "")


def plot_rates(seen: Mapping[str, Sequence[Open]], seconds: float, path: Path) -> None:
    """Above, percentiles of the latency of answers with 200; below, how many of them came a second."""
    figure = Figure(figsize=(7.2, 6.0), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    for (name, some), (colour, marker) in zip(seen.items(), _STYLES, strict=False):
        answered = [one for one in some if one.accepted]
        offered = [one.offered for one in answered]
        for percentile, line in (("p50", "-"), ("p99", "--")):
            times = [one.accepted[percentile] for one in answered]
            label = f"{name}, {percentile}"
            above.plot(offered, times, color=colour, marker=marker, markersize=4, linestyle=line, label=label)
        good = [one.counts["200"] / seconds for one in answered]
        below.plot(offered, good, color=colour, marker=marker, markersize=4, label=name)
    above.set_yscale("log")
    above.set_ylabel("latency, ms")
    below.set_ylabel("answers with 200 a second")
    below.set_xlabel("offered requests a second", color=INK)
    for axes in (above, below):
        plain(axes)
    above.legend(frameon=False, fontsize=8, labelcolor=INK)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
