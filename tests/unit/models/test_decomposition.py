"""Contextual decomposition against its own equations, written out, and against the states that it splits."""

import pytest
import torch
from torch import Tensor

from models.contributions import kept, readout
from models.decomposition import HORIZON, decompose
from models.replay import LayerRun, by_direction
from tests.unit.models.networks import head_of, network, run_of

LONG = [3 + place * 5 % 9 for place in range(3 * HORIZON)]


def scores(ids: list[int], spans: Tensor, directions: int = 2) -> tuple[Tensor, LayerRun, Tensor]:
    one = network(directions=directions)
    run = run_of(one, ids=ids)
    counts = readout(run.hidden, head_of(one)[0], "max+mean", directions)
    layer = run.layers[0]
    return decompose(layer, by_direction(counts, directions), kept("lstm", layer, counts), spans), layer, counts


def of(size: int, *places: int) -> Tensor:
    span = torch.zeros(size, dtype=torch.bool)
    span[list(places)] = True
    return span


@pytest.mark.parametrize("ids", [[3], LONG[:9], LONG])
def test_a_span_of_all_tokens_is_the_hidden_state_itself(ids: list[int]) -> None:
    found, _, counts = scores(ids, torch.ones(1, len(ids), dtype=torch.bool))
    assert float(found[0]) == pytest.approx(float((counts * run_of(network(), ids=ids).hidden).sum()), abs=1e-12)


def test_many_spans_at_once_are_each_by_itself() -> None:
    torch.manual_seed(3)
    spans = torch.rand(9, len(LONG)) < 0.1
    spans[:, 5] = True
    together, *_ = scores(LONG, spans)
    for span, one in zip(spans, together, strict=True):
        assert float(scores(LONG, span.unsqueeze(0))[0][0]) == pytest.approx(float(one), abs=1e-9)


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize(
    ("ids", "span"),
    [
        (LONG[:9], of(9, 1, 2, 5)),
        (LONG[:9], of(9, 0, 1)),
        (LONG[:9], of(9, 8)),
        (LONG, of(len(LONG), 7, 8)),  # followed for HORIZON steps, carried by the gates after that
    ],
)
def test_it_follows_the_papers_equations_term_by_term(ids: list[int], span: Tensor, directions: int) -> None:
    found, layer, counts = scores(ids, span.unsqueeze(0), directions)
    expected = 0.0
    for direction, halves in enumerate(by_direction(counts, directions)):
        expected += written_out(layer, direction, halves, span.flip(0) if direction else span)
    assert float(found[0]) == pytest.approx(expected, abs=1e-9)


def written_out(run: LayerRun, direction: int, counts: Tensor, span: Tensor) -> float:
    """Both parts carried along, as the formulas are printed; past the horizon the cell's part is only kept."""
    into, recurrent = run.weights.into[direction], run.weights.recurrent[direction]
    bias = (run.weights.bias_input + run.weights.bias_hidden)[direction, 0]
    squash = [torch.sigmoid, torch.sigmoid, torch.tanh, torch.sigmoid]
    beta = gamma = beta_cell = gamma_cell = torch.zeros(7, dtype=torch.float64)
    end = int(span.nonzero().max()) + HORIZON
    total = 0.0
    for t, x in enumerate(run.inputs[direction]):
        f, o = run.gates["f"][direction, t], run.gates["o"][direction, t]
        cell = run.cells[direction, t]
        if t > end:
            beta_cell = f * beta_cell
            total += float(counts[t] @ (o * torch.tanh(cell) / cell * beta_cell))
            continue
        inside = float(span[t])
        r = recurrent @ beta + inside * (into @ x)
        q = recurrent @ gamma + (1 - inside) * (into @ x)
        parts = []
        for phi, r_k, q_k, b_k in zip(squash, r.chunk(4), q.chunk(4), bias.chunk(4), strict=True):
            R = 0.5 * (phi(r_k + b_k) - phi(b_k) + phi(r_k + q_k + b_k) - phi(q_k + b_k))
            Q = 0.5 * (phi(q_k + b_k) - phi(b_k) + phi(r_k + q_k + b_k) - phi(r_k + b_k))
            parts.append((R, Q, phi(b_k)))
        (r_i, q_i, b_i), (r_f, q_f, b_f), (r_g, q_g, b_g), _ = parts
        gamma_cell = (
            q_f * beta_cell
            + (r_f + q_f + b_f) * gamma_cell
            + q_i * (r_g + q_g + b_g)
            + (r_i + b_i) * q_g
            + (1 - inside) * b_i * b_g
        )
        beta_cell = (r_f + b_f) * beta_cell + r_i * (r_g + b_g) + b_i * r_g + inside * b_i * b_g
        torch.testing.assert_close(beta_cell + gamma_cell, cell)
        both = torch.tanh(beta_cell + gamma_cell)
        beta = o * 0.5 * (torch.tanh(beta_cell) + both - torch.tanh(gamma_cell))
        gamma = o * 0.5 * (torch.tanh(gamma_cell) + both - torch.tanh(beta_cell))
        total += float(counts[t] @ beta)
    return total
