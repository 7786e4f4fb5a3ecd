"""Small networks in double precision, and a text, for what looks inside them."""

import torch
from torch import Tensor

from models.classifier import Architecture, SentimentClassifier
from models.replay import Replay, layer_weights, replay

IDS = [3, 4, 5, 6, 7, 8, 9, 10, 3]


def network(kind: str = "lstm", pooling: str = "max+mean", directions: int = 2, layers: int = 1) -> SentimentClassifier:
    """Of 7 units, with weights far from where everything is linear."""
    torch.manual_seed(5)
    one = SentimentClassifier(
        Architecture(12, 6, encoder=kind, hidden_size=7, layers=layers, directions=directions, pooling=pooling)
    ).double()
    with torch.no_grad():
        one.embedding.weight.mul_(20)
    return one.eval()


def run_of(one: SentimentClassifier, kind: str = "lstm", ids: list[int] = IDS) -> Replay:
    """The run over a text, laid open."""
    layers = len(one.encoder.layers)
    directions = 1 if one.encoder.layers[0].right_to_left is None else 2
    architecture = Architecture(12, 6, encoder=kind, hidden_size=7, layers=layers, directions=directions)
    with torch.no_grad():
        return replay(one, kind, layer_weights(one.state_dict(), architecture), ids)


def head_of(one: SentimentClassifier) -> tuple[Tensor, float]:
    """Weight (P·D·H,) and bias of logit(positive) − logit(negative)."""
    weight, bias = one.head.weight.detach(), one.head.bias.detach()
    return weight[2] - weight[0], float(bias[2] - bias[0])
