"""What bench/explain.py compares: each method's scores of tokens and spans, all of z, the difference of the logits of
positive and negative."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from models.classifier import Architecture, SentimentClassifier
from models.contributions import contributions, kept, readout
from models.decomposition import decompose
from models.labels import NEGATIVE, POSITIVE
from models.predictor import Predictor
from models.replay import Replay, by_direction, layer_weights, replay
from models.text import PAD
from models.words import Word, read_words

SIGNALS, WRITES = "signals (served)", "writes"
DECOMPOSITION = "contextual decomposition"
LEFT_OUT = "leave-one-out"
GRADIENTS = "integrated gradients"
RANDOM = "random order"

GRADIENT_STEPS = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """One text run through the network: its `ids` (T), the `run`, and what each hidden state counts (T,D·H)."""

    ids: list[int]
    run: Replay
    counts: Tensor


class Methods:
    """Every method on one served network of a single LSTM layer. Raises ValueError for another network.

    Gradients are those of its eager twin, since autograd layers need modules of Python; all else is the served network.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.architecture = Architecture(**predictor.manifest["encoder"])
        if self.architecture.encoder != "lstm" or self.architecture.layers != 1:
            raise ValueError(
                f"the network has {self.architecture.layers} {self.architecture.encoder} layers; "
                "contextual decomposition, which is compared here, expects one LSTM layer"
            )
        weights = predictor.weights()
        self._layers = layer_weights(weights, self.architecture)
        self.weight = weights["head.weight"][POSITIVE] - weights["head.weight"][NEGATIVE]
        self.bias = float(weights["head.bias"][POSITIVE] - weights["head.bias"][NEGATIVE])
        self._twin = SentimentClassifier(self.architecture).eval().requires_grad_(False)
        self._twin.load_state_dict(weights)
        self._gradients = IntegratedGradients(self._z_of_embeddings)

    def words(self, text: str) -> tuple[list[int], list[Word]]:
        """The ids that the network reads of a text, and their words."""
        ids, words, _ = read_words(text, self.predictor.tokenizer, self.predictor.max_tokens)
        return ids, words

    def z(self, sequences: Sequence[list[int]]) -> Tensor:
        """z of each sequence of ids, through the served network -> (N,)."""
        logits = self.predictor.logits(sequences)
        return logits[:, POSITIVE] - logits[:, NEGATIVE]

    def open(self, ids: list[int]) -> Opened:
        """Runs one text and lays it open."""
        with torch.inference_mode():
            run = replay(self.predictor.network, "lstm", self._layers, ids)
            counts = readout(run.hidden, self.weight, self.architecture.pooling, self.architecture.directions)
        return Opened(ids, run, counts)

    def shares(self, opened: Opened, method: str) -> Tensor:
        """Contributions of the tokens by `signals` or `writes`, both directions together -> (T,)."""
        with torch.inference_mode():
            return contributions("lstm", opened.run.layers, opened.counts, method).sum(0)

    def decomposed(self, opened: Opened, spans: Tensor) -> Tensor:
        """What each of the spans (S,T) says by itself, inside its text -> (S,)."""
        layer = opened.run.layers[0]
        with torch.inference_mode():
            by_step = by_direction(opened.counts, self.architecture.directions)
            return decompose(layer, by_step, kept("lstm", layer, opened.counts), spans)

    def left_out(self, ids: list[int], spans: Tensor) -> Tensor:
        """z of the text less z without each of the spans (S,T), none of which is the whole text -> (S,)."""
        rest = [[token for token, gone in zip(ids, row, strict=True) if not gone] for row in spans.tolist()]
        whole, *others = self.z([ids, *rest]).split(1)
        return whole - torch.cat(others)

    def integrated_gradients(self, ids: list[int]) -> Tensor:
        """Gradients along the way from padding to the text's embeddings, summed over each embedding -> (T,)."""
        embedding = self._twin.embedding(torch.tensor([ids]))
        baseline = self._twin.embedding(torch.full((1, len(ids)), PAD))
        lengths = torch.tensor([len(ids)])
        found = self._gradients.attribute(
            embedding, baselines=baseline, additional_forward_args=lengths, n_steps=GRADIENT_STEPS
        )
        return found.sum(2)[0].detach()

    def by_token(self, opened: Opened) -> dict[str, Tensor]:
        """Scores (T,) of the single tokens of a text of two or more by every method but chance."""
        singles = torch.eye(len(opened.ids), dtype=torch.bool)
        return {
            SIGNALS: self.shares(opened, "signals"),
            WRITES: self.shares(opened, "writes"),
            DECOMPOSITION: self.decomposed(opened, singles),
            LEFT_OUT: self.left_out(opened.ids, singles),
            GRADIENTS: self.integrated_gradients(opened.ids),
        }

    def _z_of_embeddings(self, x: Tensor, lengths: Tensor) -> Tensor:
        """x (B,T,E), lengths (B,) -> z (B,), with gradients."""
        logits = self._twin.head(self._twin.pooling(self._twin.encoder(x, lengths), lengths))
        return logits[:, POSITIVE] - logits[:, NEGATIVE]
