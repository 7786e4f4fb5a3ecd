"""Reviews -> token ids and labels, and the order in which an epoch sees them."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.batching import Batch, collate, cut_text, truncate
from models.text import UNKNOWN, Tokenizer
from training.review import Review


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled reviews as the network reads them; the lists run side by side."""

    ids: list[list[int]]
    labels: list[int]
    corpora: list[str]
    sources: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, indices: Sequence[int]) -> tuple[Batch, Tensor]:
        """The padded batch and labels (B,) of these examples."""
        return collate([self.ids[i] for i in indices]), torch.tensor([self.labels[i] for i in indices])


def encode(reviews: Sequence[Review], tokenizer: Tokenizer, max_tokens: int) -> Examples:
    """Tokenizes and cuts labelled reviews with the code that serves. Unlabelled reviews are left out."""
    labelled = [review for review in reviews if review.label is not None]
    ids: list[list[int]] = []
    for start in range(0, len(labelled), 4096):  # the library's own objects are large: a window at a time
        texts = [cut_text(review.text) for review in labelled[start : start + 4096]]
        ids += [truncate(one, max_tokens) for one in tokenizer.ids(texts)]
    return Examples(
        ids,
        [review.label for review in labelled if review.label is not None],
        [review.corpus for review in labelled],
        [review.source for review in labelled],
    )


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
        chosen += members * whole + rng.sample(members, round((share - whole) * len(members)))
    rng.shuffle(chosen)
    batches: list[list[int]] = []
    pool = 64 * batch_texts  # sorted within a pool, so that batches differ between epochs
    for start in range(0, len(chosen), pool):
        part = sorted(chosen[start : start + pool], key=lambda index: len(examples.ids[index]))
        batches += [part[i : i + batch_texts] for i in range(0, len(part), batch_texts)]
    rng.shuffle(batches)
    return batches


def drop_words(batch: Batch, share: float) -> Batch:
    """Word dropout (Iyyer et al. 2015): each token is read as unknown with probability `share`."""
    if share == 0:
        return batch
    gone = torch.rand(batch.ids.shape) < share
    inside = torch.arange(batch.ids.size(1)) < batch.lengths.unsqueeze(1)
    return Batch(batch.ids.masked_fill(gone & inside, UNKNOWN), batch.lengths)


def texts_for_vocabulary(reviews: Sequence[Review]) -> Iterator[str]:
    """Every training text, labelled or not; nothing of a dev or calibration split."""
    return (cut_text(review.text) for review in reviews if review.split == "train")
