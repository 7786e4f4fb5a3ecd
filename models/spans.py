"""What runs of words say by themselves: by contextual decomposition as far as it can be trusted."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from models.contributions import kept
from models.decomposition import HORIZON, decompose
from models.phrases import Run
from models.replay import LayerRun, by_direction
from models.words import Word

Span = tuple[int, ...]
"""A run of words by its first and last, both included, or two such pairs: both runs together."""


def is_short(span: Span, words: Sequence[Word]) -> bool:
    """Whether the span is within HORIZON tokens from its first to its last, so that it can be decomposed."""
    return words[span[-1]].last - words[span[0]].first < HORIZON


def near(pairs: Iterable[tuple[Run, Run]], words: Sequence[Word]) -> list[tuple[Run, Run]]:
    """The pairs whose two runs stand apart from each other and near enough to be decomposed together, in text order."""
    ordered = [(min(a, b), max(a, b)) for a, b in pairs]
    return [(a, b) for a, b in dict.fromkeys(ordered) if a[1] < b[0] and is_short((*a, *b), words)]


def scores_of(
    run: LayerRun, counts: Tensor, brought: Sequence[float], words: Sequence[Word], wanted: Iterable[Span]
) -> dict[Span, float]:
    """The score of each span in an LSTM's text, in logits.

    Parameters: `counts` (T,D·H) of the hidden states; `brought`, each word's contribution. A span that is too long to
    be decomposed has the sum of its words' contributions, which is exact of the whole text.
    """
    short, found = [], {}
    for span in dict.fromkeys(wanted):
        if is_short(span, words) and span != (0, len(words) - 1):
            short.append(span)
        else:
            found[span] = sum(sum(brought[first : last + 1]) for first, last in zip(span[::2], span[1::2], strict=True))
    if short:
        inside = torch.zeros(len(short), run.hidden.size(1), dtype=torch.bool)
        for row, ends in enumerate(short):
            for first, last in zip(ends[::2], ends[1::2], strict=True):
                inside[row, words[first].first : words[last].last + 1] = True
        by_step = by_direction(counts, run.hidden.size(0))
        found |= zip(short, decompose(run, by_step, kept("lstm", run, counts), inside).tolist(), strict=True)
    return found
