"""Blueprint of the pages for people: GET /, GET /docs, and the files under /page/ that they are made of."""

import hashlib
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

FOLDER = Path(__file__).with_name("page")
INDEX = "index.html"
REFERENCE = "reference.html"  # not in the folder: service/reference.py makes it

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",  # the icon
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",  # the script sends the form
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",  # no text becomes markup, not even by a slip
}

_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",  # kept, but asked for anew each time: 304 while it is the same
}


def blueprint(reference: str) -> Blueprint:
    """Return the routes of the pages. Their files are read once, here; nothing else in the folder can be asked for.

    Parameters:
        reference: the page at /docs.
    """
    page = Blueprint("page", __name__)
    files = {file.name: file.read_bytes() for file in FOLDER.iterdir() if file.suffix in _TYPES}
    files[REFERENCE] = reference.encode()
    tags = {name: hashlib.sha256(content).hexdigest()[:16] for name, content in files.items()}

    def answer(name: str) -> Response:
        response = Response(files[name], content_type=_TYPES[Path(name).suffix], headers=_HEADERS)
        response.set_etag(tags[name])
        response.make_conditional(request)
        return response

    @page.get("/")
    def index() -> Response:
        return answer(INDEX)

    @page.get("/docs")
    def docs() -> Response:
        return answer(REFERENCE)

    @page.get("/page/<name>")
    def asset(name: str) -> Response:
        if name not in files or name == REFERENCE:  # its links are right at /docs only
            raise NotFound
        return answer(name)

    return page
