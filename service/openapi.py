"""The OpenAPI 3.1 document, made from the request and response models; a test compares it with the routes."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.http import HTTP_STATUS_CODES

from service import __version__, schemas
from service.problems import CONTENT_TYPE

Document = dict[str, Any]
_REFERENCE = "#/components/schemas/{model}"
_MODEL = {"name": "default", "version": "3f2a9c1b"}
_PREDICTION = {
    "label": "negative",
    "score": 0.97,
    "probabilities": {"negative": 0.97, "neutral": 0.02, "positive": 0.01},
    "language": "en",
    "tokens": 8,
    "truncated": False,
    "model": _MODEL,
}
_PROBLEMS = {
    400: "The body is not JSON: Expecting value, at line 1, column 10.",
    405: "This path does not take GET. Use POST.",
    408: "No byte of the body came for 10 seconds. Send it without a pause.",
    413: "The body is longer than 1,048,576 bytes. Send fewer or shorter texts a request.",
    415: "The Content-Type is 'text/plain'. Send application/json.",
    422: "/texts/3: The text is blank; expected at least one visible character.",
    500: "Something went wrong in the service; your request was not at fault. Try again later.",
    503: "The model is being loaded. Try again in a moment.",
}


def build(requests: schemas.PredictRequests) -> Document:
    """Return the document.

    Parameters:
        requests: the request models, which carry the limits of the settings.
    """
    answers = (
        schemas.Prediction,
        schemas.Predictions,
        schemas.Alive,
        schemas.Ready,
        schemas.Manifest,
        schemas.ProblemDocument,
    )
    _, definitions = models_json_schema(
        [(model, "validation") for model in (requests.one, requests.many, *answers)], ref_template=_REFERENCE
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Undertone",
            "version": __version__,
            "summary": "What a review means, in its context.",
            "description": "Every error is an RFC 9457 problem document with a request id; an unknown path is 404.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(requests),
        "components": {"schemas": definitions["$defs"]},
    }


def _paths(requests: schemas.PredictRequests) -> Document:
    prediction = _content(schemas.Prediction, schemas.Predictions)
    prediction["examples"] = {"one": {"value": _PREDICTION}, "many": {"value": {"predictions": [_PREDICTION]}}}
    predict = _operation("predict", "Tell what reviews mean", "predictions", prediction, 400, 408, 413, 415, 422, 503)
    body = _content(requests.one, requests.many)
    body["examples"] = {
        "one": {"value": {"text": "i do not think the flower is beautiful"}},
        "many": {"value": {"texts": ["The flower is so beautiful", "我不喜欢数学"]}},
    }
    predict["requestBody"] = {"required": True, "content": {"application/json": body}}
    ready = _example(schemas.Ready, {"status": "ready", "model": _MODEL})
    manifest = _MODEL | {"labels": ["negative", "neutral", "positive"], "languages": ["en", "zh"], "max_tokens": 400}
    document = {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}
    alive = _example(schemas.Alive, {"status": "alive"})
    return {
        "/predict": {"post": predict},
        "/livez": {"get": _operation("livez", "Whether the process answers", "it does", alive)},
        "/readyz": {"get": _operation("readyz", "Whether the model is loaded and warm", "it is", ready, 503)},
        "/model": {
            "get": _operation(
                "model", "The model's manifest", "the manifest", _example(schemas.Manifest, manifest), 503
            )
        },
        "/openapi.json": {"get": _operation("openapi", "This document", "the document", document)},
    }


def _operation(name: str, summary: str, answer: str, content: Document, *problems: int) -> Document:
    responses = {"200": {"description": answer, "content": {"application/json": content}}}
    responses |= {str(status): _problem(status) for status in sorted({*problems, 405, 500})}
    return {"operationId": name, "summary": summary, "parameters": [_REQUEST_ID], "responses": responses}


_REQUEST_ID = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "Comes back in the answer and stands in the log. One that is not of this form is replaced.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
}


def _problem(status: int) -> Document:
    example = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": _PROBLEMS[status],
        "instance": "/predict",
        "request_id": "9b2e5c0d7f3441b2a1c6f0e8d7c5b4a3",
    }
    response: Document = {
        "description": HTTP_STATUS_CODES[status],
        "content": {CONTENT_TYPE: _example(schemas.ProblemDocument, example)},
    }
    if status in (405, 503):
        name, meaning = ("Allow", "Methods that the path takes.") if status == 405 else ("Retry-After", "Seconds.")
        response["headers"] = {name: {"description": meaning, "schema": {"type": "string"}}}
    return response


def _example(model: type[BaseModel], example: Document) -> Document:
    return _content(model) | {"example": example}


def _content(*models: type[BaseModel]) -> Document:
    references = [{"$ref": _REFERENCE.format(model=model.__name__)} for model in models]
    return {"schema": references[0] if len(references) == 1 else {"oneOf": references}}
