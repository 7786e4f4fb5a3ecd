"""Noise that a network must stand while it learns: in its words, its recurrent weights, its embeddings."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from models.batching import Batch
from models.classifier import SentimentClassifier
from models.text import UNKNOWN

_NEAR = 0.1  # of the standard deviation of an embedding: how far off the most harmful direction is looked for


def drop_words(batch: Batch, share: float) -> Batch:
    """Word dropout (Iyyer et al. 2015): each token is read as unknown with probability `share`."""
    if share == 0:
        return batch
    gone = torch.rand(batch.ids.shape) < share
    return Batch(batch.ids.masked_fill(gone & _inside(batch), UNKNOWN), batch.lengths)


@contextmanager
def weight_drop(weights: Sequence[nn.Parameter], share: float) -> Iterator[None]:
    """Weight drop (Merity et al. 2018): within, each entry of `weights` is zero with probability `share`.

    Forward and backward pass both belong inside; afterwards the weights are whole, and their gradient is that of the
    entries that took part.
    """
    masks = [torch.bernoulli(torch.full_like(weight, 1 - share)) / (1 - share) for weight in weights]
    whole = [weight.detach().clone() for weight in weights]
    with torch.no_grad():
        for weight, mask in zip(weights, masks, strict=True):
            weight.mul_(mask)
    try:
        yield
    finally:
        with torch.no_grad():
            for weight, mask, before in zip(weights, masks, whole, strict=True):
                weight.copy_(before)
                if weight.grad is not None:
                    weight.grad.mul_(mask)


def virtual_adversarial_loss(classifier: SentimentClassifier, batch: Batch, size: float) -> Tensor:
    """How far the answer moves when the embeddings do, in the direction that moves it most; mean KL in nats.

    Virtual adversarial training (Miyato, Dai & Goodfellow 2017, "Adversarial training methods for semi-supervised text
    classification"): the direction is the gradient at a small random step. `size` is the length of the whole text's
    move, in standard deviations of the embedding matrix; the paper normalises embeddings by word frequency instead.
    Needs no label. In single precision always: half has no room for a step so small.
    """
    with torch.autocast(batch.ids.device.type, enabled=False):
        scale = float(classifier.embedding.weight.detach().std())
        x = classifier.embedding(batch.ids)  # (B,T,E)
        with torch.no_grad():
            true = torch.log_softmax(_logits(classifier, x, batch.lengths), dim=1)
        mask = _inside(batch).unsqueeze(2)
        direction = _unit(torch.randn_like(x) * mask).requires_grad_()
        moved = torch.log_softmax(_logits(classifier, x.detach() + _NEAR * scale * direction, batch.lengths), dim=1)
        divergence = nn.functional.kl_div(moved, true, reduction="batchmean", log_target=True)
        (gradient,) = torch.autograd.grad(divergence, direction)
        worst = size * scale * _unit(gradient * mask)
        moved = torch.log_softmax(_logits(classifier, x + worst, batch.lengths), dim=1)
        return nn.functional.kl_div(moved, true, reduction="batchmean", log_target=True)


def _logits(classifier: SentimentClassifier, x: Tensor, lengths: Tensor) -> Tensor:
    """Without dropout, so that nothing but the move is told apart."""
    return classifier.head(classifier.pooling(classifier.encoder(x, lengths), lengths))


def _unit(x: Tensor) -> Tensor:
    """x (B,T,E) of length one over each text."""
    return x / (x.flatten(1).norm(dim=1).clamp_min(1e-12).view(-1, 1, 1))


def _inside(batch: Batch) -> Tensor:
    """(B,T), true where a token is no padding."""
    return torch.arange(batch.ids.size(1), device=batch.ids.device) < batch.lengths.unsqueeze(1)
