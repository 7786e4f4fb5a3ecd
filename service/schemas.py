"""What may be sent and what is answered: one definition for validation, for OpenAPI and for the tests."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from models.text import check_text
from service.faults import MAX_FAULTS, faults_of, json_type
from service.problems import Problem

STRICT = ConfigDict(strict=True, extra="forbid")


def whole(value: Any) -> Any:
    """Return 8 for 8.0, which is a whole number in JSON Schema and what some clients write; others as they are.

    As a BeforeValidator it stands behind the limits of a type: before them, the schema would not say them.
    """
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


# What str.isspace counts, spelled out: engines of regular expressions differ in what \s is.
_BLANK = r"\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def text_of(max_characters: int) -> Any:
    """Return the type of a review: a string with something in it, of at most `max_characters` code points."""
    not_blank: Any = {"minLength": 1, "pattern": rf"^[^\u0000]*[^{_BLANK}\u0000][^\u0000]*$"}
    return Annotated[str, Field(max_length=max_characters, json_schema_extra=not_blank), BeforeValidator(_checked)]


class PredictRequests:
    """The two forms of a request for predictions, within the limits of the settings.

    Parameters:
        max_texts: longest list, texts, at least 1.
        max_characters: longest text, Unicode code points, at least 1.
    """

    def __init__(self, max_texts: int, max_characters: int) -> None:
        text: Any = text_of(max_characters)
        texts = Annotated[list[text], Field(min_length=1, max_length=max_texts)]
        self.one: type[BaseModel] = create_model(
            "OneText",
            __config__=STRICT | {"json_schema_extra": {"examples": [{"text": "The flower is so beautiful"}]}},
            __doc__="One review.",
            text=(text, Field(description="A review in English or Chinese, not blank, without U+0000.")),
        )
        self.many: type[BaseModel] = create_model(
            "ManyTexts",
            __config__=STRICT | {"json_schema_extra": {"examples": [{"texts": ["我喜欢数学", "我不喜欢数学"]}]}},
            __doc__="Several reviews; the predictions come in their order.",
            texts=(texts, Field(description="Reviews, each as `text` is.")),
        )

    def read(self, body: Any) -> tuple[list[str], bool]:
        """Check a request.

        Parameters:
            body: the parsed JSON.

        Returns:
            The texts, and whether one prediction is wanted rather than a list.

        Raises:
            Problem: 422, with every fault that was found, up to MAX_FAULTS.
        """
        if not isinstance(body, dict):
            raise Problem(422, f'The body is {json_type(body)}. Send an object: {{"text": "…"}} or {{"texts": ["…"]}}.')
        if ("text" in body) == ("texts" in body):
            which = "both text and texts" if "text" in body else "neither text nor texts"
            raise Problem(422, f"The body has {which}. Send text for one review, or texts for a list of them.")
        alone = "text" in body
        field = "text" if alone else "texts"
        # Looked for here: pydantic would build a fault for each of them, of which there may be very many.
        unknown = [name for name in body if name != field]
        known = ("text", "texts")
        try:
            read: Any = (self.one if alone else self.many).model_validate({field: body[field]})
        except ValidationError as error:
            raise faults_of(error, unknown, known) from None
        if unknown:
            raise faults_of(None, unknown, known)
        return ([read.text] if alone else read.texts), alone


class Probabilities(BaseModel):
    """One number for each label; they sum to 1 and are not rounded."""

    negative: float = Field(ge=0, le=1)
    neutral: float = Field(ge=0, le=1)
    positive: float = Field(ge=0, le=1)


class ModelInfo(BaseModel):
    """Which model answered."""

    name: str = Field(examples=["default"])
    version: str = Field(description="First 8 hexadecimal digits of the model's content hash.", examples=["3f2a9c1b"])


class Verdict(BaseModel):
    """What the model says of one review."""

    label: str = Field(json_schema_extra={"enum": ["negative", "neutral", "positive"]})
    score: float = Field(ge=0, le=1, description="The label's probability.")
    probabilities: Probabilities
    language: str = Field(json_schema_extra={"enum": ["en", "zh", "other"]})
    tokens: int = Field(ge=0, description="Tokens that the network read.")
    truncated: bool = Field(description="The review was longer than the model reads, and was cut in the middle.")
    warning: str = Field(default_factory=str, description="Only where the answer deserves doubt: what to know.")


class Prediction(Verdict):
    """What the model says of one review, and which model."""

    model: ModelInfo


class Predictions(BaseModel):
    """Predictions in the order of the texts."""

    predictions: list[Prediction]


class Alive(BaseModel):
    """The process answers."""

    status: str = Field(examples=["alive"])


class Ready(BaseModel):
    """The model is loaded and warm."""

    status: str = Field(examples=["ready"])
    model: ModelInfo


class Manifest(BaseModel):
    """What the artifact says of itself. It holds more than is listed here."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: str
    labels: list[str]
    languages: list[str]
    max_tokens: int = Field(ge=1, description="Longest text that the network reads whole.")


class Fault(BaseModel):
    """One thing to change in the request."""

    pointer: str = Field(description="Where: a JSON Pointer (RFC 6901) into the body.", examples=["/texts/3"])
    index: int = Field(default_factory=int, ge=0, description="Place in the list, where the fault is in one.")
    detail: str = Field(description="What is wrong and what to change.")


class ProblemDocument(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str
    title: str = Field(description="The status in words.")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What happened, what was expected and what to do.")
    instance: str = Field(description="The path of the request.")
    request_id: str = Field(description="Stands in the log as well; give it when you report an error.")
    errors: list[Fault] = Field(default_factory=list, description=f"Faults, the first {MAX_FAULTS} of them.")


def _checked(value: Any) -> Any:
    if isinstance(value, str):
        check_text(value)
    return value
