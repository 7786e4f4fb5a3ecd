"""A tree of phrases: neighbours that say most by being together are joined first (after Singh, Murdoch & Yu 2019,
"Hierarchical interpretations for neural network predictions")."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from models.words import Word

MAX_WORDS = 8
"""A text of at most so many words has a tree of words."""

MAX_LEAVES = 4
"""A longer text has a tree of so many clauses."""

ENDS = frozenset(',.;:!?…()[]"—-/，。；：！？、（）“”~～')
_STARTS = frozenset("but although though however because and or while yet 但 却".split())

Run = tuple[int, int]
"""Words from the first up to the last, both included."""


def leaves(words: Sequence[Word]) -> list[Run]:
    """The runs of words that the tree is made of, in order, without gaps."""
    if len(words) <= MAX_WORDS:
        return [(place, place) for place in range(len(words))]
    runs = [(0, 0)]
    for place in range(1, len(words)):
        new = words[place - 1].text in ENDS or words[place].text.lower() in _STARTS
        if new and words[place].text not in ENDS:
            runs.append((place, place))
        else:
            runs[-1] = (runs[-1][0], place)
    while len(runs) > MAX_LEAVES:  # the shortest pair of neighbours becomes one
        place = min(range(len(runs) - 1), key=lambda one: runs[one + 1][1] - runs[one][0])
        runs[place : place + 2] = [(runs[place][0], runs[place + 1][1])]
    while len(runs) < MAX_LEAVES:  # the longest is halved, where it is long
        place = max(range(len(runs)), key=lambda one: runs[one][1] - runs[one][0])
        first, last = runs[place]
        if last - first < MAX_WORDS:
            break
        middle = (first + last) // 2
        runs[place : place + 1] = [(first, middle), (middle + 1, last)]
    return runs


def all_runs(parts: Sequence[Run]) -> list[Run]:
    """Every run of neighbouring parts: what `join` needs the scores of."""
    return [(first[0], last[1]) for start, first in enumerate(parts) for last in parts[start:]]


def join(parts: Sequence[Run], scores: Mapping[tuple[int, ...], float]) -> list[Run]:
    """The nodes of the tree: the parts, then each pair of neighbours as it is joined, up to the whole.

    The next pair is the one whose score differs most from the sum of its halves' scores.
    """
    nodes = list(parts)
    rest = list(parts)
    while len(rest) > 1:
        pairs = [(left, right, (left[0], right[1])) for left, right in pairwise(rest)]
        place = max(
            range(len(pairs)),
            key=lambda one: abs(scores[pairs[one][2]] - scores[pairs[one][0]] - scores[pairs[one][1]]),
        )
        nodes.append(pairs[place][2])
        rest[place : place + 2] = [pairs[place][2]]
    return nodes
