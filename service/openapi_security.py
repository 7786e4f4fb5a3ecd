"""What the OpenAPI document says of API keys where the service asks for one."""

from service.authentication import OPEN
from service.openapi_parts import Document, refused

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def secured(document: Document) -> Document:
    """Return `document` with the two ways to send a key, the operations that need none, and the 401 of the others."""
    paths = {
        path: {method: _open(operation) if path in OPEN else _closed(operation) for method, operation in item.items()}
        for path, item in document["paths"].items()
    }
    components = document["components"] | {"securitySchemes": _SCHEMES}
    return document | {"paths": paths, "components": components, "security": [{name: []} for name in _SCHEMES]}


def _open(operation: Document) -> Document:
    return operation | {"security": []}


def _closed(operation: Document) -> Document:
    return operation | {"responses": operation["responses"] | {"401": refused(401)}}
