"""One step of each cell, by hand."""

import math

import pytest
import torch

from models.cells import ElmanCell, GRUCell, JordanCell, LSTMCell, SummingCell

ONE = torch.tensor([[1.0]], dtype=torch.float64)


def plain(cell: torch.nn.Module, weight: float) -> torch.nn.Module:
    """All weights the same, no bias."""
    cell.double()
    for name, values in cell.named_parameters():
        values.data.fill_(0.0 if name.startswith("bias") else weight)
    return cell


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_elman() -> None:
    h = plain(ElmanCell(1, 1), 0.5)(ONE, 2 * ONE)
    assert math.isclose(h.item(), math.tanh(0.5 + 0.5 * 2))


def test_jordan_reads_back_its_output() -> None:
    y, h = plain(JordanCell(1, 1), 0.5)(ONE, 2 * ONE)
    assert math.isclose(h.item(), math.tanh(0.5 + 0.5 * 2))
    assert math.isclose(y.item(), math.tanh(0.5 * h.item()))


def test_lstm() -> None:
    h, c, gates = plain(LSTMCell(1, 1), 0.5)(ONE, 2 * ONE, 3 * ONE)
    gate, candidate = sigmoid(1.5), math.tanh(1.5)
    assert gates.tolist()[0] == [gate, gate, candidate, gate]
    assert math.isclose(c.item(), gate * 3 + gate * candidate)
    assert math.isclose(h.item(), gate * math.tanh(c.item()))


def test_lstm_starts_with_an_open_forget_gate() -> None:
    assert LSTMCell(3, 2).bias_ih[2:4].tolist() == [1.0, 1.0]


def test_gru() -> None:
    h, gates = plain(GRUCell(1, 1), 0.5)(ONE, 2 * ONE)
    gate = sigmoid(1.5)
    candidate = math.tanh(0.5 + gate * 1.0)
    assert gates.tolist()[0] == [gate, gate, candidate]
    assert math.isclose(h.item(), (1 - gate) * candidate + gate * 2)


def outputs(inputs: list[float]) -> list[list[float]]:
    """Two inputs a step (both of this value), two hidden units, two outputs; all weights 1, no bias, no activation."""
    cell, head = plain(ElmanCell(2, 2), 1.0), torch.ones(2, 2, dtype=torch.float64)
    h = torch.zeros(1, 2, dtype=torch.float64)
    found = []
    for value in inputs:
        h = cell.sums(torch.full((1, 2), value, dtype=torch.float64), h)
        found.append((h @ head.t())[0].tolist())
    return found


def test_a_network_of_ones_remembers_and_minds_the_order() -> None:
    assert outputs([1, 1, 2]) == [[4, 4], [12, 12], [32, 32]]
    assert outputs([2, 1, 1]) == [[8, 8], [20, 20], [44, 44]]


def test_an_lstm_with_given_gates_keeps_adds_and_shows() -> None:
    # Only the biases speak. i, f, o are (almost) 1 or 0 at ±40, g is tanh of its own.
    cell = plain(LSTMCell(1, 1), 0.0)
    zero = 0 * ONE

    def step(i: float, f: float, g: float, o: float, c: torch.Tensor) -> tuple[float, float]:
        cell.bias_ih.data.copy_(torch.tensor([40 * i, 40 * f, g, 40 * o]))
        h, c, _ = cell(zero, zero, c)
        return h.item(), c.item()

    assert step(-1, 1, 0.5, 1, 3 * ONE) == pytest.approx((math.tanh(3), 3))  # kept, nothing added, shown
    assert step(1, 1, 0.5, -1, 3 * ONE) == pytest.approx((0, 3 + math.tanh(0.5)))  # kept and added, hidden
    assert step(1, -1, 0.5, 1, 3 * ONE) == pytest.approx((math.tanh(math.tanh(0.5)), math.tanh(0.5)))  # forgotten


def test_summing() -> None:
    assert plain(SummingCell(1), 0.5)(ONE, 2 * ONE).item() == pytest.approx(math.tanh(1 + 0.5 * 2))
