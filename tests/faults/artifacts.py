"""Other artifacts for tests, made from a whole one in a second: one with another opinion, one with traps."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.artifact import save
from models.classifier import Architecture, SentimentClassifier
from models.predictor import Predictor

STUCK, RAISES = "zebra", "xylophone"
"""Words at which a network with traps never ends, and at which it raises an error."""


class Trapped(nn.Embedding):
    """An embedding that spins at one id and raises at another."""

    stuck: int
    raises: int

    def forward(self, ids: Tensor) -> Tensor:
        rounds = 0
        while bool((ids == self.stuck).any()):
            rounds += 1
        if bool((ids == self.raises).any()):
            raise RuntimeError("the network met its trap")
        return functional.embedding(ids, self.weight)


def write_other(source, path):
    """Write to `path` the artifact at `source` with another opinion, hence another version."""
    predictor, classifier = _opened(source)
    with torch.no_grad():
        classifier.head.bias += torch.tensor([0.5, 0.0, -0.5])
    save(path, classifier, predictor.tokenizer, _kept(predictor))


def write_trapped(source, path):
    """Write to `path` the artifact at `source` with traps at the words STUCK and RAISES."""
    predictor, classifier = _opened(source)
    trapped = Trapped(*classifier.embedding.weight.shape)
    trapped.load_state_dict(classifier.embedding.state_dict())
    trapped.stuck, trapped.raises = (ids[-1] for ids in predictor.tokenizer.ids([STUCK, RAISES]))
    classifier.embedding = trapped
    save(path, classifier, predictor.tokenizer, _kept(predictor))


def _opened(source):
    predictor = Predictor.load(source, device="cpu")
    classifier = SentimentClassifier(Architecture(**predictor.manifest["encoder"]))
    classifier.load_state_dict(predictor.weights())
    return predictor, classifier


def _kept(predictor):
    return {name: value for name, value in predictor.manifest.items() if name not in ("version", "format")}
