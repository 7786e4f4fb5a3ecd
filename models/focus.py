"""Which words of a text an explanation looks at more closely: negators, what they may turn, and what brought most.

The network has no list of negators. This one only says where to look; what is found there is the network's.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from models.phrases import ENDS, Run
from models.words import Word

MAX_FOCUS = 6
"""Words that are left out in turn and that are read by themselves."""

MAX_NEGATORS = 3
"""Negators among them, those that brought most."""

MAX_PAIRS = 5
"""Pairs whose interaction is computed."""

TURNED_WITHIN = 8
"""Words after a negator, in its sentence, that it may turn."""

_ENGLISH = frozenset(
    "not no never nor neither nothing nobody none nowhere without hardly scarcely barely cannot cant dont doesnt didnt "
    "isnt wasnt arent werent wont wouldnt couldnt shouldnt havent hasnt hadnt aint lack lacks lacked lacking".split()
)
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc`\u00b4", "'"))  # as the tokenizer reads them
_CHINESE = frozenset("不没别无未非莫勿")


def is_negator(word: Word) -> bool:
    """Whether the word negates by its form: not, never, n't, 不, 没, …"""
    text = word.text.lower().translate(_APOSTROPHES)
    return text in _ENGLISH or text in _CHINESE or text.endswith("n't")


def in_reach(words: Sequence[Word], language: str) -> dict[int, list[Run]]:
    """By the place of each negator, the words after it in its sentence, at most TURNED_WITHIN, nearest first.

    In Chinese, where only characters are known here, every two neighbours of them.
    """
    size = 2 if language == "zh" else 1
    found = {}
    for place, word in enumerate(words):
        end = _end_of_reach(words, place)
        if is_negator(word) and end > place + 1:
            found[place] = [(one, min(one + size, end) - 1) for one in range(place + 1, max(end - size + 1, place + 2))]
    return found


def focus_on(words: Sequence[Word], brought: Sequence[float], turned: Mapping[int, Run]) -> list[int]:
    """Places of at most MAX_FOCUS words, in order.

    Parameters: `brought`, how much each word brought into the verdict, either way; `turned`, what each negator may
    turn.
    """
    strongest = sorted(range(len(words)), key=lambda place: -brought[place])
    negators = [place for place in strongest if is_negator(words[place])][:MAX_NEGATORS]
    places = list(negators)
    for negator in negators:
        if negator in turned:
            first, last = turned[negator]
            places += range(first, last + 1)
    return sorted(list(dict.fromkeys(places + strongest))[:MAX_FOCUS])


def pairs_of(words: Sequence[Word], focus: Sequence[int], turned: Mapping[int, Run]) -> list[tuple[Run, Run]]:
    """At most MAX_PAIRS pairs of runs of words: negators with what they turn, then with all in their reach, then
    neighbours in focus."""
    negators = [place for place in focus if place in turned]
    pairs = [((place, place), turned[place]) for place in negators]
    pairs += [((place, place), (place + 1, _end_of_reach(words, place) - 1)) for place in negators]
    others = [place for place in focus if place not in negators]
    pairs += [((a, a), (b, b)) for a, b in pairwise(others)]
    return list(dict.fromkeys(pairs))[:MAX_PAIRS]


def _end_of_reach(words: Sequence[Word], place: int) -> int:
    """The place past the last word after `place` that a negator there may turn."""
    end = place + 1
    while end < min(len(words), place + 1 + TURNED_WITHIN) and words[end].text not in ENDS:
        end += 1
    return end
