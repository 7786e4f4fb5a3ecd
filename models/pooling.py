"""Hidden states of a text -> one vector: last, mean or max over its own steps, or several side by side."""

import torch
from torch import Tensor, nn

POOLINGS = ("last", "mean", "max")


def names_of(kind: str) -> list[str]:
    """The poolings that `kind` names, in the order in which they stand side by side."""
    return [name for name in POOLINGS if name in kind.split("+")]


class Pooling(nn.Module):
    """Joins the poolings named in `kind`, as in "max+mean", in the order last, mean, max: (B,T,D·H) -> (B,P·D·H).

    `last` is where each direction has read the whole text: the forward half of the last step, the backward half of
    the first. Raises ValueError for a name not in POOLINGS.
    """

    def __init__(self, kind: str, directions: int) -> None:
        super().__init__()
        names = kind.split("+")
        if not set(names) <= set(POOLINGS) or len(set(names)) != len(names):
            raise ValueError(f"pooling is {kind!r}; expected some of {', '.join(POOLINGS)}, joined with +")
        self.last = "last" in names
        self.mean = "mean" in names
        self.max = "max" in names
        self.parts = len(names)
        self.directions = directions

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """hidden (B,T,D·H), lengths (B,) -> (B,P·D·H). Steps past a length are not looked at."""
        pooled: list[Tensor] = []
        if self.last:
            rows = torch.arange(hidden.size(0), device=hidden.device)
            end = hidden[rows, lengths - 1]
            if self.directions == 2:
                half = hidden.size(2) // 2
                end = torch.cat((end[:, :half], hidden[:, 0, half:]), dim=1)
            pooled.append(end)
        padding = torch.arange(hidden.size(1), device=hidden.device) >= lengths.unsqueeze(1)  # (B,T)
        padding = padding.unsqueeze(2)
        if self.mean:
            pooled.append(hidden.masked_fill(padding, 0.0).sum(1) / lengths.unsqueeze(1))
        if self.max:
            pooled.append(hidden.masked_fill(padding, float("-inf")).amax(1))
        return torch.cat(pooled, dim=1)
