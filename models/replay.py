"""One text run through the served network with everything between laid open: states, cell states, gates.

Hidden states are those of the served kernels. Gates are computed from them in one product for all steps, which costs
less than stepping through `SentimentClassifier.states` and agrees with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.classifier import Architecture
from models.encoder import reversal

_DIRECTIONS = ("left_to_right", "right_to_left")


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """Of one layer, directions stacked: `into` W (D,G·H,I), `recurrent` V (D,G·H,H), biases (D,1,G·H)."""

    into: Tensor
    recurrent: Tensor
    bias_input: Tensor
    bias_hidden: Tensor


@dataclass(frozen=True, slots=True)
class LayerRun:
    """One layer over one text, directions stacked, each in its own reading order (the backward one starts at the end).

    `inputs` (D,T,I); `before`, the hidden states h_{t−1}, and `hidden`, h_t (D,T,H); `cells` (D,T,H), of an LSTM, else
    of size 0. What stands inside the tanh of the candidate (g of an LSTM, n of a GRU, the hidden state of an Elman
    network) is `from_input` + `from_state` + `rest`, (D,T,H) each, or (D,1,H) the last: W x_t, V h_{t−1}, the biases.
    `candidate` is its tanh, and `gates` the others: i, f, o of an LSTM or r, z of a GRU, by name.
    """

    weights: LayerWeights
    inputs: Tensor
    before: Tensor
    hidden: Tensor
    cells: Tensor
    from_input: Tensor
    from_state: Tensor
    rest: Tensor
    candidate: Tensor
    gates: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Replay:
    """A run over one text: its layers from the bottom up, the last layer's `hidden` (T,D·H), and the `logits` (C,)."""

    layers: list[LayerRun]
    hidden: Tensor
    logits: Tensor


def layer_weights(weights: Mapping[str, Tensor], architecture: Architecture) -> list[LayerWeights]:
    """The weights of every layer, from a network's own by name, on the CPU."""

    def stacked(layer: int, name: str) -> Tensor:
        cells = [f"encoder.layers.{layer}.{direction}.cell." for direction in _DIRECTIONS[: architecture.directions]]
        return torch.stack([weights[cell + name].detach().cpu() for cell in cells])

    return [
        LayerWeights(
            stacked(layer, "weight_ih"),
            stacked(layer, "weight_hh"),
            stacked(layer, "bias_ih").unsqueeze(1),
            stacked(layer, "bias_hh").unsqueeze(1),
        )
        for layer in range(architecture.layers)
    ]


def replay(module: torch.nn.Module, kind: str, weights: Sequence[LayerWeights], ids: Sequence[int]) -> Replay:
    """Runs the served `module` on one text of at least one id and lays it open.

    Parameters: `kind`, a name in RECURRENCES; `weights` as `layer_weights` gives them.
    """
    place = next(module.parameters()).device
    tokens = torch.tensor([ids], device=place)
    lengths = torch.tensor([len(ids)], device=place)
    order = reversal(lengths, len(ids))
    x = module.embedding(tokens)  # type: ignore[operator]
    layers = []
    for number, one in enumerate(weights):
        hidden = getattr(module.encoder.layers, str(number))(x, order)  # type: ignore[union-attr]
        layers.append(_lay_open(kind, one, x[0].cpu(), hidden[0].cpu()))
        x = hidden
    logits = module.head(module.pooling(x, lengths))[0].cpu()  # type: ignore[operator]
    return Replay(layers, x[0].cpu(), logits)


def by_direction(states: Tensor, directions: int) -> Tensor:
    """States (T,D·H) in the order of the text -> (D,T,H), each direction in its reading order."""
    halves = list(states.chunk(directions, dim=1))
    if directions == 2:
        halves[1] = halves[1].flip(0)
    return torch.stack(halves)


def in_text_order(values: Tensor) -> Tensor:
    """Values (D,T,…) in reading order -> the same in the order of the text."""
    return torch.stack((values[0], values[1].flip(0))) if values.size(0) == 2 else values


def _lay_open(kind: str, weights: LayerWeights, inputs: Tensor, hidden: Tensor) -> LayerRun:
    directions, size = weights.into.size(0), weights.recurrent.size(2)
    x = torch.stack((inputs, inputs.flip(0))) if directions == 2 else inputs.unsqueeze(0)
    h = by_direction(hidden, directions)
    before = torch.cat((h.new_zeros(directions, 1, size), h[:, :-1]), dim=1)
    first = {"lstm": 2 * size, "gru": 2 * size}.get(kind, 0)
    rows = slice(first, first + size)  # the candidate's
    from_input = torch.bmm(x, weights.into[:, rows].transpose(1, 2))
    from_state = torch.bmm(before, weights.recurrent[:, rows].transpose(1, 2))
    rest = weights.bias_input[..., rows] + weights.bias_hidden[..., rows]
    cells = h.new_zeros(directions, h.size(1), 0)
    gates: dict[str, Tensor] = {}
    if kind == "lstm":
        gates["i"], gates["f"] = _gates(weights, x, before, 0, 2 * size).chunk(2, dim=2)
        gates["o"] = _gates(weights, x, before, 3 * size, 4 * size)
    elif kind == "gru":
        gates["r"], gates["z"] = _gates(weights, x, before, 0, 2 * size).chunk(2, dim=2)
        from_state = gates["r"] * from_state
        rest = weights.bias_input[..., rows] + gates["r"] * weights.bias_hidden[..., rows]
    candidate = tanh(from_input + from_state + rest)
    if kind == "lstm":
        cells = _accumulate(gates["f"], gates["i"] * candidate)
    return LayerRun(weights, x, before, h, cells, from_input, from_state, rest, candidate, gates)


def _gates(weights: LayerWeights, x: Tensor, before: Tensor, start: int, end: int) -> Tensor:
    rows = slice(start, end)
    bias = weights.bias_input[..., rows] + weights.bias_hidden[..., rows]
    sums = torch.baddbmm(bias, x, weights.into[:, rows].transpose(1, 2))
    return torch.baddbmm(sums, before, weights.recurrent[:, rows].transpose(1, 2)).sigmoid_()


def tanh(x: Tensor) -> Tensor:
    """tanh x = 2 σ(2x) − 1, whose kernel is several times faster on a CPU."""
    return torch.sigmoid(2 * x).mul_(2).sub_(1)


def _accumulate(keep: Tensor, written: Tensor) -> Tensor:
    """c_t = keep_t ⊙ c_{t−1} + written_t, from zero: (D,T,H) -> (D,T,H)."""
    state = torch.zeros_like(written[:, 0])
    found = []
    for kept, added in zip(keep.unbind(1), written.unbind(1), strict=True):
        state = torch.addcmul(added, kept, state)
        found.append(state)
    return torch.stack(found, dim=1)
