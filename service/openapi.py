"""The OpenAPI 3.1 document, made from the request and response models; a test compares it with the routes."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.http import HTTP_STATUS_CODES

from service import __version__, schemas
from service.explain_request import ExplainRequests
from service.explanation_schemas import Explanation
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
_TRAJECTORY = {"forward": [-0.4, -0.9], "backward": [-1.9, 0.6]}
_GATE = {"mean": [0.4, 0.5], "lower": [0.2, 0.3], "upper": [0.6, 0.7]}
_EXPLANATION = {
    "prediction": {name: value for name, value in _PREDICTION.items() if name != "model"} | {"tokens": 2},
    "offset_unit": "codepoint",
    "tokens": [
        {
            "text": "not",
            "start": 0,
            "end": 3,
            "contribution": {"total": -3.0, "forward": -1.0, "backward": -2.0},
            "alone": -1.2,
        },
        {
            "text": "good",
            "start": 4,
            "end": 8,
            "contribution": {"total": 0.2, "forward": 0.1, "backward": 0.1},
            "alone": 1.5,
        },
    ],
    "target": "positive",
    "method": "signals",
    "logit": -2.7,
    "bias": 0.1,
    "completeness_error": 0.0,
    "temperature": 1.1,
    "trajectory": _TRAJECTORY,
    "interactions": [{"a": [0, 3], "b": [4, 8], "value": -3.1}],
    "phrases": [
        {"start": 0, "end": 3, "score": -1.2},
        {"start": 4, "end": 8, "score": 1.5},
        {"start": 0, "end": 8, "score": -2.8},
    ],
    "spans": [{"start": 4, "end": 8, "score": 1.5}],
    "without": [
        {
            "removed": 0,
            "label": "positive",
            "probabilities": {"negative": 0.05, "neutral": 0.05, "positive": 0.9},
            "logit": 2.9,
            "trajectory": {"forward": [None, 1.4], "backward": [None, 1.4]},
        }
    ],
    "units": [
        {
            "id": 17,
            "direction": "backward",
            "weight": {"max": 0.8, "mean": 0.3},
            "contribution": -0.6,
            "h": [-0.7, 0.1],
        }
    ],
    "gates": {"forward": {"i": _GATE, "f": _GATE, "o": _GATE}, "backward": {"i": _GATE, "f": _GATE, "o": _GATE}},
    "notes": [],
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


def build(requests: schemas.PredictRequests, explanations: ExplainRequests) -> Document:
    """Return the document.

    Parameters:
        requests: the request models for predictions, which carry the limits of the settings.
        explanations: likewise that for explanations.
    """
    answers = (
        schemas.Prediction,
        schemas.Predictions,
        schemas.Alive,
        schemas.Ready,
        schemas.Manifest,
        schemas.ProblemDocument,
        Explanation,
    )
    asked = (requests.one, requests.many, explanations.model)
    _, definitions = models_json_schema(
        [(model, "validation") for model in (*asked, *answers)], ref_template=_REFERENCE
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
        "paths": _paths(requests, explanations),
        "components": {"schemas": definitions["$defs"]},
    }


def _paths(requests: schemas.PredictRequests, explanations: ExplainRequests) -> Document:
    prediction = _content(schemas.Prediction, schemas.Predictions)
    prediction["examples"] = {"one": {"value": _PREDICTION}, "many": {"value": {"predictions": [_PREDICTION]}}}
    predict = _operation("predict", "Tell what reviews mean", "predictions", prediction, 400, 408, 413, 415, 422, 503)
    body = _content(requests.one, requests.many)
    body["examples"] = {
        "one": {"value": {"text": "i do not think the flower is beautiful"}},
        "many": {"value": {"texts": ["The flower is so beautiful", "我不喜欢数学"]}},
    }
    predict["requestBody"] = {"required": True, "content": {"application/json": body}}
    explain = _operation(
        "explain", "Tell why", "the explanation", _example(Explanation, _EXPLANATION), 400, 408, 413, 415, 422, 503
    )
    example = {"text": "not good", "target": "positive", "method": "signals", "spans": [[4, 8]], "top_units": 1}
    explain["requestBody"] = {
        "required": True,
        "content": {"application/json": _content(explanations.model) | {"example": example}},
    }
    ready = _example(schemas.Ready, {"status": "ready", "model": _MODEL})
    manifest = _MODEL | {"labels": ["negative", "neutral", "positive"], "languages": ["en", "zh"], "max_tokens": 400}
    document = {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}
    alive = _example(schemas.Alive, {"status": "alive"})
    return {
        "/predict": {"post": predict},
        "/explain": {"post": explain},
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
