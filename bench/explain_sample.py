"""Which reviews bench/explain.py measures on: drawn from dev splits by chance with a seed."""

import random
from collections.abc import Sequence

from training.corpora import Corpora
from training.review import Review
from training.splits import DEV

CORPORA = ("sst", "imdb", "online_shopping", "amazon", "counterfactual", "hotel", "waimai")
SEED = 5


def drawn(corpora: Corpora, names: Sequence[str]) -> list[Review]:
    """All labelled dev reviews of some corpora, shuffled, the same each time."""
    reviews = corpora.select(DEV, names, labelled=True)
    random.Random(SEED).shuffle(reviews)
    return reviews
