"""What the operations of the OpenAPI document are put together from."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel
from werkzeug.http import HTTP_STATUS_CODES

from service import schemas
from service.problems import CONTENT_TYPE

Document = dict[str, Any]
SCHEMA = "#/components/schemas/{model}"
REVIEWS, PROTOCOL, OPERATIONS = "Reviews", "Open Inference Protocol", "Operations"
TAGS = {
    REVIEWS: "What reviews mean, and why.",
    PROTOCOL: "The same for clients of KServe, Triton, MLServer and Seldon: version 2 over REST, without extensions.",
    OPERATIONS: "For whoever runs the service.",
}
"""Groups of operations, and what each is for."""

BODY = (400, 408, 413, 415)
"""Statuses of whatever takes a body."""

NETWORK = (429, 503, 504)
"""Statuses of whatever asks the network."""

_REQUEST_ID = "^[A-Za-z0-9._-]{1,128}$"
PARAMETERS: Document = {
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "Comes back in the answer and stands in the log. "
        f"One that does not match {_REQUEST_ID} is taken too, and replaced.",
        "schema": {"type": "string"},
    },
}
HEADERS: Document = {
    "X-Request-Id": {
        "schema": {"type": "string", "pattern": _REQUEST_ID},
        "description": "The request's, or a new one. It stands in the log.",
        "required": True,
    },
    "Allow": {"schema": {"type": "string"}, "description": "Methods that the path takes.", "required": True},
    "Retry-After": {
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
        "description": "Seconds after which to ask again.",
        "required": True,
    },
    "WWW-Authenticate": {"schema": {"type": "string"}, "description": "Bearer (RFC 6750).", "required": True},
}
_HEADERS_OF = {401: ["WWW-Authenticate"], 405: ["Allow"], 429: ["Retry-After"], 503: ["Retry-After"]}
DETAILS = {
    400: "The body is not JSON: Expecting value, at line 1, column 10.",
    401: "There is no API key in this request. "
    "Send a key of this service as Authorization: Bearer KEY or as X-API-Key: KEY.",
    404: "There is no model of this name. This service has default.",
    405: "This path does not take GET. Use POST.",
    408: "No byte of the body came for 10 seconds. Send it without a pause.",
    413: "The body is longer than 1,048,576 bytes. Send fewer or shorter texts a request.",
    415: "The Content-Type is 'text/plain'. Send application/json.",
    422: "/texts/3: The text is blank; expected at least one visible character.",
    429: "The service is busy: this would wait for some 480 ms, and at most 150 are accepted. Try again in 1 second, "
    "or send less at once.",
    500: "Something went wrong in the service; your request was not at fault. Try again later.",
    503: "The model is being loaded. Try again in 2 seconds.",
    504: "No answer within 10,000 ms. Try again later, or send less at once.",
}
"""What an error of each status may say."""


def problem(status: int) -> Document:
    """Return the content of an error: a problem document."""
    shown = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": DETAILS[status],
        "instance": "/predict",
        "request_id": "9b2e5c0d7f3441b2a1c6f0e8d7c5b4a3",
    }
    return {CONTENT_TYPE: example(schemas.ProblemDocument, shown)}


def operation(
    name: str,
    summary: str,
    answer: str,
    content: Document,
    *errors: int,
    body: Document | None = None,
    error: Callable[[int], Document] = problem,
    path: Sequence[Document] = (),
    tag: str = OPERATIONS,
) -> Document:
    """Return one operation.

    Parameters:
        name: its id.
        summary: what it does, a few words.
        answer: what 200 gives, a few words.
        content: the JSON of that answer.
        errors: statuses of its errors; 405 and 500 are added.
        body: the JSON that it takes, None where it takes none.
        error: makes the content of an error from its status.
        path: parameters in the path.
        tag: one of TAGS.
    """
    responses = {"200": _response(200, answer, {"application/json": content})}
    responses |= {str(status): refused(status, error) for status in sorted({*errors, 405, 500})}
    made: Document = {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "parameters": [*path, *({"$ref": f"#/components/parameters/{known}"} for known in PARAMETERS)],
    }
    if body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": body}}
    return made | {"responses": responses}


def refused(status: int, error: Callable[[int], Document] = problem) -> Document:
    """Return the answer of an error; `error` makes its content from the status."""
    return _response(status, HTTP_STATUS_CODES[status], error(status))


def _response(status: int, description: str, content: Document) -> Document:
    headers = {
        header: {"$ref": f"#/components/headers/{header}"} for header in ("X-Request-Id", *_HEADERS_OF.get(status, []))
    }
    return {"description": description, "headers": headers, "content": content}


def example(model: type[BaseModel], shown: Document) -> Document:
    """Return the JSON that a model describes, with an example."""
    return content(model) | {"example": shown}


def content(*models: type[BaseModel]) -> Document:
    """Return the JSON that one of the models describes."""
    references = [{"$ref": SCHEMA.format(model=model.__name__)} for model in models]
    return {"schema": references[0] if len(references) == 1 else {"oneOf": references}}
