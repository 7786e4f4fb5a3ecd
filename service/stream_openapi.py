"""The part of the OpenAPI document that describes POST /predict/stream.

OpenAPI 3.1 has no word for a body of many JSON values (3.2 has itemSchema): the body is a string here, and its
contentSchema says what each of its lines is.
"""

import json

from pydantic import BaseModel

from service.openapi_examples import PREDICTION
from service.openapi_parts import REVIEWS, Document, content, operation, problem
from service.problems import CONTENT_TYPE as PROBLEM
from service.stream import CONTENT_TYPE
from service.stream_schemas import StreamEnd, StreamFault, StreamLines, StreamPrediction

ANSWERS: tuple[type[BaseModel], ...] = (StreamPrediction, StreamFault, StreamEnd)
_ASKED: list[Document] = [{"text": "i do not think the flower is beautiful", "id": "a17"}, {"text": ""}]


def paths(lines: StreamLines) -> Document:
    """Return the path; `lines` says what a line may hold."""
    empty = {"pointer": "/text", "detail": "The text is empty; expected at least one visible character."}
    told = {"detail": f"{empty['pointer']}: {empty['detail']}", "instance": "/predict/stream", "errors": [empty]}
    fault = problem(422)[PROBLEM]["example"] | told
    answered: list[Document] = [
        {"line": 1, "id": "a17"} | PREDICTION,
        {"line": 2, "error": fault},
        {"end": {"lines": 2, "predicted": 1, "failed": 1}},
    ]
    stream = operation(
        "predict_stream", "Tell what reviews mean, line by line", "the answers", {}, 415, 503, tag=REVIEWS
    )
    stream["requestBody"] = {"required": True, "content": _ndjson(_ASKED, lines.model)}
    stream["responses"]["200"]["content"] = _ndjson(answered, *ANSWERS)
    return {"/predict/stream": {"post": stream}}


def _ndjson(shown: list[Document], *models: type[BaseModel]) -> Document:
    schema = {
        "type": "string",
        "contentMediaType": CONTENT_TYPE,
        "contentSchema": {"type": "array", "items": content(*models)["schema"]},
    }
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in shown)
    return {CONTENT_TYPE: {"schema": schema, "example": text}}
