"""What a request for an explanation may hold."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, create_model

from service.faults import faults_of, json_type
from service.problems import Problem
from service.schemas import STRICT, text_of, whole

MAX_SPANS = 8
MAX_UNITS = 64
_FIELDS = ("text", "target", "method", "spans", "top_units")

_MAX_PLACE = 10_000_000  # the longest text that the settings can allow
_Place = Annotated[int, Field(ge=0, le=_MAX_PLACE), BeforeValidator(whole)]
_Span = Annotated[list[_Place], Field(min_length=2, max_length=2)]


class _Options(BaseModel):
    """What may be said beside the text."""

    model_config = STRICT

    target: Literal["positive", "negative", "neutral"] = Field(
        "positive",
        description="Label for which numbers are positive: logit(target) − that of its opposite, or of neutral − the "
        "mean of the other two.",
    )
    method: Literal["signals", "writes"] = Field(
        "signals",
        description="How the verdict is shared out over words: signals follows each share to the words that it was "
        "made of; writes leaves it to the word that was being read.",
    )
    spans: Annotated[list[_Span], Field(max_length=MAX_SPANS)] = Field(
        [],
        description="Runs of text whose score is wanted, each [start, end) in code points; they are widened to whole "
        "words. Each two of them get their interaction.",
    )
    top_units: Annotated[int, Field(ge=0, le=MAX_UNITS), BeforeValidator(whole)] = Field(
        12, description="How many hidden units to show, those that brought most."
    )


class ExplainRequests:
    """The form of a request for an explanation.

    Parameters:
        max_characters: longest text, Unicode code points, at least 1.
    """

    def __init__(self, max_characters: int) -> None:
        self.model: type[BaseModel] = create_model(
            "ExplainedText",
            __base__=_Options,
            __doc__="One review, and what to say of it.",
            text=(text_of(max_characters), Field(description="A review in English or Chinese, as for predictions.")),
        )

    def read(self, body: Any) -> Any:
        """Check a request.

        Parameters:
            body: the parsed JSON.

        Returns:
            An object with `text`, `target`, `method`, `spans` and `top_units`.

        Raises:
            Problem: 422, with every fault that was found, up to MAX_FAULTS.
        """
        if not isinstance(body, dict):
            raise Problem(422, f'The body is {json_type(body)}. Send an object: {{"text": "…"}}.')
        unknown = [name for name in body if name not in _FIELDS]
        try:
            read = self.model.model_validate({name: body[name] for name in _FIELDS if name in body})
        except ValidationError as error:
            raise faults_of(error, unknown, _FIELDS) from None
        if unknown:
            raise faults_of(None, unknown, _FIELDS)
        return read
