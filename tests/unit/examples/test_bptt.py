"""The recurrence's own sums against autograd, and the shape of the gradient over distance."""

from pathlib import Path

import pytest
import torch

from examples.bptt import by_distance, clipped, disagreement, gradients, main, with_radius


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.5])
def test_the_sums_are_autograds_gradient(radius: float) -> None:
    torch.manual_seed(2)
    cell = with_radius(12, radius)
    cell.bias_hh.data.normal_()
    x, target = torch.randn(30, 1, 4, dtype=torch.float64), torch.randn(1, 12, dtype=torch.float64)
    assert disagreement(cell, x, target) <= 1e-10
    assert float(gradients(cell, x, target)["weight_hh"].norm()) > 0.01  # there was something to agree on


def test_the_gradient_vanishes_below_radius_1_and_explodes_above() -> None:
    torch.manual_seed(2)
    target = torch.randn(1, 12, dtype=torch.float64)
    far = {radius: by_distance(with_radius(12, radius), 40, target) for radius in (0.5, 2.0)}
    assert far[0.5][-1] < 1e-6 * far[0.5][0]
    assert far[2.0][-1] > 1e6 * far[2.0][0]


def test_clipping_bounds_the_norm_and_leaves_small_ones_alone() -> None:
    assert [clipped(norm, 2.0) for norm in (0.0, 1.5, 8.0)] == [0.0, 1.5, 2.0]


def test_the_command_draws_and_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--steps", "8", "--hidden-size", "6", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "bptt.png").stat().st_size > 5_000
    assert "1.2" in capsys.readouterr().out


def test_too_short_a_sequence_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--steps", "1"])
    assert "1 is less than 2" in capsys.readouterr().err
