"""The split of a verdict over its tokens adds up, for every recurrence that it knows, pooling, layer and direction."""

from dataclasses import replace

import pytest
import torch

from models.contributions import contributions, readout
from tests.unit.models.networks import head_of, network, run_of

SPLIT = [("signals", "lstm"), ("signals", "gru"), ("signals", "elman"), ("writes", "lstm"), ("writes", "gru")]


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "max+mean", "last+max+mean"])
@pytest.mark.parametrize(("method", "kind"), SPLIT)
def test_shares_and_bias_are_the_logit(method: str, kind: str, pooling: str, directions: int) -> None:
    one = network(kind, pooling, directions)
    run, (weight, bias) = run_of(one, kind), head_of(one)
    shares = contributions(kind, run.layers, readout(run.hidden, weight, pooling, directions), method)
    assert shares.shape == (directions, 9)
    assert float(shares.sum()) + bias == pytest.approx(float(run.logits[2] - run.logits[0]), abs=1e-12)


@pytest.mark.parametrize("kind", ["lstm", "gru", "elman"])
def test_signals_go_down_through_layers(kind: str) -> None:
    one = network(kind, layers=3)
    run, (weight, bias) = run_of(one, kind), head_of(one)
    counts = readout(run.hidden, weight, "max+mean", 2)
    shares = contributions(kind, run.layers, counts)
    assert float(shares.sum()) + bias == pytest.approx(float(run.logits[2] - run.logits[0]), abs=1e-12)
    forward = counts.clone()
    forward[:, 7:] = 0
    torch.testing.assert_close(contributions(kind, run.layers, forward)[0], shares[0])


def test_each_direction_reads_its_own_units() -> None:
    run = run_of(network())
    counts = torch.zeros(9, 14, dtype=torch.float64)
    counts[:, 7:] = 1
    forward, backward = contributions("lstm", run.layers, counts)
    assert forward.abs().max() == 0
    assert backward.abs().min() > 0


def test_a_token_whose_write_is_shut_out_has_no_share() -> None:
    run = run_of(network(directions=1)).layers[0]
    i = run.gates["i"].clone()
    i[0, 2] = 0
    shut = replace(run, gates=run.gates | {"i": i})
    for method in ("signals", "writes"):
        shares = contributions("lstm", [shut], torch.ones(9, 7, dtype=torch.float64), method)[0]
        assert shares[2] == 0
        assert (shares[[0, 1, 3]] != 0).all()


def test_what_a_write_took_from_the_state_is_traced_back_to_the_words_of_the_state() -> None:
    one = network(directions=1)
    with torch.no_grad():
        one.embedding.weight[5].zero_()  # a token that says nothing
        cell = one.encoder.layers[0].left_to_right.cell
        cell.bias_ih.zero_(), cell.bias_hh.zero_()
    run = run_of(one)
    counts = torch.ones(9, 7, dtype=torch.float64)
    place = 2
    assert abs(float(contributions("lstm", run.layers, counts, "writes")[0, place])) > 1e-4
    assert abs(float(contributions("lstm", run.layers, counts, "signals")[0, place])) < 1e-12


@pytest.mark.parametrize(
    ("method", "kind", "layers", "says"),
    [
        ("signals", "jordan", 1, "can't split the states of 'jordan'; expected one of lstm, gru, elman"),
        ("writes", "elman", 1, "can't split the states of 'elman'; expected one of lstm, gru"),
        ("writes", "lstm", 2, "splits one layer, and this network has 2; use signals"),
    ],
)
def test_what_it_can_not_split_is_refused(method: str, kind: str, layers: int, says: str) -> None:
    run = run_of(network(kind, layers=layers), kind)
    with pytest.raises(ValueError, match=says):
        contributions(kind, run.layers, torch.zeros(9, 14, dtype=torch.float64), method)
