"""A cell run over whole sequences, left to right: fast on torch's kernels, or step by step with everything laid open.

Each recurrence has `forward(x, state)`: x (B,T,I) -> hidden states (B,T,H) and the state it ends in; and `unroll(x,
state)`, which gives the same from cells.py, with cell states (B,T,H) and gates (B,T,G·H) between, their last axis 0 in
a recurrence without. A state is (S,B,H): S is 2 for the LSTM (hidden, cell) and 1 for all others; `start(x)` is zeros.
A new recurrence is one class of this form and one line in RECURRENCES.
"""

import torch
from torch import Tensor, nn

from models.cells import ElmanCell, GRUCell, JordanCell, LSTMCell, SummingCell


class Recurrence(nn.Module):
    """The form of every recurrence. Parameters: `input_size` I, `hidden_size` H."""

    def __init__(self, input_size: int, hidden_size: int, states: int = 1) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.states = states

    def start(self, x: Tensor) -> Tensor:
        """The zero state (S,B,H) for a batch x (B,T,I)."""
        return x.new_zeros(self.states, x.size(0), self.hidden_size)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """x (B,T,I), state (S,B,H) -> hidden states (B,T,H), state (S,B,H)."""
        raise NotImplementedError

    def unroll(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x (B,T,I), state (S,B,H) -> hidden (B,T,H), cell states (B,T,H or 0), gates (B,T,G·H or 0), state (S,B,H)."""
        raise NotImplementedError


class Elman(Recurrence):
    """ElmanCell over a sequence; `unroll` has neither cell states nor gates."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.cell = ElmanCell(input_size, hidden_size)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """x (B,T,I), state (1,B,H) -> hidden (B,T,H), state (1,B,H)."""
        return torch.rnn_tanh(x, state, self.cell.kernel_weights(), True, 1, 0.0, self.training, False, True)

    def unroll(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x (B,T,I), state (1,B,H) -> hidden (B,T,H), (B,T,0), (B,T,0), state (1,B,H)."""
        h = state[0]
        hidden: list[Tensor] = []
        for t in range(x.size(1)):
            h = self.cell(x[:, t], h)
            hidden.append(h)
        none = x.new_zeros(x.size(0), x.size(1), 0)
        return torch.stack(hidden, 1), none, none, h.unsqueeze(0)


class Summing(Recurrence):
    """SummingCell over a sequence, whose inputs have the size of the hidden state. torch has no kernel for it."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        if input_size != hidden_size:
            raise ValueError(f"inputs of size {input_size} can't be summed into {hidden_size} units; make them equal")
        self.cell = SummingCell(hidden_size)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """x (B,T,H), state (1,B,H) -> hidden (B,T,H), state (1,B,H)."""
        hidden, _, _, state = self.unroll(x, state)
        return hidden, state

    def unroll(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x (B,T,H), state (1,B,H) -> hidden (B,T,H), (B,T,0), (B,T,0), state (1,B,H)."""
        h = state[0]
        hidden: list[Tensor] = []
        for t in range(x.size(1)):
            h = self.cell(x[:, t], h)
            hidden.append(h)
        none = x.new_zeros(x.size(0), x.size(1), 0)
        return torch.stack(hidden, 1), none, none, h.unsqueeze(0)


class Jordan(Recurrence):
    """JordanCell over a sequence; its output y stands in for the hidden state. torch has no kernel for it."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.cell = JordanCell(input_size, hidden_size)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """x (B,T,I), state (1,B,H) -> outputs y (B,T,H), state (1,B,H)."""
        outputs, _, _, state = self.unroll(x, state)
        return outputs, state

    def unroll(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x (B,T,I), state (1,B,H) -> outputs y (B,T,H), the hidden layer (B,T,H) in the place of cell states, (B,T,0),
        state (1,B,H)."""
        y = state[0]
        outputs: list[Tensor] = []
        hidden: list[Tensor] = []
        for t in range(x.size(1)):
            y, h = self.cell(x[:, t], y)
            outputs.append(y)
            hidden.append(h)
        none = x.new_zeros(x.size(0), x.size(1), 0)
        return torch.stack(outputs, 1), torch.stack(hidden, 1), none, y.unsqueeze(0)


class LSTM(Recurrence):
    """LSTMCell over a sequence; `unroll` gives cell states and gates i, f, g, o."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, states=2)
        self.cell = LSTMCell(input_size, hidden_size)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """x (B,T,I), state (2,B,H) -> hidden (B,T,H), state (2,B,H)."""
        weights = self.cell.kernel_weights()
        hidden, h, c = torch.lstm(x, [state[:1], state[1:]], weights, True, 1, 0.0, self.training, False, True)
        return hidden, torch.cat((h, c))

    def unroll(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x (B,T,I), state (2,B,H) -> hidden (B,T,H), cell states (B,T,H), gates (B,T,4H), state (2,B,H)."""
        h, c = state[0], state[1]
        hidden: list[Tensor] = []
        memory: list[Tensor] = []
        opened: list[Tensor] = []
        for t in range(x.size(1)):
            h, c, gates = self.cell(x[:, t], h, c)
            hidden.append(h)
            memory.append(c)
            opened.append(gates)
        return torch.stack(hidden, 1), torch.stack(memory, 1), torch.stack(opened, 1), torch.stack((h, c))


class GRU(Recurrence):
    """GRUCell over a sequence; `unroll` gives gates r, z, n and no cell states."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.cell = GRUCell(input_size, hidden_size)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """x (B,T,I), state (1,B,H) -> hidden (B,T,H), state (1,B,H)."""
        return torch.gru(x, state, self.cell.kernel_weights(), True, 1, 0.0, self.training, False, True)

    def unroll(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x (B,T,I), state (1,B,H) -> hidden (B,T,H), (B,T,0), gates (B,T,3H), state (1,B,H)."""
        h = state[0]
        hidden: list[Tensor] = []
        opened: list[Tensor] = []
        for t in range(x.size(1)):
            h, gates = self.cell(x[:, t], h)
            hidden.append(h)
            opened.append(gates)
        none = x.new_zeros(x.size(0), x.size(1), 0)
        return torch.stack(hidden, 1), none, torch.stack(opened, 1), h.unsqueeze(0)


RECURRENCES: dict[str, type[Recurrence]] = {"elman": Elman, "jordan": Jordan, "lstm": LSTM, "gru": GRU}
"""Recurrence by the name that recipes and manifests use. `Summing` is not among them: its inputs have one size only."""
