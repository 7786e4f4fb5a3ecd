"""Whether the parts sum to the whole: contributions to the served logit, a span of all tokens to the hidden states."""

import torch
from torch import Tensor
from tqdm import tqdm

from bench.explain_methods import Methods
from bench.explain_sample import drawn
from training.corpora import Corpora
from training.tables import table

LANGUAGES = {"English": ("sst", "imdb"), "Chinese": ("online_shopping", "waimai", "hotel")}
REVIEWS = 500  # of each language


def exactness(methods: Methods, corpora: Corpora, limit: int | None) -> str:
    """The largest errors over REVIEWS dev reviews of each language, as Markdown."""
    rows = []
    for language, names in LANGUAGES.items():
        reviews = drawn(corpora, names)[: limit or REVIEWS]
        errors = [
            errors_of(methods, methods.words(review.text)[0])
            for review in tqdm(reviews, desc=f"exactness, {language}", unit="review", disable=None)
        ]
        largest = torch.stack(errors).amax(0).tolist()
        rows.append([language, f"{len(reviews):,}", *(f"{error:.1e}" for error in largest)])
    return table(["largest error, in logits", "reviews", "signals", "writes", "span of all tokens"], rows)


def errors_of(methods: Methods, ids: list[int]) -> Tensor:
    """|Σ contributions + bias − z| by signals and by writes, z as `predict` computes it; then the span of all tokens
    against the hidden states as the head weighs them -> (3,)."""
    opened = methods.open(ids)
    z = float(methods.z([ids]))
    sums = [float(methods.shares(opened, method).double().sum()) + methods.bias - z for method in ("signals", "writes")]
    whole = float(methods.decomposed(opened, torch.ones(1, len(ids), dtype=torch.bool)))
    return torch.tensor([*sums, whole - float((opened.counts.double() * opened.run.hidden).sum())]).abs()
