"""Contextual decomposition against its own equations, and against the states that it splits."""

import pytest
import torch
from torch import Tensor

from models.decomposition import decompose
from models.recurrence import LSTM

STEPS, SIZE, HIDDEN = 7, 5, 6


@pytest.fixture
def run() -> tuple[LSTM, Tensor, Tensor, Tensor, Tensor, tuple[Tensor, Tensor, Tensor]]:
    torch.manual_seed(7)
    one = LSTM(SIZE, HIDDEN).double()
    x = torch.randn(STEPS, SIZE, dtype=torch.float64) * 2
    with torch.no_grad():
        hidden, cells, gates, _ = one.unroll(x.unsqueeze(0), one.start(x.unsqueeze(0)))
    cell = one.cell
    weights = cell.weight_ih.detach(), cell.weight_hh.detach(), (cell.bias_ih + cell.bias_hh).detach()
    return one, x, hidden[0], cells[0], gates[0], weights


def test_a_span_of_all_tokens_is_the_hidden_state_itself(run) -> None:
    _, x, hidden, cells, gates, weights = run
    beta = decompose(x, hidden, cells, gates, weights, torch.ones(1, STEPS, dtype=torch.float64))
    torch.testing.assert_close(beta[0], hidden, atol=1e-12, rtol=0)


def test_nothing_is_said_before_the_span_begins(run) -> None:
    _, x, hidden, cells, gates, weights = run
    span = torch.zeros(1, STEPS, dtype=torch.float64)
    span[0, 3] = 1
    beta = decompose(x, hidden, cells, gates, weights, span)[0]
    assert beta[:3].abs().max() < 1e-14  # rounding
    assert beta[3:].abs().min() > 0


def test_many_spans_at_once_are_each_by_itself(run) -> None:
    _, x, hidden, cells, gates, weights = run
    spans = (torch.rand(9, STEPS, dtype=torch.float64) < 0.5).double()
    together = decompose(x, hidden, cells, gates, weights, spans)
    for span, beta in zip(spans, together, strict=True):
        torch.testing.assert_close(decompose(x, hidden, cells, gates, weights, span.unsqueeze(0))[0], beta)


def test_it_follows_the_papers_equations_term_by_term(run) -> None:
    """Both parts carried along, scalar formulas as they are printed: β + γ = h at every step, and β is ours."""
    _, x, hidden, cells, gates, (into, recurrent, bias) = run
    span = torch.tensor([0, 1, 1, 0, 0, 1, 0], dtype=torch.float64)
    squash = [torch.sigmoid, torch.sigmoid, torch.tanh, torch.sigmoid]
    beta = gamma = beta_cell = gamma_cell = torch.zeros(HIDDEN, dtype=torch.float64)
    ours = decompose(x, hidden, cells, gates, (into, recurrent, bias), span.unsqueeze(0))[0]
    for t in range(STEPS):
        r = recurrent @ beta + span[t] * (into @ x[t])
        q = recurrent @ gamma + (1 - span[t]) * (into @ x[t])
        parts = []
        for phi, r_k, q_k, b_k in zip(squash, r.chunk(4), q.chunk(4), bias.chunk(4), strict=True):
            R = 0.5 * (phi(r_k + b_k) - phi(b_k) + phi(r_k + q_k + b_k) - phi(q_k + b_k))
            Q = 0.5 * (phi(q_k + b_k) - phi(b_k) + phi(r_k + q_k + b_k) - phi(r_k + b_k))
            parts.append((R, Q, phi(b_k)))
        (Ri, Qi, Bi), (Rf, Qf, Bf), (Rg, Qg, Bg), (Ro, Qo, Bo) = parts
        new_beta = (Rf + Bf) * beta_cell + Ri * (Rg + Bg) + Bi * Rg + span[t] * Bi * Bg
        gamma_cell = (
            Qf * beta_cell
            + (Rf + Qf + Bf) * gamma_cell
            + Qi * (Rg + Qg + Bg)
            + (Ri + Bi) * Qg
            + (1 - span[t]) * Bi * Bg
        )
        beta_cell = new_beta
        o = Ro + Qo + Bo
        tanh = torch.tanh
        beta = o * 0.5 * (tanh(beta_cell) + tanh(beta_cell + gamma_cell) - tanh(gamma_cell))
        gamma = o * 0.5 * (tanh(gamma_cell) + tanh(beta_cell + gamma_cell) - tanh(beta_cell))
        torch.testing.assert_close(beta + gamma, hidden[t])
        torch.testing.assert_close(beta, ours[t])
