"""The sine wave: what is foretold, and what rests on what."""

import math
from pathlib import Path

import pytest
import torch

from examples.sine_wave import Foreteller, main, run_freely, wave


def test_a_wave_is_a_sine_from_its_start() -> None:
    points = wave(torch.tensor([0.0, math.pi / 2]), 50)
    assert points.shape == (2, 50)
    torch.testing.assert_close(points[:, 0], torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(points[0, -1], torch.sin(torch.tensor(10.0)))


class Last(Foreteller):
    """Foretells each point plus a thousand, so that it shows what every prediction rests on."""

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        return points + 1000


@pytest.mark.parametrize("horizon", [1, 3])
def test_running_freely_each_prediction_rests_on_the_point_a_horizon_before(horizon: int) -> None:
    found = run_freely(Last("elman"), torch.arange(10.0).unsqueeze(0), 16, horizon)[0]
    assert found[:10].tolist() == list(range(10))
    for place in range(10, 16):
        assert found[place] == found[place - horizon] + 1000


def test_a_short_training_beats_foretelling_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--steps", "150", "--out", str(tmp_path)]) == 0
    errors = [float(line.split()[-1]) for line in capsys.readouterr().out.splitlines() if line.startswith("start")]
    assert len(errors) == 10
    assert sorted(errors)[5] < 0.25  # foretelling zero is wrong by a half
    assert (tmp_path / "sine_wave.png").stat().st_size > 10_000


@pytest.mark.parametrize("horizon", ["0", "11"])
def test_a_horizon_that_cannot_be_is_refused(horizon: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--horizon", horizon])
    assert "is not from 1 to 10" in capsys.readouterr().err
