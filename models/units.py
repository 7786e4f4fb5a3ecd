"""What single hidden units and gates did at each word, for those who look inside."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from models.explanation import Gate, Unit
from models.pooling import names_of
from models.replay import LayerRun, in_text_order
from models.words import Word, by_word

_READING = ("forward", "backward")


def units_of(
    hidden: Tensor, counts: Tensor, weight: Tensor, pooling: str, directions: int, words: Sequence[Word], wanted: int
) -> list[Unit]:
    """The units that brought most into the verdict, either way, the strongest first, at most `wanted`.

    Parameters: `hidden` (T,D·H) of the last layer and `counts` (T,D·H), how much each counts; `weight` (P·D·H,) of the
    pooled vector.
    """
    size = hidden.size(1) // directions
    brought = (counts * hidden).sum(0)
    parts = dict(zip(names_of(pooling), weight.split(hidden.size(1)), strict=True))
    found = []
    for unit in brought.abs().topk(min(wanted, len(brought))).indices.tolist():
        direction, number = divmod(unit, size)
        places = [word.last if direction == 0 else word.first for word in words]
        weights = {name: float(part[unit]) for name, part in parts.items()}
        found.append(Unit(number, _READING[direction], weights, float(brought[unit]), hidden[places, unit].tolist()))
    return found


def gates_of(run: LayerRun, words: Sequence[Word]) -> dict[str, dict[str, Gate]]:
    """By direction and name, the mean over a word's tokens of the gate's mean and quartiles over its units."""
    names = list(run.gates)
    if not names:
        return {}
    directions = run.hidden.size(0)
    ordered = torch.cat([in_text_order(values) for values in run.gates.values()])  # (G·D,T,H)
    # By nearest rank, which takes a quarter of the time of interpolated quantiles.
    quartiles = [ordered.kthvalue(math.ceil(part * ordered.size(2)), dim=2).values for part in (0.25, 0.75)]
    tokens = torch.tensor([word.last - word.first + 1 for word in words])
    measures = [by_word(values, words) / tokens for values in (ordered.mean(2), *quartiles)]  # (G·D,W) each
    return {
        _READING[direction]: {
            name: Gate(*(values[number * directions + direction].tolist() for values in measures))
            for number, name in enumerate(names)
        }
        for direction in range(directions)
    }
