"""Backpropagation through time, by the recurrence's own sums, and what becomes of the gradient over distance.

    python -m examples.bptt
    python -m examples.bptt --radii 0.8 1.0 1.2 --steps 60

For h_t = tanh(W x_t + V h_{t-1} + b) and L = ½|h_T − y|², the gradient of V is a sum over the steps,

    ∂L/∂V = Σ_t δ_t h_{t-1}ᵀ,   δ_T = (1 − h_T²) ⊙ (h_T − y),   δ_t = (1 − h_t²) ⊙ Vᵀ δ_{t+1},

and likewise ∂L/∂W = Σ_t δ_t x_tᵀ and ∂L/∂b = Σ_t δ_t (Werbos 1990, "Backpropagation through time: what it does and how
to do it"). Compares it with autograd, then draws how δ shrinks or grows with distance for several spectral radii
of V: below 1 it vanishes, above 1 it explodes until tanh saturates (Bengio, Simard & Frasconi 1994; Pascanu, Mikolov &
Bengio 2013), and clipping by norm bounds a step without turning it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import torch
from torch import Tensor
from tqdm import tqdm

from examples.running import parser, start, whole
from models.cells import ElmanCell

INPUTS = 4


def states(cell: ElmanCell, x: Tensor) -> list[Tensor]:
    """x (T,1,I) -> hidden states h_0 = 0 to h_T, each (1,H)."""
    found = [x.new_zeros(1, cell.hidden_size)]
    for step in x:
        found.append(cell(step, found[-1]))
    return found


def deltas(cell: ElmanCell, hidden: Sequence[Tensor], target: Tensor) -> list[Tensor]:
    """δ_1 to δ_T, each (1,H): the loss's gradient with respect to what stands inside tanh at each step."""
    found = [(1 - hidden[-1] ** 2) * (hidden[-1] - target)]
    for h in reversed(hidden[1:-1]):
        found.append((1 - h**2) * (found[-1] @ cell.weight_hh))
    return found[::-1]


def gradients(cell: ElmanCell, x: Tensor, target: Tensor) -> dict[str, Tensor]:
    """∂L/∂V, ∂L/∂W and ∂L/∂b by the sums above, by the weights' names; x (T,1,I), target (1,H)."""
    with torch.no_grad():
        hidden = states(cell, x)
        delta = torch.cat(deltas(cell, hidden, target))  # (T,H)
        return {
            "weight_hh": delta.t() @ torch.cat(hidden[:-1]),
            "weight_ih": delta.t() @ x.squeeze(1),
            "bias_hh": delta.sum(0),
            "bias_ih": delta.sum(0),
        }


def disagreement(cell: ElmanCell, x: Tensor, target: Tensor) -> float:
    """The largest difference of any entry between `gradients` and autograd's."""
    cell.zero_grad()
    (0.5 * ((states(cell, x)[-1] - target) ** 2).sum()).backward()
    ours = gradients(cell, x, target)
    differences = [
        float((ours[name] - weight.grad).abs().max())
        for name, weight in cell.named_parameters()
        if weight.grad is not None
    ]
    return max(differences)


def with_radius(hidden_size: int, radius: float) -> ElmanCell:
    """A cell without biases whose recurrent weights have this spectral radius (largest absolute eigenvalue)."""
    cell = ElmanCell(INPUTS, hidden_size).double()
    with torch.no_grad():
        torch.nn.init.normal_(cell.weight_hh)
        cell.weight_hh *= radius / torch.linalg.eigvals(cell.weight_hh).abs().max()
        cell.bias_ih.zero_()
        cell.bias_hh.zero_()
    return cell


def by_distance(cell: ElmanCell, steps: int, target: Tensor) -> list[float]:
    """|δ_t| from the last of `steps` back, around the zero state, where tanh's slope is 1 and V alone decides."""
    with torch.no_grad():
        hidden = states(cell, target.new_zeros(steps, 1, INPUTS))
        return [float(delta.norm()) for delta in deltas(cell, hidden, target)][::-1]


def clipped(norm: float, limit: float) -> float:
    """A gradient's norm after clipping by norm: g · min(1, limit / |g|)."""
    return norm * min(1.0, limit / norm) if norm else 0.0


def draw(curves: dict[float, list[float]], norms: dict[float, float], limit: float, path: Path) -> None:
    """Left: the gradient by distance. Right: the norm of the whole sum, and clipped."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(10, 3.6), layout="constrained", gridspec_kw={"width_ratios": (2, 1)}
    )
    for radius, terms in curves.items():
        left.semilogy(range(len(terms)), [max(term, 1e-16) for term in terms], label=f"{radius:g}")
    left.set_xlabel("steps back from the last")
    left.set_ylabel("norm of δ, around the zero state")
    left.legend(title="spectral radius", fontsize=8)
    names = [f"{radius:g}" for radius in norms]
    places = range(len(names))
    right.bar([place - 0.2 for place in places], list(norms.values()), width=0.4, label="as it is")
    right.bar([place + 0.2 for place in places], [clipped(one, limit) for one in norms.values()], 0.4, label="clipped")
    right.axhline(limit, color="0.4", linestyle=":", linewidth=1)
    right.set_xticks(places, names)
    right.set_yscale("log")
    right.set_xlabel("spectral radius")
    right.set_ylabel(f"norm of ∂L/∂V on a random input, clipped at {limit:g}")
    right.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    command_line = parser("bptt", "The gradient through time by the recurrence's own sums, and over distance.")
    command_line.add_argument("--steps", type=whole(2), default=40, help="length of the sequence (default: 40)")
    command_line.add_argument("--hidden-size", type=whole(2), default=32, help="hidden units (default: 32)")
    command_line.add_argument(
        "--radii",
        type=float,
        nargs="+",
        default=[0.5, 0.8, 1.0, 1.2, 1.5],
        help="spectral radii (default: 0.5 0.8 1.0 1.2 1.5)",
    )
    command_line.add_argument("--clip", type=float, default=1.0, help="the clipped gradient's norm (default: 1)")
    options = command_line.parse_args(arguments)
    start(options, command_line)
    x = 0.1 * torch.randn(options.steps, 1, INPUTS, dtype=torch.float64)
    target = torch.randn(1, options.hidden_size, dtype=torch.float64)
    curves: dict[float, list[float]] = {}
    norms: dict[float, float] = {}
    print("radius  norm of dL/dV  clipped   last delta  delta furthest back  largest difference from autograd")
    for radius in tqdm(options.radii, desc="radii", disable=None):
        cell = with_radius(options.hidden_size, radius)
        curves[radius] = by_distance(cell, options.steps, target)
        norms[radius] = float(gradients(cell, x, target)["weight_hh"].norm())
        shown = f"{curves[radius][0]:13.2e}{curves[radius][-1]:21.2e}{disagreement(cell, x, target):34.1e}"
        print(f"{radius:6g}{norms[radius]:15.2e}{clipped(norms[radius], options.clip):9.2e}{shown}")
    path = options.out / "bptt.png"
    draw(curves, norms, options.clip, path)
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
