"""Foretells a sine wave, then runs on alone: two recurrent layers of 16 units.

    python -m examples.sine_wave
    python -m examples.sine_wave --kind elman --horizon 5 --steps 6000

Each training sequence is 50 points from a random start. After training the network sees 10 true points of starts that
it never saw, then feeds on its own predictions; prints the mean squared error of each run and draws both curves.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn
from tqdm import trange

from examples.running import parser, start, whole
from models.encoder import Encoder
from models.recurrence import RECURRENCES

POINTS = 50
STEP = 10 / (POINTS - 1)  # radians between two points: 50 of them are a period and a half
TRUE_POINTS = 10
BATCH = 32


class Foreteller(nn.Module):
    """Points (B,T) -> at each step the point `horizon` steps ahead (B,T): an encoder of one direction and a head."""

    def __init__(self, kind: str, hidden_size: int = 16, layers: int = 2) -> None:
        super().__init__()
        self.encoder = Encoder(kind, 1, hidden_size, layers, directions=1)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, points: Tensor) -> Tensor:
        """points (B,T) -> (B,T)."""
        lengths = torch.full((points.size(0),), points.size(1), device=points.device)
        return self.head(self.encoder(points.unsqueeze(2), lengths)).squeeze(2)


def wave(starts: Tensor, points: int) -> Tensor:
    """starts (B,) in radians -> the sine at `points` points from each (B,T)."""
    return torch.sin(starts.unsqueeze(1) + STEP * torch.arange(points, device=starts.device))


def run_freely(network: Foreteller, true: Tensor, points: int, horizon: int) -> Tensor:
    """true (B,T) -> (B,points): the true points, then its own predictions, each `horizon` steps after what it rests on.

    With a horizon of h the points T to T+h−1 rest on true ones, all later ones on predictions.
    """
    found = true
    with torch.inference_mode():
        while found.size(1) < points:
            ahead = network(found)[:, -horizon:]  # of the last h points, each foretold h steps ahead
            found = torch.cat((found, ahead), dim=1)
    return found[:, :points]


def train(network: Foreteller, steps: int, horizon: int, device: torch.device) -> float:
    """Adam at 1e-3 on batches of new random starts; returns the last loss."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    loss = torch.zeros(())
    with trange(steps, desc="training", unit="step", disable=None) as bar:
        for step in bar:
            points = wave(2 * math.pi * torch.rand(BATCH, device=device), POINTS)
            loss = nn.functional.mse_loss(network(points[:, :-horizon]), points[:, horizon:])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            if step % 100 == 0:
                bar.set_postfix_str(f"loss {loss.item():.5f}")
    return loss.item()


def draw(truth: Tensor, found: Tensor, errors: Sequence[float], path: Path) -> None:
    """A panel for each of four runs: truth, the true points that were given, prediction."""
    figure, panels = plt.subplots(2, 2, figsize=(9, 5), sharex=True, sharey=True, layout="constrained")
    for row, panel in enumerate(panels.flat):
        panel.plot(truth[row], color="0.7", linewidth=4, label="truth")
        panel.plot(range(TRUE_POINTS), truth[row, :TRUE_POINTS], "o", color="0.3", markersize=4, label="given")
        panel.plot(range(TRUE_POINTS, POINTS), found[row, TRUE_POINTS:], ".-", color="C0", label="alone")
        panel.set_title(f"mean squared error {errors[row]:.5f}", fontsize=9)
    panels.flat[0].legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    command_line = parser("sine_wave", "Foretells a sine wave, then runs on alone after 10 true points.")
    command_line.add_argument("--kind", choices=RECURRENCES, default="lstm", help="the recurrence (default: lstm)")
    command_line.add_argument("--horizon", type=_horizon, default=1, help="steps ahead, 1 to 10 (default: 1)")
    command_line.add_argument(
        "--steps", type=whole(1), default=4_000, help="training steps of 32 waves (default: 4000)"
    )
    options = command_line.parse_args(arguments)
    device = start(options, command_line)
    network = Foreteller(options.kind).to(device)
    train(network, options.steps, options.horizon, device)

    network.eval()
    truth = wave(2 * math.pi * torch.rand(10, device=device), POINTS)
    found = run_freely(network, truth[:, :TRUE_POINTS], POINTS, options.horizon)
    errors = ((found - truth)[:, TRUE_POINTS:] ** 2).mean(dim=1).tolist()
    for number, error in enumerate(errors, start=1):
        print(f"start {number:2}: mean squared error over {POINTS - TRUE_POINTS} points alone {error:.5f}")
    print(f"{sum(error <= 0.01 for error in errors)} of {len(errors)} at most 0.01")
    path = options.out / "sine_wave.png"
    draw(truth.cpu(), found.cpu(), errors, path)
    print(f"wrote {path}")
    return 0


def _horizon(text: str) -> int:
    value = int(text)
    if not 1 <= value <= TRUE_POINTS:
        raise argparse.ArgumentTypeError(f"{value} is not from 1 to {TRUE_POINTS}")
    return value


if __name__ == "__main__":
    sys.exit(main())
