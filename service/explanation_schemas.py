"""The answer of POST /explain, for the OpenAPI document: what models.explanation holds, as JSON has it."""

from pydantic import BaseModel, Field

from service.schemas import ModelInfo, Probabilities, Verdict

_Span = list[int]


class Contribution(BaseModel):
    """What a word brought into the verdict, logits, and how much of it each direction carried."""

    total: float
    forward: float
    backward: float | None = Field(description="null in a network of one direction.")


class ExplainedWord(BaseModel):
    """A word that the network read: an English word or a Chinese character; a word in pieces is one."""

    text: str
    start: int = Field(ge=0, description="Code point where it starts in the text as it was sent.")
    end: int = Field(ge=0, description="Code point past its end.")
    contribution: Contribution | None = Field(description="null where the network can't be split so; see notes.")
    alone: float | None = Field(description="What it says by itself inside its text, for words in focus.")


class Trajectory(BaseModel):
    """What the head would read off after each word: a readout, not a prediction. null where a word was left out."""

    forward: list[float | None] = Field(description="After each word, from the first on.")
    backward: list[float | None] | None = Field(description="From each word to the end, read from the last on.")


class Interaction(BaseModel):
    """What two runs of words say together beyond what they say each by itself, logits."""

    a: _Span = Field(description="[start, end) in code points.")
    b: _Span
    value: float


class Phrase(BaseModel):
    """What a run of words says by itself, inside its text, logits."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    score: float


class Without(BaseModel):
    """The verdict without one word."""

    removed: int = Field(ge=0, description="The word's place in tokens.")
    label: str
    probabilities: Probabilities
    logit: float
    trajectory: Trajectory


class Unit(BaseModel):
    """A hidden unit: its number in its direction, its weight in the head, what it brought, its value at each word."""

    id: int = Field(ge=0)
    direction: str = Field(json_schema_extra={"enum": ["forward", "backward"]})
    weight: dict[str, float] = Field(description="By pooling.")
    contribution: float
    h: list[float] = Field(description="−1 to 1, at each word.")


class Gate(BaseModel):
    """How far a gate was open at each word, 0 to 1, over its units."""

    mean: list[float]
    lower: list[float] = Field(description="First quartile.")
    upper: list[float] = Field(description="Third quartile.")


class Explanation(BaseModel):
    """Why the network says what it says. Σ contributions + bias is logit but for completeness_error."""

    prediction: Verdict
    offset_unit: str = Field(json_schema_extra={"enum": ["codepoint"]})
    target: str = Field(json_schema_extra={"enum": ["negative", "neutral", "positive"]})
    method: str = Field(json_schema_extra={"enum": ["signals", "writes"]})
    logit: float = Field(description="What is explained, before the temperature.")
    bias: float = Field(description="What the head says before any word.")
    completeness_error: float | None = Field(ge=0)
    temperature: float = Field(gt=0, description="What logits are divided by to become probabilities.")
    tokens: list[ExplainedWord]
    trajectory: Trajectory
    interactions: list[Interaction]
    phrases: list[Phrase] = Field(description="A tree: leaves first, then each joint of two neighbours.")
    spans: list[Phrase] = Field(description="Those that were asked for.")
    without: list[Without] = Field(description="For each word in focus.")
    units: list[Unit]
    gates: dict[str, dict[str, Gate]] = Field(description="By direction, then by name: i, f, o, or r, z.")
    notes: list[str] = Field(description="What is left out or cut short, and why.")
    model: ModelInfo
