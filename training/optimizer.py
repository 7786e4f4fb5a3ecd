"""AdamW with a rate of its own for each part of the network, and when each part begins to learn."""

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from models.classifier import SentimentClassifier
from training.recipe import TrainingSection
from training.schedule import warm_cosine


def optimizer_of(
    classifier: SentimentClassifier, settings: TrainingSection, steps: int
) -> tuple[torch.optim.AdamW, LambdaLR]:
    """The optimizer of one stage of `steps` steps and its schedule.

    From the head down to the encoder and from there to the embedding the rate falls by `layer_rate` ("discriminative
    fine-tuning"), and each part begins to learn a share `unfreeze` of the steps after the one above it ("gradual
    unfreezing", Howard & Ruder 2018): until then its rate is zero. Biases are not decayed.
    """
    groups = []
    shares = []
    for depth, part in enumerate((classifier.head, classifier.encoder, classifier.embedding)):
        for decayed in (True, False):
            weights = [weight for weight in part.parameters() if (weight.dim() > 1) == decayed]
            if weights:
                groups.append({"params": weights, "weight_decay": settings.weight_decay if decayed else 0.0})
                shares.append((settings.layer_rate**depth, depth * settings.unfreeze * steps))
    optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)

    def rate(share: float, begin: float, step: int) -> float:
        return share * warm_cosine(step, steps, settings.warmup) if step >= begin else 0.0

    return optimizer, LambdaLR(optimizer, [lambda step, one=one: rate(*one, step) for one in shares])


def forget_frozen(optimizer: torch.optim.Optimizer) -> None:
    """Drops the gradients of what isn't unfrozen yet: no part of the norm, nor of what the optimizer remembers."""
    for group in optimizer.param_groups:
        if group["lr"] == 0.0:
            for weight in group["params"]:
                weight.grad = None


def recurrent_weights(classifier: nn.Module) -> list[nn.Parameter]:
    """The matrices from hidden state to hidden state: what weight drop thins out."""
    return [weight for name, weight in classifier.named_parameters() if name.endswith("weight_hh")]
