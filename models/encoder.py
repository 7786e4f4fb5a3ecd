"""Stacked recurrences in one or two directions over a padded batch: embeddings (B,T,E) -> hidden states (B,T,D·H).

The backward direction must not read the padding first. Packed sequences would keep it from that, but leave torch's
fused CPU path (4 to 17 times slower, see docs/architecture.md). So each text is reversed within its own length:
padding then comes last in both directions, and what comes last changes nothing before it.
"""

import torch
from torch import Tensor, nn

from models.recurrence import RECURRENCES, Recurrence


def reversal(lengths: Tensor, steps: int) -> Tensor:
    """The permutation of the B·T flattened steps that reverses each text within its length and leaves padding alone.

    lengths (B,), `steps` T -> (B·T,) int64. It is its own inverse.
    """
    t = torch.arange(steps, device=lengths.device).unsqueeze(0)
    last = lengths.unsqueeze(1) - 1
    source = torch.where(t <= last, last - t, t)
    row = torch.arange(lengths.size(0), device=lengths.device).unsqueeze(1)
    return (source + row * steps).flatten()


def permute_steps(x: Tensor, order: Tensor) -> Tensor:
    """x (B,T,F) with its steps in the order that `reversal` gave -> (B,T,F)."""
    return x.flatten(0, 1).index_select(0, order).view_as(x)


class Layer(nn.Module):
    """One recurrence in D directions: (B,T,I) -> (B,T,D·H), forward half first."""

    def __init__(self, kind: str, input_size: int, hidden_size: int, directions: int) -> None:
        super().__init__()
        self.left_to_right: Recurrence = RECURRENCES[kind](input_size, hidden_size)
        self.right_to_left: Recurrence | None = RECURRENCES[kind](input_size, hidden_size) if directions == 2 else None

    def forward(self, x: Tensor, order: Tensor) -> Tensor:
        """x (B,T,I), `order` of `reversal` (B·T,) -> hidden states (B,T,D·H), in the order of the text."""
        hidden = self.left_to_right(x, self.left_to_right.start(x))[0]
        if self.right_to_left is not None:
            backward = self.right_to_left(permute_steps(x, order), self.right_to_left.start(x))[0]
            hidden = torch.cat((hidden, permute_steps(backward, order)), dim=2)
        return hidden

    def unroll(self, x: Tensor, order: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same step by step -> hidden (D,B,T,H), cell states (D,B,T,H or 0), gates (D,B,T,G·H or 0)."""
        hidden, cells, gates, _ = self.left_to_right.unroll(x, self.left_to_right.start(x))
        if self.right_to_left is None:
            return hidden.unsqueeze(0), cells.unsqueeze(0), gates.unsqueeze(0)
        x = permute_steps(x, order)
        back_hidden, back_cells, back_gates, _ = self.right_to_left.unroll(x, self.right_to_left.start(x))
        return (
            torch.stack((hidden, permute_steps(back_hidden, order))),
            torch.stack((cells, permute_steps(back_cells, order))),
            torch.stack((gates, permute_steps(back_gates, order))),
        )


class Encoder(nn.Module):
    """L layers of one recurrence in D directions; the directions of a layer are joined before the next.

    Parameters: `kind`, a name in RECURRENCES; `input_size` E; `hidden_size` H of one direction; `layers` L ≥ 1;
    `directions` D, 1 or 2; `dropout` between layers, 0 to 1; `batch_first`, whether inputs and outputs are (B,T,…), or
    sequence-first (T,B,…) as torch's own layers have it by default. Raises ValueError for anything else.
    """

    def __init__(
        self,
        kind: str,
        input_size: int,
        hidden_size: int,
        layers: int = 1,
        directions: int = 2,
        dropout: float = 0.0,
        batch_first: bool = True,
    ) -> None:
        super().__init__()
        if kind not in RECURRENCES:
            raise ValueError(f"encoder kind is {kind!r}; expected one of {', '.join(RECURRENCES)}")
        if layers < 1 or directions not in (1, 2):
            raise ValueError(
                f"layers is {layers} and directions {directions}; expected at least 1 layer and 1 or 2 directions"
            )
        sizes = [input_size] + [directions * hidden_size] * (layers - 1)
        self.layers = nn.ModuleList(Layer(kind, size, hidden_size, directions) for size in sizes)
        self.dropout = nn.Dropout(dropout)
        self.hidden_size = hidden_size
        self.batch_first = batch_first

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """x (B,T,E), lengths (B,) -> hidden states of the last layer (B,T,D·H), forward half first.

        A step's backward half has read the text from its end to that step. Steps past a length hold no meaning.
        Sequence-first: x (T,B,E) -> (T,B,D·H).
        """
        return self.run(x, lengths)[0]

    def run(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The same, and the last hidden states (L·D,B,H) in torch's order: layer by layer, forward before backward.

        The last state of the forward half is that at a text's end, of the backward half that at its beginning.
        """
        if not self.batch_first:
            x = x.transpose(0, 1)
        order = reversal(lengths, x.size(1))
        rows = torch.arange(x.size(0), device=x.device)
        last: list[Tensor] = []
        for number, layer in enumerate(self.layers):
            x = layer(x if number == 0 else self.dropout(x), order)
            last.append(x[rows, lengths - 1, : self.hidden_size])
            if x.size(2) > self.hidden_size:
                last.append(x[:, 0, self.hidden_size :])
        return (x if self.batch_first else x.transpose(0, 1)), torch.stack(last)

    def unroll(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same, laid open: hidden (L·D,B,T,H), cell states (L·D,B,T,H or 0), gates (L·D,B,T,G·H or 0).

        Layer by layer, forward before backward, all in the order of the text.
        """
        if not self.batch_first:
            x = x.transpose(0, 1)
        order = reversal(lengths, x.size(1))
        hidden: list[Tensor] = []
        cells: list[Tensor] = []
        gates: list[Tensor] = []
        for layer in self.layers:
            opened = layer.unroll(x, order)
            hidden.append(opened[0])
            cells.append(opened[1])
            gates.append(opened[2])
            x = torch.cat(opened[0].unbind(0), dim=2)
        return torch.cat(hidden), torch.cat(cells), torch.cat(gates)
