"""What the head would read off after each token: the verdict as it comes about, in each direction.

A readout, not a prediction: the head never learned from half a text. Where both directions have read all, their last
values and the head's bias add up to the logit.
"""

import torch
from torch import Tensor

from models.pooling import names_of


def trajectory(hidden: Tensor, weight: Tensor, pooling: str, directions: int) -> Tensor:
    """Running readout of each direction: hidden (…,T,D·H) in text order, weight (P·D·H,) of what is pooled -> (…,D,T).

    Forward values take in the tokens up to their place, backward values those from their place on.
    """
    names = names_of(pooling)
    parts = [part.chunk(directions) for part in weight.split(hidden.size(-1))]
    found = []
    for direction, half in enumerate(hidden.chunk(directions, dim=-1)):
        half = half.flip(-2) if direction == 1 else half
        value = half.new_zeros(half.shape[:-1])
        for name, part in zip(names, parts, strict=True):
            if name == "last":
                pooled = half
            elif name == "mean":
                steps = torch.arange(1, half.size(-2) + 1, dtype=half.dtype).unsqueeze(1)
                pooled = half.cumsum(-2) / steps
            else:
                pooled = half.cummax(-2).values
            value = value + pooled @ part[direction]
        found.append(value.flip(-1) if direction == 1 else value)
    return torch.stack(found, dim=-2)
