"""What a review of a corpus without neutral reviews is asked."""

import torch
from torch import Tensor

from models.labels import NEUTRAL

_NEVER = -1e4  # as a logit: a probability of zero, and a product with a target of zero that is a number


def without_neutral(logits: Tensor, rows: Tensor) -> Tensor:
    """Logits (B,C) in which neutral is out of the question for `rows` (B,), true for such reviews."""
    neutral = torch.arange(logits.size(1), device=logits.device) == NEUTRAL
    return logits.masked_fill(rows.unsqueeze(1) & neutral, _NEVER)
