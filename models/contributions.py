"""What each token wrote into the verdict: an exact split of one logit over the steps of one recurrent layer.

A gated state is a sum of what each step wrote and later steps kept. For the LSTM c_t = Σ_j u_tj with
u_tj = (Π_{j<k≤t} f_k) ⊙ i_j ⊙ g_j, so h_t = Σ_j o_t ⊙ (tanh c_t / c_t) ⊙ u_tj; for the GRU h_t = Σ_j (Π_{j<k≤t} z_k) ⊙
(1 − z_j) ⊙ n_j. The split follows Murdoch & Szlam 2017, "Automatic rule extraction from long short term memory
networks", but shares out tanh c_t in proportion to the writes instead of its increments, so that no write counts for
more because it came early.
"""

import torch
from torch import Tensor

KINDS = ("lstm", "gru")
"""Recurrences whose state is such a sum. Elman's and Jordan's squash it anew at each step: nothing adds up there."""

_SMALL = 1e-6  # below this tanh(c)/c is 1 in single precision


def readout(hidden: Tensor, weight: Tensor, pooling: str, directions: int) -> Tensor:
    """How much each unit counts at each step: hidden (T,D·H), weight (P·D·H,) of the pooled vector -> (T,D·H).

    Σ_t Σ_units readout ⊙ hidden is weight · pooled. The step that won a maximum is taken as given.
    """
    steps, units = hidden.shape
    names = [name for name in ("last", "mean", "max") if name in pooling.split("+")]
    counts = torch.zeros_like(hidden)
    for name, part in zip(names, weight.split(units), strict=True):
        if name == "last":
            half = units // directions
            counts[-1, :half] += part[:half]
            counts[0, half:] += part[half:]
        elif name == "mean":
            counts += part / steps
        else:
            counts.scatter_add_(0, hidden.argmax(0, keepdim=True), part.unsqueeze(0))
    return counts


def writes(kind: str, counts: Tensor, hidden: Tensor, cells: Tensor, gates: Tensor) -> Tensor:
    """Each step's share of Σ_t counts_t · h_t for one direction, in reading order -> (T,).

    Parameters: `counts` (T,H) as `readout` gives them; `hidden` (T,H), `cells` (T,H), `gates` (T,G·H) as
    `SentimentClassifier.states` has them. Raises ValueError for a kind not in KINDS.
    """
    if kind == "lstm":
        i, keep, g, o = gates.chunk(4, dim=1)
        written = i * g
        squashed = torch.where(cells.abs() < _SMALL, torch.ones_like(cells), torch.tanh(cells) / cells)
        counts = counts * o * squashed
    elif kind == "gru":
        _, keep, n = gates.chunk(3, dim=1)
        written = (1 - keep) * n
    else:
        raise ValueError(f"the states of {kind!r} are no sums of what was written; expected {' or '.join(KINDS)}")
    reach = counts[-1].clone()  # (H,): how much of a write at this step is read here and later
    shares = torch.empty(counts.size(0), dtype=counts.dtype)
    for step in range(counts.size(0) - 1, -1, -1):
        if step < counts.size(0) - 1:
            reach = counts[step] + keep[step + 1] * reach
        shares[step] = reach @ written[step]
    return shares
