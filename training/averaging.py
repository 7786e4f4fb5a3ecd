"""Weights between weights: the moving average that is judged and saved, and the blend with those of before."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn


class MovingAverage:
    """For torch.optim.swa_utils.AveragedModel: a decay that begins small, so that the first weights don't outlast a
    short run."""

    def __init__(self, decay: float) -> None:
        self.decay = decay

    def __call__(self, average: Tensor, weight: Tensor, updates: Tensor | int) -> Tensor:
        count = int(updates)
        return torch.lerp(average, weight, 1 - min(self.decay, (1 + count) / (10 + count)))


def copy_of(module: nn.Module) -> dict[str, Tensor]:
    """Its weights on the CPU, which no later step changes."""
    return {name: weight.detach().cpu().clone() for name, weight in module.state_dict().items()}


def blend(trained: nn.Module, start: Mapping[str, Tensor], keep: float) -> nn.Module:
    """A copy of `trained` with a share `keep` of `start`: what training unlearned comes back (WiSE-FT, Wortsman et al.
    2022)."""
    blended = copy.deepcopy(trained)
    with torch.no_grad():
        for name, weight in blended.named_parameters():
            weight.lerp_(start[name].to(weight.device), keep)
    return blended
