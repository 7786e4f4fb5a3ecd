"""What may be sent and what is answered under the Open Inference Protocol V2."""

import base64
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    model_validator,
)

from service.faults import faults_of, json_type
from service.problems import Problem
from service.schemas import STRICT, text_of, whole
from service.v2_tensors import OUTPUTS

Parameters = dict[str, Any] | None

_SHAPE: dict[str, Any] = {
    "type": "array",
    "prefixItems": [{"type": "integer", "minimum": 1}, {"const": 1}],
    "items": False,
    "minItems": 1,
    "maxItems": 2,
}


def _check_shape(value: Any) -> Any:
    sizes = [whole(size) for size in value[:3]] if isinstance(value, list) else []
    if all(type(size) is int and size > 0 for size in sizes) and (len(sizes) == 1 or sizes[1:] == [1]):
        return sizes
    raise ValueError("this is no shape of texts; send [N] or [N, 1], where N, at least 1, is how many there are")


def _check_id(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("the id holds half a surrogate pair, which has no UTF-8 form; send whole characters") from None
    return value


def _check_output(name: str) -> str:
    if name not in OUTPUTS:
        raise ValueError(f"there is no output of this name; {', '.join(OUTPUTS)} are all")
    return name


class _Known(BaseModel):
    """An object that must not hold names of other fields."""

    model_config = STRICT

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, value: Any) -> Any:
        # Looked for here: pydantic would build an error for each of them, of which there may be very many.
        if isinstance(value, dict) and not value.keys() <= cls.model_fields.keys():
            raise ValueError(f"a field is unknown; {', '.join(cls.model_fields)} are the only ones")
        return value


class TensorParameters(BaseModel):
    """How the data are written. Other parameters have no effect."""

    model_config = ConfigDict(strict=True, extra="allow")

    content_type: Literal["str", "base64"] | None = Field(
        None, description="str: texts as they are. base64: of their UTF-8 (RFC 4648, section 4)."
    )


class RequestedOutput(_Known):
    """An output that is wanted."""

    name: Annotated[str, AfterValidator(_check_output)] = Field(json_schema_extra={"enum": list(OUTPUTS)})
    parameters: Parameters = Field(None, description="Without effect: data are JSON whatever is said here.")


class _Tensor(_Known):
    name: Literal["text"]
    shape: Annotated[list[int], BeforeValidator(_check_shape), WithJsonSchema(_SHAPE)] = Field(
        description="[N] or [N, 1], where N is how many texts there are."
    )
    datatype: Literal["BYTES"]
    parameters: TensorParameters | None = None


class _Request(_Known):
    id: Annotated[str, AfterValidator(_check_id)] | None = Field(None, description="Comes back in the answer.")
    parameters: Parameters = Field(None, description="Without effect.")
    outputs: Annotated[list[RequestedOutput], Field(max_length=len(OUTPUTS))] | None = Field(
        None, description="Those that are wanted, in the order in which they are answered. None of them means all."
    )


@dataclass(frozen=True, slots=True)
class InferRequest:
    """A request that was read: its texts, the names of the outputs that are wanted, and its id where it has one."""

    texts: list[str]
    outputs: list[str]
    id: str | None


class InferRequests:
    """The form of a request for inference, within the limits of the settings.

    Parameters:
        max_texts: most texts, at least 1.
        max_characters: longest text, Unicode code points, at least 1.
    """

    def __init__(self, max_texts: int, max_characters: int) -> None:
        data = Field(
            description="Reviews, flat or each in a list of its own; in base64, the limit is of what it encodes."
        )
        tensor: Any = create_model(
            "TextTensor",
            __base__=_Tensor,
            __doc__="The texts: as many as the shape says.",
            data=(_data_of(max_texts, max_characters), data),
        )
        inputs: Any = Annotated[list[tensor], Field(min_length=1, max_length=1)]
        self.model: type[BaseModel] = create_model(
            "InferRequest", __base__=_Request, __doc__="Texts, and which outputs are wanted.", inputs=(inputs, ...)
        )

    def read(self, body: Any) -> InferRequest:
        """Check a request.

        Parameters:
            body: the parsed JSON.

        Raises:
            Problem: 400, with what is wrong and where.
        """
        if not isinstance(body, dict):
            raise Problem(400, f'The body is {json_type(body)}. Send an object: {{"inputs": […]}}.')
        try:
            read: Any = self.model.model_validate(body)
        except ValidationError as error:
            raise Problem(400, faults_of(error, (), ()).description or "") from None
        wanted = dict.fromkeys(one.name for one in read.outputs or ())
        return InferRequest(read.inputs[0].data, list(wanted or OUTPUTS), read.id)


def _data_of(max_texts: int, max_characters: int) -> Any:
    text: Any = text_of(max_characters)
    texts: Any = Annotated[
        list[text],
        Field(min_length=1, max_length=max_texts, json_schema_extra=_allow_columns),
        BeforeValidator(partial(_flat, max_texts)),
    ]
    return texts


def _allow_columns(schema: dict[str, Any]) -> None:
    text = schema["items"]
    schema["items"] = {"anyOf": [text, {"type": "array", "items": text, "minItems": 1, "maxItems": 1}]}


def _flat(max_texts: int, value: Any, info: ValidationInfo) -> Any:
    """Bring data to a flat list of texts. What is none stays, for the next step to refuse it where it stands."""
    if not isinstance(value, list) or not 0 < len(value) <= max_texts:
        return value
    flat = [one[0] if isinstance(one, list) and len(one) == 1 else one for one in value]
    shape = info.data.get("shape", [len(flat)])
    if shape[0] != len(flat):
        raise ValueError(f"the shape says {shape[0]:,}, and there are {len(flat):,} in data; send as many as it says")
    parameters = info.data.get("parameters")
    encoded = parameters is not None and parameters.content_type == "base64"
    return [_decoded(one, place) for place, one in enumerate(flat)] if encoded else flat


def _decoded(value: Any, place: int) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"number {place} is base64, but not of UTF-8; send that of the text in UTF-8") from None
    except ValueError:
        raise ValueError(
            f"number {place} is no base64 (RFC 4648, section 4); encode it, or leave content_type out"
        ) from None


class Live(BaseModel):
    """The process answers."""

    live: bool = Field(examples=[True])


class ServerReady(Live):
    """The model is loaded and warm."""

    ready: bool = Field(examples=[True])


class ServerMetadata(BaseModel):
    """What answers."""

    name: str
    version: str
    extensions: list[str]


class ModelReady(BaseModel):
    """The model is loaded and warm."""

    name: str
    ready: bool


class TensorMetadata(BaseModel):
    """A tensor's form; −1 in the shape is any size."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """What the model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class OutputTensor(TensorMetadata):
    """An output: an element for each text, in their order."""

    name: str = Field(json_schema_extra={"enum": list(OUTPUTS)})
    data: list[str | float | int | bool]


class InferResponse(BaseModel):
    """The outputs that were asked for, and which model made them."""

    model_name: str
    model_version: str
    id: str = Field(default_factory=str, description="The request's, where it has one.")
    outputs: list[OutputTensor]


class InferError(BaseModel):
    """An error. The header X-Request-Id names the request."""

    error: str = Field(description="What happened, what was expected and what to do.")
