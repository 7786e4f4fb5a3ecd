"""What each token brought into the verdict: an exact split of one number, read off one run through the network.

A gated state is a sum of what each step wrote and later steps kept. For the LSTM c_t = Σ_j u_tj with
u_tj = (Π_{j<k≤t} f_k) ⊙ i_j ⊙ g_j, so h_t = Σ_j o_t ⊙ (tanh c_t / c_t) ⊙ u_tj; for the GRU h_t = Σ_j (Π_{j<k≤t} z_k) ⊙
(1 − z_j) ⊙ n_j. Two methods share the verdict out over them:

- `writes` leaves each write to the token that was being read (after Murdoch & Szlam 2017, "Automatic rule extraction
  from long short term memory networks"; tanh c_t is shared out in proportion to the writes instead of by its
  increments, so that none counts for more because it came early).
- `signals` goes on: the candidate g_j = tanh(W x_j + V h_{j−1} + b) came of the word and of the hidden state before,
  and the state's part is traced back to the words that it was made of. The two parts are the mean of both orders of
  adding them, as in contextual decomposition (Murdoch, Liu & Yu 2018); gates are taken as they stood, the signal
  takes all (Arras et al. 2019, "Explaining and interpreting LSTMs"). An Elman network has candidates alone.

Whatever is not passed back stays with the token, so both sum to the logit less the head's bias, exactly.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from models.pooling import names_of
from models.replay import LayerRun, by_direction, in_text_order, tanh

METHODS = ("signals", "writes")
"""The first is what is served: it is ahead by removal (docs/explaining.md)."""

KINDS = {"signals": ("lstm", "gru", "elman"), "writes": ("lstm", "gru")}
"""Recurrences that each method can split; a Jordan network's state is squashed twice."""

_SMALL = 1e-6  # below this tanh(c)/c is 1 in single precision
_FLAT = 1e-3  # below this a quotient of differences has no digits left, and the slope stands for it


def readout(hidden: Tensor, weight: Tensor, pooling: str, directions: int) -> Tensor:
    """How much each unit counts at each step: hidden (T,D·H), weight (P·D·H,) of the pooled vector -> (T,D·H).

    Σ_t Σ_units readout ⊙ hidden is weight · pooled. The step that won a maximum is taken as given.
    """
    steps, units = hidden.shape
    names = names_of(pooling)
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


def contributions(kind: str, layers: Sequence[LayerRun], counts: Tensor, method: str = METHODS[0]) -> Tensor:
    """Each token's share of Σ_t counts_t · hidden_t, by the direction of the last layer that carried it -> (D,T).

    Parameters: `layers` of a `Replay`, from the bottom up; `counts` (T,D·H) as `readout` gives them for the last
    layer; `method`, one of METHODS. Raises ValueError for a recurrence that the method can't split (KINDS), and for
    `writes` in a network of several layers, where a write is of no single token.
    """
    if kind not in KINDS[method]:
        raise ValueError(
            f"the method {method} can't split the states of {kind!r}; expected one of {', '.join(KINDS[method])}"
        )
    if method == "writes":
        if len(layers) > 1:
            raise ValueError(f"the method writes splits one layer, and this network has {len(layers)}; use signals")
        written = _amount(kind, layers[0]) * layers[0].candidate
        return in_text_order((kept(kind, layers[0], counts) * written).sum(2))
    own, onto = _shares(kind, layers[-1], counts, bottom=len(layers) == 1)
    return (
        own
        if len(layers) == 1
        else torch.stack([one + _below(kind, layers[:-1], to) for one, to in zip(own, onto, strict=True)])
    )


def _below(kind: str, layers: Sequence[LayerRun], counts: Tensor) -> Tensor:
    """The same of the layers below, both directions together -> (T,)."""
    own, onto = _shares(kind, layers[-1], counts, bottom=len(layers) == 1)
    return own.sum(0) if len(layers) == 1 else own.sum(0) + _below(kind, layers[:-1], onto.sum(0))


def _shares(kind: str, run: LayerRun, counts: Tensor, bottom: bool) -> tuple[Tensor, Tensor]:
    """By `signals`, in text order: what each step brings (D,T), and, above the bottom layer, how much each of its
    inputs counts beside that (D,T,I)."""
    slope = _share_over(run.from_state, run.from_input, run)
    amount = _amount(kind, run)
    reach = amount * kept(kind, run, counts, amount * slope)
    brought = run.candidate - slope * run.from_state
    if bottom:
        return in_text_order((reach * brought).sum(2)), counts
    slope = _share_over(run.from_input, run.from_state, run)
    size = run.hidden.size(2)
    rows = slice(0, size) if kind == "elman" else slice(2 * size, 3 * size)
    onto = torch.bmm(reach * slope, run.weights.into[:, rows])
    return in_text_order((reach * (brought - slope * run.from_input)).sum(2)), in_text_order(onto)


def kept(kind: str, run: LayerRun, counts: Tensor, slope: Tensor | None = None) -> Tensor:
    """What a unit of the state that is kept (an LSTM's cell, else the hidden state) is worth at each step -> (D,T,H).

    There and wherever it is carried to. `counts` (T,D·H) of the hidden states; `slope` (D,T,H), how much of what is
    written goes back to the hidden state before, over that state's part in the candidate's sum; None: nothing does.
    """
    size = run.hidden.size(2)
    counts = by_direction(counts, run.hidden.size(0))
    if kind == "lstm":
        carry = run.gates["f"]
        read = run.gates["o"] * torch.where(run.cells.abs() < _SMALL, 1.0, tanh(run.cells) / run.cells)
        here = read * counts
    else:
        carry = run.gates["z"] if kind == "gru" else torch.zeros_like(counts)
        read, here = torch.ones_like(counts), counts
    # Time first and each step in one piece: the loop below is what this costs.
    carried, seen = _steps(carry), _steps(here)
    state = seen[-1]
    found = [state]
    if slope is None:
        for step in range(len(seen) - 2, -1, -1):
            state = torch.addcmul(seen[step], carried[step + 1], state)
            found.append(state)
    else:
        if kind == "gru":
            slope = slope * run.gates["r"]
        traced, opened = _steps(slope), _steps(read)
        back = run.weights.recurrent if kind == "elman" else run.weights.recurrent[:, 2 * size : 3 * size].contiguous()
        for step in range(len(seen) - 2, -1, -1):
            asked = torch.bmm(traced[step + 1] * state, back)
            state = torch.addcmul(seen[step], carried[step + 1], state).addcmul_(opened[step], asked)
            found.append(state)
    return torch.cat(found[::-1], dim=1)


def _amount(kind: str, run: LayerRun) -> Tensor:
    """How much of its candidate a step writes."""
    if kind == "lstm":
        return run.gates["i"]
    return 1 - run.gates["z"] if kind == "gru" else torch.ones_like(run.hidden)


def _steps(values: Tensor) -> tuple[Tensor, ...]:
    """(D,T,H) -> T times (D,1,H)."""
    return values.transpose(0, 1).contiguous().unsqueeze(2).unbind(0)


def _share_over(part: Tensor, other: Tensor, run: LayerRun) -> Tensor:
    """What `part` adds to the candidate, tanh(part + other + rest), over `part` itself; the mean of both orders of
    adding."""
    alone, at_rest, without = tanh(part + run.rest), tanh(run.rest), tanh(other + run.rest)
    flat = 1 - 0.5 * (at_rest * at_rest + without * without)
    return torch.where(part.abs() < _FLAT, flat, 0.5 * (alone - at_rest + run.candidate - without) / part)
