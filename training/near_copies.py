"""Written and generated sentences that come too near a probe, so that the probes stay of unseen wordings."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from training.review import Review
from training.starter import normal_form

LIMIT = 0.5
"""Two texts that share more than this of their pieces (Jaccard 1912) are near copies."""


def pieces(review: Review) -> set[str]:
    """Runs of five letters in English, of three characters in Chinese, of the text without case and punctuation."""
    bare, size = normal_form(review.text), 5 if review.language == "en" else 3
    return {bare[start : start + size] for start in range(max(1, len(bare) - size + 1))}


def near_copies(reviews: Sequence[Review], probes: Sequence[Review]) -> list[int]:
    """Indices of `reviews` that are near copies of a probe; a probe of the capability "short" has no wording to copy.

    Two sets that share more than half of their pieces share one of the rarest half of each (prefix filtering,
    Chaudhuri, Ganti & Kaushik 2006), so only texts that do are compared.
    """
    asked = [pieces(probe) for probe in probes if probe.group != "short"]
    frequency = Counter(piece for found in asked for piece in found)

    def rarest(found: set[str]) -> list[str]:
        ordered = sorted(found, key=lambda piece: (frequency[piece], piece))
        return ordered[: len(ordered) - int(LIMIT * len(ordered))]

    having: dict[str, list[int]] = defaultdict(list)
    for index, found in enumerate(asked):
        for piece in rarest(found):
            having[piece].append(index)
    near: list[int] = []
    for number, review in enumerate(reviews):
        mine = pieces(review)
        candidates = {index for piece in rarest(mine) for index in having.get(piece, ())}
        if any(len(mine & asked[index]) > LIMIT * len(mine | asked[index]) for index in candidates):
            near.append(number)
    return near
