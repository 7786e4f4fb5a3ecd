"""Whether the tokens that a method names carry the verdict: comprehensiveness and sufficiency (DeYoung et al. 2020,
"ERASER: a benchmark to evaluate rationalized NLP models").

With s the sign of z on the whole text and p = σ(s·z), comprehensiveness is p less p without the k tokens that speak
most for s, sufficiency p less p of those alone; k is a share of the text, at least one. Their means over the shares are
the AOPC. A token goes by padding in its place or by true deletion.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from bench.explain_methods import GRADIENTS, RANDOM, SIGNALS, Methods
from bench.explain_plots import plot_removal
from bench.explain_sample import SEED, drawn
from models.text import PAD
from training.corpora import Corpora
from training.tables import table

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.5)
WAYS = ("padding", "deletion")
REVIEWS = {"sst": 300, "imdb": 60, "online_shopping": 200}
LEAST_TOKENS = 5
RANDOM_ORDERS = 20


def removal(methods: Methods, corpora: Corpora, limit: int | None, pictures: Path) -> str:
    """AOPC by corpus, method and way of removal, then the served method against the others; as Markdown."""
    chance = torch.Generator().manual_seed(SEED)
    rows, against = [], []
    curves: dict[str, dict[str, Tensor]] = {}
    for corpus, count in REVIEWS.items():
        texts = [methods.words(review.text)[0] for review in drawn(corpora, [corpus])]
        texts = [ids for ids in texts if len(ids) >= LEAST_TOKENS][: limit or count]
        found: dict[str, list[Tensor]] = {}
        for ids in tqdm(texts, desc=f"removal, {corpus}", unit="review", disable=None):
            scores = methods.by_token(methods.open(ids))
            orders = torch.rand(RANDOM_ORDERS, len(ids), generator=chance)
            drops = removals(ids, torch.cat((torch.stack(list(scores.values())), orders)), methods.z)
            for name, drop in zip(scores, drops, strict=False):
                found.setdefault(name, []).append(drop)
            found.setdefault(RANDOM, []).append(drops[len(scores) :].mean(0))
        each = {name: torch.stack(drops) for name, drops in found.items()}  # (N,2,F,2)
        curves[f"{corpus} ({len(texts)})"] = {name: drops.mean(0) for name, drops in each.items()}
        mean = {name: drops.mean((0, 2)) for name, drops in each.items()}  # (2,2): way, measure
        for name, aopc in mean.items():
            rows.append([f"{corpus} ({len(texts)})", name, *(f"{value:.3f}" for value in aopc.flatten().tolist())])
        for way, shown in enumerate(WAYS):
            ours, chances = mean[SIGNALS][way], mean[RANDOM][way]
            ratios = [f"{value:.2f}" for value in (ours / chances).tolist()]
            ahead = (each[SIGNALS] - each[GRADIENTS])[:, way].mean(1)  # (N,2)
            against.append([corpus, shown, *ratios, *(_with_error(ahead[:, measure]) for measure in (0, 1))])
    for way, shown in enumerate(WAYS):
        shown_curves = {corpus: {name: drop[way] for name, drop in some.items()} for corpus, some in curves.items()}
        plot_removal(shown_curves, FRACTIONS, shown, pictures / f"removal_{shown}.png")
    columns = [f"{measure}, {way}" for way in WAYS for measure in ("comp.", "suff.")]
    ahead_columns = ["comp. / random's", "suff. / random's", "comp. − gradients'", "suff. − gradients'"]
    return "\n\n".join(
        (
            table(["corpus (texts)", "method", *columns], rows, left=2),
            table(["served, by corpus", "way", *ahead_columns], against, left=2),
        )
    )


def removals(ids: list[int], scores: Tensor, z: Callable[[Sequence[list[int]]], Tensor]) -> Tensor:
    """Comprehensiveness and sufficiency of one text for each row of scores.

    Parameters: `ids` (T); `scores` (M,T), positive for z; `z`, of sequences of ids -> (N,).
    Returns (M,2,F,2): by row, way (WAYS), share (FRACTIONS), measure (comprehensiveness, sufficiency).
    """
    whole = float(z([ids]))
    sign = 1.0 if whole > 0 else -1.0
    sequences = []
    for order in (sign * scores).argsort(dim=1, descending=True, stable=True).tolist():
        for way in WAYS:
            for fraction in FRACTIONS:
                top = set(order[: tokens_of(fraction, len(ids))])
                sequences += [_without(ids, top, way), _without(ids, set(range(len(ids))) - top, way)]
    left = torch.sigmoid(sign * z(sequences))
    return (torch.sigmoid(torch.tensor(sign * whole)) - left).view(len(scores), len(WAYS), len(FRACTIONS), 2)


def tokens_of(fraction: float, size: int) -> int:
    """How many tokens a share of a text is: rounded up, so at least one."""
    return math.ceil(fraction * size - 1e-9)


def _without(ids: list[int], gone: set[int], way: str) -> list[int]:
    if way == "padding":
        return [PAD if place in gone else token for place, token in enumerate(ids)]
    return [token for place, token in enumerate(ids) if place not in gone]


def _with_error(values: Tensor) -> str:
    """Mean and its standard error."""
    error = float(values.std()) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{float(values.mean()):+.3f} ±{error:.3f}"
