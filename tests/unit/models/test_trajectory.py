"""A running readout ends in the logit, and at each step is what was read until then."""

import pytest
import torch

from models.trajectory import trajectory
from tests.unit.models.networks import IDS, head_of, network, run_of


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "last+max+mean"])
def test_where_all_is_read_it_is_the_logit(pooling: str, directions: int) -> None:
    one = network(pooling=pooling, directions=directions)
    run, (weight, bias) = run_of(one), head_of(one)
    found = trajectory(run.hidden, weight, pooling, directions)
    read_all = float(found[0, -1]) + (float(found[1, 0]) if directions == 2 else 0.0)
    assert read_all + bias == pytest.approx(float(run.logits[2] - run.logits[0]), abs=1e-12)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "max+mean"])
def test_each_value_is_that_of_the_text_read_so_far(pooling: str) -> None:
    one = network(pooling=pooling)
    weight, _ = head_of(one)
    whole = trajectory(run_of(one).hidden, weight, pooling, 2)
    for place in range(len(IDS)):
        before = trajectory(run_of(one, ids=IDS[: place + 1]).hidden, weight, pooling, 2)
        after = trajectory(run_of(one, ids=IDS[place:]).hidden, weight, pooling, 2)
        torch.testing.assert_close(whole[0, place], before[0, -1], atol=1e-12, rtol=0)
        torch.testing.assert_close(whole[1, place], after[1, 0], atol=1e-12, rtol=0)
