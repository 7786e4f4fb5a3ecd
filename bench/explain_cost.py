"""What an explanation costs, as a multiple of one forward pass of the same text through the served network.

On one thread; a forward pass is timed beside each call, so that what else the machine does falls on both.
"""

from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter

import torch
from tqdm import tqdm

from bench.explain_methods import Methods
from bench.explain_sample import drawn
from models.batching import collate
from models.trajectory import trajectory
from training.corpora import Corpora
from training.tables import table

SIZES = {40: range(38, 43), 400: range(400, 10_000)}  # tokens that are read -> tokens of the review
CORPORA = ("imdb", "online_shopping")
TEXTS = 4  # of each corpus and size
ROUNDS, FEW_ROUNDS = 21, 2
SPLITS, ANSWER = "contributions and trajectories", "the whole answer (Predictor.explain)"


def cost(methods: Methods, corpora: Corpora, limit: int | None) -> str:
    """Median and, in brackets, largest ratio over the texts, by size; as Markdown."""
    rows: dict[str, list[object]] = {}
    heading = ["forward passes of the same text"]
    for size, lengths in SIZES.items():
        texts = []
        for corpus in CORPORA:
            some = [review.text for review in drawn(corpora, [corpus])]
            counts = map(len, methods.predictor.tokenizer.ids(some))
            texts += [text for text, count in zip(some, counts, strict=True) if count in lengths][: limit or TEXTS]
        found: dict[str, list[float]] = {}
        for text in tqdm(texts, desc=f"cost, {size} tokens", unit="text", disable=None):
            ids, _ = methods.words(text)
            forward = partial(_forward, methods, ids)
            for name, (call, rounds) in _calls(methods, text, ids).items():
                found.setdefault(name, []).append(ratio(call, forward, rounds))
        heading.append(f"{size} tokens ({len(texts)} texts)")
        for name, ratios in found.items():
            rows.setdefault(name, [name]).append(f"{median(ratios):.1f} ({max(ratios):.1f})")
    return table(heading, list(rows.values()))


def ratio(call: Callable[[], object], forward: Callable[[], object], rounds: int) -> float:
    """The median time of one call over that of the other, both warm, taken in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for one, taken in zip((call, forward), times, strict=True):
            began = perf_counter()
            one()
            if number:  # the first warms up
                taken.append(perf_counter() - began)
    return median(times[0]) / median(times[1])


def _calls(methods: Methods, text: str, ids: list[int]) -> dict[str, tuple[Callable[[], object], int]]:
    singles = torch.eye(len(ids), dtype=torch.bool)
    opened = methods.open(ids)
    return {
        SPLITS: (partial(_splits, methods, ids), ROUNDS),
        ANSWER: (partial(methods.predictor.explain, text), ROUNDS),
        "contextual decomposition of every token": (partial(methods.decomposed, opened, singles), FEW_ROUNDS),
        "leave-one-out of every token": (partial(methods.left_out, ids, singles), FEW_ROUNDS),
        "integrated gradients, 50 steps": (partial(methods.integrated_gradients, ids), FEW_ROUNDS),
    }


def _forward(methods: Methods, ids: list[int]) -> None:
    with torch.inference_mode():
        batch = collate([ids])
        methods.predictor.network(batch.ids, batch.lengths)


def _splits(methods: Methods, ids: list[int]) -> None:
    with torch.inference_mode():
        opened = methods.open(ids)
        methods.shares(opened, "signals")
        architecture = methods.architecture
        trajectory(opened.run.hidden, methods.weight, architecture.pooling, architecture.directions)
