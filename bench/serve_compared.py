"""The service beside its peers: in rounds, each server started anew in each, so that a slow minute falls on all."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median
from typing import Any

from tqdm import tqdm

from bench.serve_closed import Closed, closed_loop
from bench.serve_run import Run
from bench.serve_servers import Contender, Memory, batched, running
from bench.serve_tables import met, spread
from bench.serve_texts import bodies, mean_length
from training.tables import table

CONNECTIONS = 64
# LitServe: texts, milliseconds to wait, processes with a model, processes that speak HTTP, ZeroMQ
SETTINGS = (
    (32, 2, 1, 1, False),
    (32, 2, 2, 1, False),
    (32, 2, 2, 2, False),
    (16, 0, 2, 1, False),
    (64, 5, 1, 1, False),
    (64, 10, 2, 1, False),
    (32, 2, 1, 1, True),
    (32, 2, 2, 2, True),
)


@dataclass(frozen=True)
class Visit:
    """What one server did in one round: 24-token texts on one connection and on CONNECTIONS, mixed lengths, memory."""

    single: Closed
    full: Closed
    mixed: Closed
    memory: Memory


def tuned(run: Run) -> tuple[Contender, str]:
    """LitServe with those of SETTINGS that answer most on CONNECTIONS, and what all of them did there as Markdown."""
    short = bodies(run.texts.short)
    found: list[tuple[Contender, Closed]] = []
    for some in tqdm(SETTINGS[: run.plan.tuned], desc="LitServe's settings", unit="setting", disable=None):
        contender = batched(*some)
        with running(contender, run.model, run.folder) as server:
            closed_loop(server.port, short, CONNECTIONS, run.plan.warm, run.folder)
            load = partial(closed_loop, server.port, short, CONNECTIONS, run.plan.tuning, run.folder)
            found.append((contender, run.measured(load)))
    rows = [[f"`{one.settings}`", f"{seen.rate:,.0f}", f"{seen.p99:.0f}"] for one, seen in found]
    best = max(found, key=lambda one: one[1].rate)[0]
    written = table([f"LitServe's settings, {CONNECTIONS} connections, 24 tokens", "requests/s", "p99, ms"], rows)
    return best, f"{written}\n\nThe first of them by requests/s is what is compared. {run.circumstances()}"


def rounds(run: Run, contenders: Sequence[Contender]) -> dict[str, list[Visit]]:
    """A visit of each contender in each round, by name; each round begins with another."""
    visits: dict[str, list[Visit]] = {one.name: [] for one in contenders}
    bar = tqdm(total=run.plan.rounds * len(contenders), desc="rounds", unit="visit", disable=None)
    for number in range(run.plan.rounds):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            visits[contender.name].append(_visit(run, contender))
            bar.update()
    bar.close()
    return visits


def _visit(run: Run, contender: Contender) -> Visit:
    short, mixed = bodies(run.texts.short), bodies(run.texts.mixed)
    plan = run.plan
    with running(contender, run.model, run.folder) as server:

        def load(some: Sequence[bytes], connections: int, seconds: int) -> Closed:
            closed_loop(server.port, some, connections, plan.warm, run.folder)
            return run.measured(partial(closed_loop, server.port, some, connections, seconds, run.folder))

        full = load(short, CONNECTIONS, plan.full)
        single = load(short, 1, plan.single)
        return Visit(single, full, load(mixed, CONNECTIONS, plan.full), server.memory())


def compared(run: Run, contenders: Sequence[Contender]) -> tuple[str, dict[str, Any]]:
    """The figures of the service, plain Flask and LitServe, in this order, as Markdown, and all that was seen."""
    visits = rounds(run, contenders)
    said = [
        ratios(*visits.values()),
        _absolute(run, visits),
        "\n".join(f"- {one.name}: {one.settings}." for one in contenders),
        run.circumstances(),
    ]
    return "\n\n".join(said), {name: [asdict(one) for one in some] for name, some in visits.items()}


def ratios(own: Sequence[Visit], plain: Sequence[Visit], litserve: Sequence[Visit]) -> str:
    together = list(zip(own, plain, litserve, strict=True))
    figures: list[tuple[str, float, bool, list[float]]] = [
        (
            "requests/s at 64 connections against plain Flask",
            2.3,
            True,
            [a.full.rate / b.full.rate for a, b, _ in together],
        ),
        (
            "requests/s at 64 connections against LitServe",
            2.5,
            True,
            [a.full.rate / c.full.rate for a, _, c in together],
        ),
        (
            "p99 at 64 connections against the better of both",
            0.7,
            False,
            [a.full.p99 / min(b.full.p99, c.full.p99) for a, b, c in together],
        ),
        ("p50 at 1 connection against plain Flask", 1.3, False, [a.single.p50 / b.single.p50 for a, b, _ in together]),
    ]
    rows = []
    for name, bound, at_least, ratios in figures:
        asked = f"{'≥' if at_least else '≤'} {bound} ×"
        enough = median(ratios) >= bound if at_least else median(ratios) <= bound
        rows.append([name, asked, f"{spread(ratios, 2)} ×", met(enough)])
    return table(["figure", "asked for", f"median of {len(own)} rounds (least – most)", "met"], rows)


def _absolute(run: Run, visits: dict[str, list[Visit]]) -> str:
    length = mean_length(run.predictor.tokenizer.ids(run.texts.mixed))
    figures: dict[str, tuple[Callable[[Visit], float], int]] = {
        "requests/s, 64 connections, 24 tokens": (lambda one: one.full.rate, 0),
        "p50, ms": (lambda one: one.full.p50, 1),
        "p99, ms": (lambda one: one.full.p99, 1),
        f"requests/s, 64 connections, mixed lengths (mean {length:.0f} tokens)": (lambda one: one.mixed.rate, 0),
        "p50, mixed lengths, ms": (lambda one: one.mixed.p50, 1),
        "p99, mixed lengths, ms": (lambda one: one.mixed.p99, 1),
        "p50, 1 connection, 24 tokens, ms": (lambda one: one.single.p50, 2),
        "p99, 1 connection, 24 tokens, ms": (lambda one: one.single.p99, 2),
        "answers other than 2xx, broken or late": (lambda one: sum(map(_wrong, (one.single, one.full, one.mixed))), 0),
        "memory of all processes, MB": (lambda one: one.memory.total, 0),
        "memory of the largest process, MB": (lambda one: one.memory.largest, 0),
    }
    rows = [
        [name, *(spread([figure(one) for one in some], digits) for some in visits.values())]
        for name, (figure, digits) in figures.items()
    ]
    return table(["", *visits], rows)


def _wrong(seen: Closed) -> int:
    return seen.not_2xx + seen.broken + seen.late
