"""One step of each recurrence, with its equation: the reference that the kernels in recurrence.py are tested against.

Every cell takes the input x_t (B,I) and its state (B,H) each, and gives the next state. Weights have the shapes and
names that torch's own cells have, gates stacked along the first axis.
"""

import math

import torch
from torch import Tensor, nn


class Cell(nn.Module):
    """The weights that every cell has: `gates` blocks of H rows each, started as torch starts its own.

    weight_ih (G·H,I), weight_hh (G·H,H), bias_ih (G·H,), bias_hh (G·H,), uniform in ±1/√H.
    """

    def __init__(self, input_size: int, hidden_size: int, gates: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.empty(gates * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(gates * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.empty(gates * hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(gates * hidden_size))
        _start(self, hidden_size)

    def kernel_weights(self) -> list[Tensor]:
        """The weights in the order in which torch's kernels take them."""
        return [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]


class ElmanCell(Cell):
    """Elman's simple recurrence (Elman 1990, "Finding structure in time"):

    h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, gates=1)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """x (B,I), h (B,H) -> h (B,H)."""
        return torch.tanh(self.sums(x, h))

    def sums(self, x: Tensor, h: Tensor) -> Tensor:
        """What stands inside tanh: x (B,I), h (B,H) -> (B,H). By itself a linear recurrence, to follow by hand."""
        return x @ self.weight_ih.t() + self.bias_ih + h @ self.weight_hh.t() + self.bias_hh


class SummingCell(nn.Module):
    """An Elman cell whose input comes ready, of the size of the hidden state, and is summed into it:

    h_t = tanh(x_t + W_hh h_{t-1} + b_hh), where x_t is for instance ReLU(embedding of token t)

    weight_hh (H,H), bias_hh (H,), uniform in ±1/√H.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_hh = nn.Parameter(torch.empty(hidden_size))
        _start(self, hidden_size)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """x (B,H), h (B,H) -> h (B,H)."""
        return torch.tanh(x + h @ self.weight_hh.t() + self.bias_hh)


class JordanCell(Cell):
    """Jordan's recurrence (Jordan 1986, "Serial order"): what comes back is the output, not the hidden layer:

    h_t = tanh(W_ih x_t + b_ih + W_hh y_{t-1} + b_hh)
    y_t = tanh(W_ho h_t + b_ho)
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, gates=1)
        self.weight_ho = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias_ho = nn.Parameter(torch.empty(hidden_size))
        _start(self, hidden_size)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """x (B,I), y (B,H) -> y (B,H), and the hidden layer h (B,H) it was read from."""
        h = torch.tanh(x @ self.weight_ih.t() + self.bias_ih + y @ self.weight_hh.t() + self.bias_hh)
        return torch.tanh(h @ self.weight_ho.t() + self.bias_ho), h


class LSTMCell(Cell):
    """Long short-term memory with a forget gate (Hochreiter & Schmidhuber 1997; Gers et al. 2000):

    i, f, o = σ(W x_t + b_ih + V h_{t-1} + b_hh), each with its rows of W and V;  g = tanh(likewise)
    c_t = f ⊙ c_{t-1} + i ⊙ g
    h_t = o ⊙ tanh(c_t)

    Rows stand in torch's order i, f, g, o. The forget gate's bias starts at 1, so that an untrained cell remembers
    (Jozefowicz et al. 2015).
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, gates=4)
        with torch.no_grad():
            self.bias_ih[hidden_size : 2 * hidden_size].fill_(1.0)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B,I), h (B,H), c (B,H) -> h (B,H), c (B,H), gates (B,4H) in the order i, f, g, o."""
        sums = x @ self.weight_ih.t() + self.bias_ih + h @ self.weight_hh.t() + self.bias_hh
        i, f, g, o = sums.chunk(4, dim=1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * c + i * g
        h = o * torch.tanh(c)
        return h, c, torch.cat((i, f, g, o), dim=1)


class GRUCell(Cell):
    """Gated recurrent unit (Cho et al. 2014), the reset gate applied after the recurrent product as cuDNN has it:

    r, z = σ(W x_t + b_ih + V h_{t-1} + b_hh), each with its rows
    n = tanh(W_n x_t + b_in + r ⊙ (V_n h_{t-1} + b_hn))
    h_t = (1 − z) ⊙ n + z ⊙ h_{t-1}

    Rows stand in torch's order r, z, n.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, gates=3)

    def forward(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """x (B,I), h (B,H) -> h (B,H), gates (B,3H) in the order r, z, n."""
        from_x = (x @ self.weight_ih.t() + self.bias_ih).chunk(3, dim=1)
        from_h = (h @ self.weight_hh.t() + self.bias_hh).chunk(3, dim=1)
        r = torch.sigmoid(from_x[0] + from_h[0])
        z = torch.sigmoid(from_x[1] + from_h[1])
        n = torch.tanh(from_x[2] + r * from_h[2])
        return (1 - z) * n + z * h, torch.cat((r, z, n), dim=1)


def _start(cell: nn.Module, hidden_size: int) -> None:
    """Uniform in ±1/√H, torch's own start for recurrent layers."""
    bound = 1 / math.sqrt(hidden_size)
    for weight in cell.parameters():
        nn.init.uniform_(weight, -bound, bound)
