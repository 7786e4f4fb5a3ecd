"""Temperature scaling (Guo et al. 2017): one number a language that makes probabilities mean what they say."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

MIN_ROWS = 100
"""Fewer reviews of a language say too little: three right answers would make every probability 1."""


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature that gives labels (N,) the highest likelihood under softmax(logits / T), logits (N,C).

    Searched between 0.05 and 20; 1.0 where there is nothing to fit on.
    """
    if len(labels) == 0:
        return 1.0
    logits = logits.double()
    log_temperature = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature], lr=0.5, max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(logits / log_temperature.exp(), labels)
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(log_temperature.detach().exp().clamp(0.05, 20.0))


def fit_by_language(logits: Tensor, labels: Tensor, languages: Sequence[str]) -> dict[str, float]:
    """`fit_temperature` for each language that stands at least MIN_ROWS times in `languages` (N)."""
    temperatures: dict[str, float] = {}
    for language in sorted(set(languages)):
        rows = [index for index, one in enumerate(languages) if one == language]
        if len(rows) >= MIN_ROWS:
            temperatures[language] = fit_temperature(logits[rows], labels[rows])
    return temperatures
