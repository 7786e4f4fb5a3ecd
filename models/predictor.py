"""The one path from text to prediction, for the API, the batch script, evaluation and tests.

from models.predictor import Predictor
Predictor.load("artifacts/default/sentiment.pt").predict(["i do not think the flower is beautiful"])
"""

import math
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.artifact import Artifact, load
from models.batching import MAX_CHARACTERS, WIDTH_STEP, collate, cut_text, group_by_length, truncate
from models.labels import LABELS
from models.text import TextError, Tokenizer, check_text, detect_language

if TYPE_CHECKING:
    from models.explainer import Explainer
    from models.explanation import Explanation

_MAX_BATCH_TOKENS = 65_536  # bounds memory: some 130 MB of hidden states at H=128, two directions

# On a processor a step of B texts takes about 24 + 9.8 B µs, so that another batch costs as much as 2.4 more texts in
# one would: texts of mixed lengths take up to 2.6 times less time so. A GPU runs wide batches.
_MAX_PADDING = {"cpu": 2.0}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of one text.

    `label` is the likeliest of LABELS and `score` its probability; `probabilities` sum to 1, in the order of LABELS;
    `language` is en, zh or other; `tokens` is how many the network read; `truncated` tells that the text was longer
    and was cut in the middle; `warning` is there where the answer deserves doubt.
    """

    label: str
    score: float
    probabilities: dict[str, float]
    language: str
    tokens: int
    truncated: bool
    warning: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; `warning` only where there is one."""
        fields: dict[str, Any] = {
            "label": self.label,
            "score": self.score,
            "probabilities": dict(self.probabilities),
            "language": self.language,
            "tokens": self.tokens,
            "truncated": self.truncated,
        }
        return fields if self.warning is None else fields | {"warning": self.warning}


@dataclass(frozen=True, slots=True)
class Reading:
    """A text on its way to the network: the `ids` that the network reads, and how many tokens the `whole` text has."""

    text: str
    ids: list[int]
    whole: int
    language: str


class Predictor:
    """A loaded artifact that reads texts. Safe to share between threads: nothing changes after loading."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self.manifest: dict[str, Any] = artifact.manifest
        self.name: str = artifact.manifest["name"]
        self.version: str = artifact.manifest["version"]
        self.device: torch.device = artifact.device
        self.max_tokens: int = artifact.manifest["max_tokens"]
        self._max_padding = _MAX_PADDING.get(artifact.device.type, math.inf)

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's own tokenizer."""
        return self._artifact.tokenizer

    def weights(self) -> dict[str, Tensor]:
        """The network's weights by name, as `SentimentClassifier.load_state_dict` takes them."""
        return dict(self._artifact.module.state_dict())

    @classmethod
    def load(cls, path: str | Path, device: str = "auto", sha256: str | None = None) -> "Predictor":
        """Loads the artifact at `path`; parameters and ArtifactError as models.artifact.load has them."""
        return cls(load(path, device, sha256))

    def predict(self, texts: Sequence[str], batch_size: int = 64) -> list[Prediction]:
        """Reads texts, at most `batch_size` at a time, and answers in their order.

        One text's answer does not depend on its company. Raises TextError, with the text's place as `index`, where
        one is no text; nothing is answered then.
        """
        return self.classify(self.read(texts), batch_size)

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The first half of `predict`: texts to what the network reads of them. Raises TextError as `predict` does."""
        for index, text in enumerate(texts):
            try:
                check_text(text)
            except TextError as error:
                error.index = index
                raise
        whole = self._artifact.tokenizer.ids([cut_text(text) for text in texts])
        return [
            Reading(text, truncate(ids, self.max_tokens), len(ids), detect_language(text))
            for text, ids in zip(texts, whole, strict=True)
        ]

    def classify(self, readings: Sequence[Reading], batch_size: int = 64) -> list[Prediction]:
        """The second half of `predict`: what was read to predictions, in its order."""
        logits = self.logits([one.ids for one in readings], batch_size)
        probabilities = self.probabilities(logits, [one.language for one in readings])
        return [self._prediction(one, shares) for one, shares in zip(readings, probabilities, strict=True)]

    def explain(
        self,
        text: str,
        target: str = "positive",
        method: str = "signals",
        spans: Sequence[tuple[int, int]] = (),
        units: int = 12,
    ) -> "Explanation":
        """Why the model says what it says of one text; parameters and errors as models.explainer.Explainer has them."""
        return self._explainer.explain(text, target, method, spans, units)

    @cached_property
    def _explainer(self) -> "Explainer":
        from models.explainer import Explainer  # it builds on this file

        # A predictor that is replaced must go at once: in a ring with its explainer it would wait to be collected.
        return Explainer(weakref.proxy(self))

    @property
    def network(self) -> torch.jit.ScriptModule:
        """The served network, for what looks inside it."""
        return self._artifact.module

    def answer(self, text: str, logits: Tensor, ids: list[int], whole: int) -> Prediction:
        """The prediction for one text whose logits (C,) are known; `ids` were read of its `whole` tokens."""
        reading = Reading(text, ids, whole, detect_language(text))
        (shares,) = self.probabilities(logits.unsqueeze(0), [reading.language])
        return self._prediction(reading, shares)

    def logits(self, sequences: Sequence[list[int]], batch_size: int = 64) -> Tensor:
        """Sequences of 1 to `max_tokens` ids -> logits (N,C) on the CPU, in their order."""
        logits = torch.empty(len(sequences), len(LABELS))
        lengths = [len(ids) for ids in sequences]
        with torch.inference_mode():
            for group in group_by_length(lengths, batch_size, _MAX_BATCH_TOKENS, self._max_padding):
                batch = collate([sequences[index] for index in group], WIDTH_STEP).to(self.device)
                logits[group] = self._artifact.module(batch.ids, batch.lengths).cpu()
        return logits

    def temperature(self, language: str) -> float:
        """What logits are divided by before they become probabilities (Guo et al. 2017); 1 for an unknown language."""
        return float(self.manifest["temperatures"].get(language, 1.0))

    def probabilities(self, logits: Tensor, languages: Sequence[str]) -> list[dict[str, float]]:
        """Softmax of logits (N,C) over each language's temperature, by label, in double precision."""
        temperatures = torch.tensor([self.temperature(language) for language in languages], dtype=torch.float64)
        shares = torch.softmax(logits.double() / temperatures.unsqueeze(1), dim=1)
        return [dict(zip(LABELS, row, strict=True)) for row in shares.tolist()]

    def _prediction(self, reading: Reading, probabilities: dict[str, float]) -> Prediction:
        label = max(probabilities, key=probabilities.__getitem__)
        return Prediction(
            label=label,
            score=probabilities[label],
            probabilities=probabilities,
            language=reading.language,
            tokens=len(reading.ids),
            truncated=len(reading.ids) < reading.whole or len(reading.text) > MAX_CHARACTERS,
            warning=self._warning(reading.language),
        )

    def _warning(self, language: str) -> str | None:
        if language in self.manifest["languages"]:
            return None
        learned = " and ".join(self.manifest["languages"])
        return (
            f"the text looks like none of the languages that the model learned ({learned}); do not rely on this answer"
        )
