"""The moving average of weights that is judged and saved, for torch.optim.swa_utils.AveragedModel."""

import torch
from torch import Tensor


class MovingAverage:
    """Moving average whose decay begins small, so that the first weights don't outlast a short run."""

    def __init__(self, decay: float) -> None:
        self.decay = decay

    def __call__(self, average: Tensor, weight: Tensor, updates: Tensor | int) -> Tensor:
        count = int(updates)
        return torch.lerp(average, weight, 1 - min(self.decay, (1 + count) / (10 + count)))
