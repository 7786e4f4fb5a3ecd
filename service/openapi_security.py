"""What the OpenAPI document says of API keys where the service asks for one."""

from service import v2_openapi
from service.authentication import OPEN
from service.openapi_parts import Document, problem, refused
from service.problems import under_v2

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def secured(document: Document) -> Document:
    """Return `document` with the two ways to send a key, the operations that need none, and the 401 of the others."""
    paths = {
        path: {method: _open(one) if path in OPEN else _closed(one, path) for method, one in item.items()}
        for path, item in document["paths"].items()
    }
    components = document["components"] | {"securitySchemes": _SCHEMES}
    return document | {"paths": paths, "components": components, "security": [{name: []} for name in _SCHEMES]}


def _open(operation: Document) -> Document:
    return operation | {"security": []}


def _closed(operation: Document, path: str) -> Document:
    refusal = refused(401, v2_openapi.error if under_v2(path) else problem)
    return operation | {"responses": operation["responses"] | {"401": refusal}}
