"""A cell run over whole sequences, left to right: fast on torch's kernels, or step by step with everything laid open.

Each recurrence has `forward(x)`: x (B,T,I) -> hidden states (B,T,H), and `unroll(x)`, which gives the same hidden
states from cells.py with cell states (B,T,H) and gates (B,T,G·H); a recurrence without one gives a last axis of 0.
All start from zero. A new recurrence is one class of this form and one line in RECURRENCES.
"""

import torch
from torch import Tensor, nn

from models.cells import ElmanCell, GRUCell, JordanCell, LSTMCell


class Recurrence(nn.Module):
    """The form of every recurrence."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """x (B,T,I) -> hidden states (B,T,H)."""
        raise NotImplementedError

    def unroll(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B,T,I) -> hidden (B,T,H), cell states (B,T,H or 0), gates (B,T,G·H or 0)."""
        raise NotImplementedError


class Elman(Recurrence):
    """ElmanCell over a sequence; `unroll` has neither cell states nor gates."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.cell = ElmanCell(input_size, hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """x (B,T,I) -> (B,T,H)."""
        cell = self.cell
        start = x.new_zeros(1, x.size(0), cell.hidden_size)
        return torch.rnn_tanh(x, start, cell.kernel_weights(), True, 1, 0.0, self.training, False, True)[0]

    def unroll(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B,T,I) -> hidden (B,T,H), (B,T,0), (B,T,0)."""
        h = x.new_zeros(x.size(0), self.cell.hidden_size)
        hidden: list[Tensor] = []
        for t in range(x.size(1)):
            h = self.cell(x[:, t], h)
            hidden.append(h)
        none = x.new_zeros(x.size(0), x.size(1), 0)
        return torch.stack(hidden, 1), none, none


class Jordan(Recurrence):
    """JordanCell over a sequence; its output y stands in for the hidden state. torch has no kernel for it."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.cell = JordanCell(input_size, hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """x (B,T,I) -> (B,T,H)."""
        return self.unroll(x)[0]

    def unroll(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B,T,I) -> outputs y (B,T,H), hidden layer h (B,T,H) in the place of cell states, (B,T,0)."""
        y = x.new_zeros(x.size(0), self.cell.hidden_size)
        outputs: list[Tensor] = []
        hidden: list[Tensor] = []
        for t in range(x.size(1)):
            y, h = self.cell(x[:, t], y)
            outputs.append(y)
            hidden.append(h)
        return torch.stack(outputs, 1), torch.stack(hidden, 1), x.new_zeros(x.size(0), x.size(1), 0)


class LSTM(Recurrence):
    """LSTMCell over a sequence; `unroll` gives cell states and gates i, f, g, o."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.cell = LSTMCell(input_size, hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """x (B,T,I) -> (B,T,H)."""
        cell = self.cell
        start = x.new_zeros(1, x.size(0), cell.hidden_size)
        return torch.lstm(x, [start, start], cell.kernel_weights(), True, 1, 0.0, self.training, False, True)[0]

    def unroll(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B,T,I) -> hidden (B,T,H), cell states (B,T,H), gates (B,T,4H)."""
        h = x.new_zeros(x.size(0), self.cell.hidden_size)
        c = torch.zeros_like(h)
        hidden: list[Tensor] = []
        memory: list[Tensor] = []
        opened: list[Tensor] = []
        for t in range(x.size(1)):
            h, c, gates = self.cell(x[:, t], h, c)
            hidden.append(h)
            memory.append(c)
            opened.append(gates)
        return torch.stack(hidden, 1), torch.stack(memory, 1), torch.stack(opened, 1)


class GRU(Recurrence):
    """GRUCell over a sequence; `unroll` gives gates r, z, n and no cell states."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.cell = GRUCell(input_size, hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """x (B,T,I) -> (B,T,H)."""
        cell = self.cell
        start = x.new_zeros(1, x.size(0), cell.hidden_size)
        return torch.gru(x, start, cell.kernel_weights(), True, 1, 0.0, self.training, False, True)[0]

    def unroll(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B,T,I) -> hidden (B,T,H), (B,T,0), gates (B,T,3H)."""
        h = x.new_zeros(x.size(0), self.cell.hidden_size)
        hidden: list[Tensor] = []
        opened: list[Tensor] = []
        for t in range(x.size(1)):
            h, gates = self.cell(x[:, t], h)
            hidden.append(h)
            opened.append(gates)
        return torch.stack(hidden, 1), x.new_zeros(x.size(0), x.size(1), 0), torch.stack(opened, 1)


RECURRENCES: dict[str, type[Recurrence]] = {"elman": Elman, "jordan": Jordan, "lstm": LSTM, "gru": GRU}
"""Recurrence by the name that recipes and manifests use."""
