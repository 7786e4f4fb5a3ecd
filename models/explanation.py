"""What an explanation holds. Offsets are code points of the text; numbers are logits where nothing else is said."""

from dataclasses import asdict, dataclass
from typing import Any

from models.predictor import Prediction

Span = tuple[int, int]
"""From a code point up to another, the end not included."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a word brought into the verdict, and how much of it each direction carried."""

    total: float
    forward: float
    backward: float | None


@dataclass(frozen=True, slots=True)
class ExplainedWord:
    """A word that the network read. `alone`: what it says by itself inside its text, for the words in focus."""

    text: str
    start: int
    end: int
    contribution: Contribution | None
    alone: float | None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """What the head would read off, word by word: `forward` after each word, `backward` from each word to the end.

    None where a word was left out. A network of one direction has no `backward`.
    """

    forward: list[float | None]
    backward: list[float | None] | None


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a run of words says by itself, inside its text."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Interaction:
    """What two runs of words say together beyond what they say each by itself: score(a ∪ b) − score(a) − score(b)."""

    a: Span
    b: Span
    value: float


@dataclass(frozen=True, slots=True)
class Without:
    """The verdict without one word; `removed` is its place in the explanation's words."""

    removed: int
    label: str
    probabilities: dict[str, float]
    logit: float
    trajectory: Trajectory


@dataclass(frozen=True, slots=True)
class Unit:
    """A hidden unit of the last layer: its number in its direction, what the head makes of it in each pooling, what it
    brought into the verdict, and its value, −1 to 1, at each word."""

    id: int
    direction: str
    weight: dict[str, float]
    contribution: float
    h: list[float]


@dataclass(frozen=True, slots=True)
class Gate:
    """How far a gate was open at each word, 0 to 1: the mean and the quartiles over its units."""

    mean: list[float]
    lower: list[float]
    upper: list[float]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the network says what it says of one text.

    What is explained is `logit`: logit(target) − logit(its opposite), or for the target neutral − the mean of the other
    two, before the `temperature` by which the probabilities are computed from it. Σ contributions + `bias` is `logit`
    but for `completeness_error`. `phrases` are a tree, leaves first, each later one made of two neighbours; `spans` are
    those that were asked for. `notes` say in a sentence each what is left out and why.
    """

    prediction: Prediction
    target: str
    method: str
    logit: float
    bias: float
    completeness_error: float | None
    temperature: float
    words: list[ExplainedWord]
    trajectory: Trajectory
    interactions: list[Interaction]
    phrases: list[Phrase]
    spans: list[Phrase]
    without: list[Without]
    units: list[Unit]
    gates: dict[str, dict[str, Gate]]
    notes: list[str]

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: words under the name `tokens`, and the unit in which offsets count."""
        fields = asdict(self)
        prediction = fields.pop("prediction") and self.prediction.to_dict()
        words = fields.pop("words")
        return {"prediction": prediction, "offset_unit": "codepoint", "tokens": words} | fields
