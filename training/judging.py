"""How good a network is while it trains: its logits on dev, and one figure over all corpora."""

import math

import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn

from models.batching import group_by_length
from models.labels import LABELS, NEUTRAL
from training.examples import Examples


def predict_logits(classifier: nn.Module, examples: Examples, device: torch.device) -> Tensor:
    """Logits (N,C) of examples in their order, on the CPU, in eval mode."""
    logits = torch.empty(len(examples), len(LABELS))
    training = classifier.training
    classifier.eval()
    with torch.inference_mode():
        for group in group_by_length([len(ids) for ids in examples.ids], 128, 65_536):
            batch = examples.batch(group)[0].to(device)
            logits[group] = classifier(batch.ids, batch.lengths).float().cpu()
    classifier.train(training)
    return logits


def macro_f1(examples: Examples, logits: Tensor) -> float:
    """Macro-F1 of each corpus, averaged over corpora, so that the largest does not decide alone.

    Where a corpus has no neutral reviews, the answer is the likelier of negative and positive.
    """
    figures: list[float] = []
    labels = torch.tensor(examples.labels)
    for corpus in sorted(set(examples.corpora)):
        rows = torch.tensor([one == corpus for one in examples.corpora])
        scores = logits[rows].clone()
        if not bool((labels[rows] == NEUTRAL).any()):
            scores[:, NEUTRAL] = -math.inf
        figures.append(float(f1_score(labels[rows], scores.argmax(1), average="macro")))
    return sum(figures) / len(figures)
