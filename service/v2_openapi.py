"""The part of the OpenAPI document that describes the Open Inference Protocol V2."""

from pydantic import BaseModel

from service import __version__
from service.openapi_examples import MODEL
from service.openapi_parts import BODY, DETAILS, NETWORK, PROTOCOL, Document, content, example, operation
from service.problems import V2
from service.v2_schemas import (
    InferError,
    InferRequests,
    InferResponse,
    Live,
    ModelMetadata,
    ModelReady,
    ServerMetadata,
    ServerReady,
)
from service.v2_tensors import INPUT, output_metadata

ANSWERS: tuple[type[BaseModel], ...] = (
    InferError,
    InferResponse,
    Live,
    ModelMetadata,
    ModelReady,
    ServerMetadata,
    ServerReady,
)
_NAME = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}, "example": MODEL["name"]}
_VERSION = _NAME | {"name": "version", "example": MODEL["version"]}
_TEXTS = ["The flower is so beautiful", "我不喜欢数学"]
_ASKED: Document = {
    "id": "42",
    "inputs": [{"name": "text", "shape": [2], "datatype": "BYTES", "data": _TEXTS}],
    "outputs": [{"name": "label"}, {"name": "score"}],
}
_ENCODED: Document = {
    "inputs": [
        {
            "name": "text",
            "shape": [1, 1],
            "datatype": "BYTES",
            "parameters": {"content_type": "base64"},
            "data": ["R29vZCE="],
        }
    ]
}
_ANSWERED = {
    "model_name": MODEL["name"],
    "model_version": MODEL["version"],
    "id": "42",
    "outputs": [
        {"name": "label", "shape": [2], "datatype": "BYTES", "data": ["positive", "negative"]},
        {"name": "score", "shape": [2], "datatype": "FP64", "data": [0.98, 0.93]},
    ],
}


def paths(requests: InferRequests) -> Document:
    """Return the paths under /v2.

    Parameters:
        requests: the model of a request for inference, which carries the limits of the settings.
    """
    server = example(ServerMetadata, {"name": "undertone", "version": __version__, "extensions": []})
    live = example(Live, {"live": True})
    ready = example(ServerReady, {"live": True, "ready": True})
    return {
        V2: {"get": _get("v2Server", "The server's metadata", server)},
        f"{V2}/": {"get": _get("v2ServerToo", "The server's metadata", server)},
        f"{V2}/health/live": {
            "get": _get("v2Live", "Whether the process answers and the network is not stuck", live, 503)
        },
        f"{V2}/health/ready": {"get": _get("v2Ready", "Whether the model is loaded and warm", ready, 503)},
        **_of_model(requests, f"{V2}/models/{{model}}", "v2Model", [_NAME]),
        **_of_model(requests, f"{V2}/models/{{model}}/versions/{{version}}", "v2Version", [_NAME, _VERSION]),
    }


def _of_model(requests: InferRequests, path: str, name: str, named: list[Document]) -> Document:
    found = example(
        ModelMetadata,
        {
            "name": MODEL["name"],
            "versions": [MODEL["version"]],
            "platform": "pytorch_torchscript",
            "inputs": [INPUT],
            "outputs": output_metadata(),
        },
    )
    ready = example(ModelReady, {"name": MODEL["name"], "ready": True})
    body = content(requests.model) | {"examples": {"texts": {"value": _ASKED}, "base64": {"value": _ENCODED}}}
    infer = operation(
        f"{name}Infer",
        "Tell what reviews mean",
        "the outputs",
        example(InferResponse, _ANSWERED),
        *BODY,
        *NETWORK,
        404,
        body=body,
        error=error,
        path=named,
        tag=PROTOCOL,
    )
    return {
        path: {"get": _get(name, "The model's metadata", found, 404, 503, named=named)},
        f"{path}/ready": {"get": _get(f"{name}Ready", "Whether this model is ready", ready, 404, 503, named=named)},
        f"{path}/infer": {"post": infer},
    }


def _get(name: str, summary: str, answer: Document, *errors: int, named: list[Document] | None = None) -> Document:
    return operation(name, summary, "it", answer, *errors, error=error, path=named or [], tag=PROTOCOL)


def error(status: int) -> Document:
    """Return the content of an error under /v2."""
    return {"application/json": example(InferError, {"error": DETAILS[status]})}
