"""One text, one place: no review trains twice, and none trains that also measures.

Two reviews are one text when their content keys (`splits.content_key`) are equal.
"""

from collections import Counter
from collections.abc import Sequence

from training.review import Review
from training.splits import CALIBRATION, DEV, TRAIN, content_key

# A training text that stands in several corpora stays in the first of these; a corpus that is not named here
# (written sentences, a user's own) comes before all. The pairs need both sides, and of the shop's hotel
# reviews most stand in the smaller hotel corpus too.
PREFERENCE = (
    "counterfactual",
    "sst",
    "hotel",
    "waimai",
    "online_shopping",
    "amazon",
    "imdb",
    "sst_phrases",
    "imdb_unlabelled",
    "sentences",
)
# Parts of reviews and unlabelled reviews give way to whole labelled ones, whatever the split.
WEAK = ("sst_phrases", "imdb_unlabelled", "sentences")
# What trains must not decide what is asked: a probe always stays, and what equals it goes.
PROBES = "probes"

DUPLICATE = "duplicate"
CONTRADICTION = "contradicting labels"
MEASURES = "text of a dev or calibration split"
PARTNER = "partner of a text of a dev split"
TRAINS = "text that trains or is in a dev split"


def deduplicate(reviews: Sequence[Review]) -> tuple[list[Review], Counter[tuple[str, str]]]:
    """Take out repeats, contradictions and whatever would train and measure at once.

    1. Whole reviews of one text with different labels are all dropped.
    2. In a dev split a text is kept once a corpus, so that each corpus's figure stays its own.
    3. In training it is kept once altogether, and not at all if it is in a dev split; a counterfactual pair
       goes as a whole.
    4. A calibration text that is also in dev or training is dropped from calibration, but phrases and
       unlabelled reviews give way to it.

    Parameters:
        reviews: of any corpora; the order decides between equals.
    Returns:
        the reviews that stay, in their order, and the dropped ones counted by (corpus, reason).
    """
    keys = [content_key(review.text) for review in reviews]
    reasons: dict[int, str] = {}

    labels: dict[str, set[int]] = {}
    for key, review in zip(keys, reviews, strict=True):
        if review.corpus not in (*WEAK, PROBES) and review.label is not None:
            labels.setdefault(key, set()).add(review.label)
    contradicting = {key for key, found in labels.items() if len(found) > 1}

    places: dict[tuple[str, str], set[str]] = {}  # (corpus, dev or calibration) -> keys
    trained: set[str] = set()
    ranked = sorted(range(len(reviews)), key=lambda index: _rank(reviews[index]))

    def whole(split: str) -> set[str]:
        return set().union(*(found for (corpus, part), found in places.items() if part == split and corpus not in WEAK))

    for split in (DEV, TRAIN, CALIBRATION):
        dev = whole(DEV) if split != DEV else set()
        for index in ranked:
            review, key = reviews[index], keys[index]
            if review.split != split or review.corpus in WEAK:
                continue
            seen = trained if split == TRAIN else places.setdefault((review.corpus, split), set())
            if key in contradicting and review.corpus != PROBES:
                reasons[index] = CONTRADICTION
            elif split == TRAIN and key in dev:
                reasons[index] = MEASURES
            elif split == CALIBRATION and (key in dev or key in trained):
                reasons[index] = TRAINS
            elif key in seen:
                reasons[index] = DUPLICATE
            else:
                seen.add(key)
        if split == TRAIN:
            _drop_partners(reviews, reasons)

    measured = whole(DEV) | whole(CALIBRATION)
    weak_seen: dict[str, set[str]] = {}
    for index in ranked:
        review, key = reviews[index], keys[index]
        if review.corpus not in WEAK:
            continue
        seen = weak_seen.setdefault(review.corpus, set())
        if key in measured:
            reasons[index] = MEASURES
        elif key in trained or key in contradicting or key in seen:
            reasons[index] = DUPLICATE
        else:
            seen.add(key)

    kept = [review for index, review in enumerate(reviews) if index not in reasons]
    return kept, Counter((reviews[index].corpus, reason) for index, reason in reasons.items())


def _rank(review: Review) -> int:
    return PREFERENCE.index(review.corpus) if review.corpus in PREFERENCE else -1


def _drop_partners(reviews: Sequence[Review], reasons: dict[int, str]) -> None:
    """An edit of a review that measures would teach its words: the other side of such a pair goes too."""
    groups = {
        reviews[index].group
        for index, reason in reasons.items()
        if reason == MEASURES and reviews[index].corpus == "counterfactual"
    }
    for index, review in enumerate(reviews):
        if review.corpus == "counterfactual" and review.split == TRAIN and review.group in groups:
            reasons.setdefault(index, PARTNER)
