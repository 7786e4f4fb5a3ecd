"""The OpenAPI 3.1 document, made from the request and response models; a test compares it with the routes."""

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service import __version__, schemas, stream_openapi, v2_openapi
from service.explain_request import ExplainRequests
from service.explanation_schemas import Explanation
from service.openapi_examples import EXPLANATION, MODEL, PREDICTION, PREDICTIONS
from service.openapi_parts import (
    BODY,
    HEADERS,
    NETWORK,
    PARAMETERS,
    REVIEWS,
    SCHEMA,
    TAGS,
    Document,
    content,
    example,
    operation,
)
from service.stream_schemas import StreamLines
from service.v2_schemas import InferRequests

_ANSWERS: tuple[type[BaseModel], ...] = (
    schemas.Prediction,
    schemas.Predictions,
    schemas.Alive,
    schemas.Ready,
    schemas.Manifest,
    schemas.ProblemDocument,
    Explanation,
    *stream_openapi.ANSWERS,
    *v2_openapi.ANSWERS,
)


def build(
    requests: schemas.PredictRequests, lines: StreamLines, explanations: ExplainRequests, inferences: InferRequests
) -> Document:
    """Return the document.

    Parameters:
        requests: the request models for predictions, which carry the limits of the settings.
        lines: likewise that for a line of a stream.
        explanations: likewise that for explanations.
        inferences: likewise that for inference under the Open Inference Protocol.
    """
    asked: tuple[type[BaseModel], ...] = (
        requests.one,
        requests.many,
        lines.model,
        explanations.model,
        inferences.model,
    )
    _, definitions = models_json_schema([(model, "validation") for model in (*asked, *_ANSWERS)], ref_template=SCHEMA)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Undertone",
            "version": __version__,
            "summary": "What a review means, in its context.",
            "description": "Every error is an RFC 9457 problem document with a request id, under /v2 "
            'an object {"error": "…"}; an unknown path is 404.',
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": {
            "/predict": {"post": _predict(requests)},
            **stream_openapi.paths(lines),
            "/explain": {"post": _explain(explanations)},
            **_operations(),
            **v2_openapi.paths(inferences),
        },
        "components": {"schemas": definitions["$defs"], "parameters": PARAMETERS, "headers": HEADERS},
    }


def _predict(requests: schemas.PredictRequests) -> Document:
    answer = content(schemas.Prediction, schemas.Predictions)
    answer["examples"] = {"one": {"value": PREDICTION}, "many": {"value": PREDICTIONS}}
    body = content(requests.one, requests.many)
    body["examples"] = {
        "one": {"value": {"text": "i do not think the flower is beautiful"}},
        "many": {"value": {"texts": ["The flower is so beautiful", "我不喜欢数学"]}},
    }
    return operation(
        "predict", "Tell what reviews mean", "the predictions", answer, *BODY, *NETWORK, 422, body=body, tag=REVIEWS
    )


def _explain(explanations: ExplainRequests) -> Document:
    asked = {"text": "not good", "target": "positive", "method": "signals", "spans": [[4, 8]], "top_units": 1}
    body = example(explanations.model, asked)
    answer = example(Explanation, EXPLANATION)
    return operation("explain", "Tell why", "the explanation", answer, *BODY, *NETWORK, 422, body=body, tag=REVIEWS)


def _operations() -> Document:
    ready = example(schemas.Ready, {"status": "ready", "model": MODEL})
    manifest = MODEL | {"labels": ["negative", "neutral", "positive"], "languages": ["en", "zh"], "max_tokens": 400}
    document = {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}
    alive = example(schemas.Alive, {"status": "alive"})
    found = example(schemas.Manifest, manifest)
    metrics = operation("metrics", "Metrics in Prometheus' text format", "the metrics", {})
    metrics["responses"]["200"]["content"] = {
        "text/plain": {"schema": {"type": "string"}, "example": "undertone_in_flight_requests 1.0\n"}
    }
    return {
        "/livez": {
            "get": operation("livez", "Whether the process answers and the network is not stuck", "it does", alive, 503)
        },
        "/readyz": {"get": operation("readyz", "Whether the model is loaded and warm", "it is", ready, 503)},
        "/metrics": {"get": metrics},
        "/model": {"get": operation("model", "The model's manifest", "the manifest", found, 503)},
        "/openapi.json": {"get": operation("openapi", "This document", "the document", document)},
    }
