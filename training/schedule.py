"""The learning rate over a run."""

import math


def warm_cosine(step: int, total: int, warmup: float) -> float:
    """The share of the highest rate at `step` of `total` steps, above 0 and at most 1.

    Linear over the share `warmup` of the steps, then half a cosine down to 1 % (Loshchilov & Hutter 2017).
    """
    warm = max(1, round(warmup * total))
    if step < warm:
        return (step + 1) / warm
    done = min(1.0, (step - warm) / max(1, total - warm))
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))
