"""Reviews -> token ids and labels, and the order in which an epoch sees them."""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.batching import Batch, collate, cut_text, truncate
from models.labels import LABELS, POSITIVE
from models.text import Tokenizer
from training.review import Review
from training.splits import TRAIN
from training.teacher import Teacher

DERIVED = ("exchanged", "starter", "sentences", "sst_phrases")
"""Corpora whose texts are parts of others' or come from a grammar."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled reviews as the network reads them; the lists run side by side."""

    ids: list[list[int]]
    labels: list[int]
    """Of an unlabelled review whose teacher is known, the teacher's."""
    targets: Tensor
    """What is learned, (N,C): probabilities of the labels."""
    corpora: list[str]
    languages: list[str]
    sources: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, indices: Sequence[int]) -> tuple[Batch, Tensor]:
        """The padded batch and targets (B,C) of these examples."""
        return collate([self.ids[i] for i in indices]), self.targets[list(indices)]


def one_hot(review: Review) -> list[float] | None:
    """The label's probabilities; None without a label."""
    return None if review.label is None else [float(index == review.label) for index in range(len(LABELS))]


def distilled(review: Review, teacher: Teacher, hard: float) -> list[float] | None:
    """The teacher's probabilities, mixed with a share `hard` of the label's where there is one.

    Where the teacher says nothing, the label's alone. A review of two classes has no neutral share.
    """
    positive = teacher.positive(review)
    if positive is None:
        return one_hot(review)
    if review.label is not None:
        positive = hard * (review.label == POSITIVE) + (1 - hard) * positive
    return [1 - positive, 0.0, positive]


def encode(
    reviews: Sequence[Review],
    tokenizer: Tokenizer,
    max_tokens: int,
    target: Callable[[Review], list[float] | None] = one_hot,
) -> Examples:
    """Tokenizes and cuts reviews with the code that serves. Those that have no `target` are left out."""
    asked = [(review, target(review)) for review in reviews]
    known = [review for review, shares in asked if shares is not None]
    targets = torch.tensor([shares for _, shares in asked if shares is not None]).reshape(-1, len(LABELS))
    return Examples(
        token_ids([review.text for review in known], tokenizer, max_tokens),
        [
            int(shares.argmax()) if review.label is None else review.label
            for review, shares in zip(known, targets, strict=True)
        ],
        targets,
        [review.corpus for review in known],
        [review.language for review in known],
        [review.source for review in known],
    )


def token_ids(texts: Sequence[str], tokenizer: Tokenizer, max_tokens: int) -> list[list[int]]:
    """Ids of each text as the network reads it."""
    windows = (texts[start : start + 4_096] for start in range(0, len(texts), 4_096))  # the library's objects are large
    return [
        truncate(ids, max_tokens) for window in windows for ids in tokenizer.ids([cut_text(text) for text in window])
    ]


def epoch_steps(examples: Examples, shares: Mapping[str, float], batch_texts: int) -> int:
    """How many batches `epoch_batches` gives."""
    sizes = Counter(examples.corpora)
    shown = sum(_shown(size, shares.get(corpus, 1.0)) for corpus, size in sizes.items())
    return math.ceil(shown / batch_texts)


def epoch_batches(
    examples: Examples, shares: Mapping[str, float], batch_texts: int, seed: int, epoch: int
) -> list[list[int]]:
    """Index batches of one epoch: each of at most `batch_texts` texts of like length, in random order.

    A share of 0.5 draws half of a corpus anew each epoch; 2 shows each review twice; corpora not named count once.
    The same seed and epoch give the same batches, so that a resumed run goes on where it stopped.
    """
    rng = random.Random(f"{seed}:{epoch}")
    of_corpus: dict[str, list[int]] = {}
    for index, corpus in enumerate(examples.corpora):
        of_corpus.setdefault(corpus, []).append(index)
    chosen: list[int] = []
    for corpus, members in of_corpus.items():
        share = shares.get(corpus, 1.0)
        whole = int(share)
        chosen += members * whole + rng.sample(members, _shown(len(members), share) - whole * len(members))
    rng.shuffle(chosen)
    batches: list[list[int]] = []
    pool = 64 * batch_texts  # sorted within a pool, so that batches differ between epochs
    for start in range(0, len(chosen), pool):
        part = sorted(chosen[start : start + pool], key=lambda index: len(examples.ids[index]))
        batches += [part[i : i + batch_texts] for i in range(0, len(part), batch_texts)]
    rng.shuffle(batches)
    return batches


def _shown(size: int, share: float) -> int:
    return int(share) * size + round((share - int(share)) * size)


def texts_for_vocabulary(reviews: Sequence[Review]) -> Iterator[str]:
    """Every training text but the sentences, which stand in their reviews already."""
    return (cut_text(review.text) for review in reviews if review.split == TRAIN and review.corpus != "sentences")


def texts_of(reviews: Sequence[Review], split: str) -> Iterator[str]:
    """Every text of a split, labelled or not, for what learns from running text: embeddings and language model.

    Texts that are made of others (DERIVED) would say the same again and are left out.
    """
    return (cut_text(review.text) for review in reviews if review.split == split and review.corpus not in DERIVED)
