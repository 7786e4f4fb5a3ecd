"""One step of each cell, by hand."""

import math

import torch

from models.cells import ElmanCell, GRUCell, JordanCell, LSTMCell

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
