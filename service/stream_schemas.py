"""What a line of POST /predict/stream may hold, and what is answered to it."""

from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, WithJsonSchema, create_model
from werkzeug.exceptions import RequestEntityTooLarge

from service.faults import faults_of, json_type
from service.json_body import parse
from service.lines import Line
from service.problems import Problem
from service.schemas import STRICT, Prediction, ProblemDocument, text_of

MAX_ID = 128
"""Characters of the longest id."""

_FIELDS = ("text", "id")
_Id = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string", "maxLength": MAX_ID}, {"type": "integer"}]})]


class Review(NamedTuple):
    """A line that was read: `head` opens its answer; `text` is there, or else `fault` is."""

    head: dict[str, Any]
    text: str = ""
    fault: Problem | RequestEntityTooLarge | None = None


class StreamLines:
    """The form of a line, within the limits of the settings.

    Parameters:
        max_bytes: longest line, bytes.
        max_characters: longest text, Unicode code points, at least 1.
    """

    def __init__(self, max_bytes: int, max_characters: int) -> None:
        self.max_bytes = max_bytes
        text: Any = text_of(max_characters)
        self.model: type[BaseModel] = create_model(
            "StreamLine",
            __config__=STRICT | {"json_schema_extra": {"examples": [{"text": "The flower is so beautiful", "id": 17}]}},
            __doc__="One line of what is sent: one review.",
            text=(text, Field(description="A review in English or Chinese, not blank, without U+0000.")),
            id=(
                Annotated[_Id, BeforeValidator(_checked)],
                Field(default_factory=int, description="Comes back with the answer."),
            ),
        )

    def read(self, line: Line) -> Review:
        """Check a line; what is wrong with it is in the review's `fault`, as POST /predict would say it."""
        head: dict[str, Any] = {"line": line.number}
        if line.data is None:
            what = f"The line is longer than {self.max_bytes:,} bytes. Send a shorter text."
            return Review(head, fault=RequestEntityTooLarge(what))
        try:
            value = parse(line.data, "line")
            if not isinstance(value, dict):
                raise Problem(422, f'The line is {json_type(value)}. Send an object: {{"text": "…"}}.')
            if "id" in value and _fault_of(value["id"]) is None:
                head["id"] = value["id"]
            unknown = [name for name in value if name not in _FIELDS]
            try:
                read: Any = self.model.model_validate({name: value[name] for name in _FIELDS if name in value})
            except ValidationError as error:
                raise faults_of(error, unknown, _FIELDS) from None
            if unknown:
                raise faults_of(None, unknown, _FIELDS)
        except Problem as fault:
            return Review(head, fault=fault)
        return Review(head, read.text)


class _Numbered(BaseModel):
    line: int = Field(ge=1, description="Number of the line that this answers; empty lines count and get no answer.")
    id: _Id = Field(default_factory=int, description="The line's, where it had one.")


class StreamPrediction(_Numbered, Prediction):
    """The answer to one line."""


class StreamFault(_Numbered):
    """The answer to a line at fault; the others are answered all the same."""

    error: ProblemDocument


class StreamCounts(BaseModel):
    """How far the stream came."""

    lines: int = Field(ge=0, description="Lines that were taken, empty ones included; all of them are answered.")
    predicted: int = Field(ge=0, description="Answers that are predictions.")
    failed: int = Field(ge=0, description="Answers that are errors.")


class StreamEnd(BaseModel):
    """The last line. Without it the answer is not whole."""

    end: StreamCounts
    error: ProblemDocument = Field(
        default_factory=ProblemDocument.model_construct,
        description="Only where the stream was ended before its last line: why. Go on from the line after `end.lines`.",
    )


def _fault_of(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    if not isinstance(value, str):
        return f"this is {json_type(value)}; send a string, or a whole number of at most 15 digits"
    if len(value) > MAX_ID:
        return f"the id has {len(value):,} characters; at most {MAX_ID} are kept: send a shorter one"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "the id holds half a surrogate pair, which has no UTF-8 form; send whole characters"
    return None


def _checked(value: Any) -> Any:
    if fault := _fault_of(value):
        raise ValueError(fault)
    return value
