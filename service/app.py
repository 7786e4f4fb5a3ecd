"""The application factory. Nothing here loads torch: gunicorn's workers load the model in a thread (loading.py).

create_app(Settings(), ModelSlot(Predictor.load("artifacts/default/sentiment.pt"))).test_client()
"""

from typing import Any

import orjson
from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider

from service import (
    api,
    authentication,
    openapi,
    ops,
    page,
    problems,
    reference,
    request_log,
    security_headers,
    stream,
    v2,
)
from service.explain_request import ExplainRequests
from service.forwarded import Forwarded, networks_of
from service.model_slot import ModelSlot
from service.openapi_security import secured
from service.schemas import PredictRequests
from service.settings import Settings
from service.stream_schemas import StreamLines
from service.v2_schemas import InferRequests

SLOT = "model_slot"
"""Key in `Flask.extensions` under which the worker finds the slot to fill."""


class _Json(DefaultJSONProvider):
    """Keys in the order in which they were written, text as it is."""

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return what `jsonify` makes of the same arguments."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), option=orjson.OPT_APPEND_NEWLINE)
        return Response(body, content_type=self.mimetype)


def create_app(settings: Settings | None = None, slot: ModelSlot | None = None) -> Flask:
    """Return the WSGI application.

    Parameters:
        settings: default the environment's.
        slot: the model; default an empty slot, found again as `app.extensions[SLOT]`, that answers 503.

    Raises:
        SettingsError: the environment holds a value that can't be used, or the file of API keys does.
    """
    settings = settings or Settings.from_environment()
    slot = slot or ModelSlot(settings=settings)
    requests = PredictRequests(settings.max_texts, settings.max_characters)
    explanations = ExplainRequests(settings.max_characters)
    lines = StreamLines(settings.max_body_bytes, settings.max_characters)
    inferences = InferRequests(settings.max_texts, settings.max_characters)
    app = Flask("undertone", static_folder=None, template_folder=None)
    app.json = _Json(app)
    app.wsgi_app = Forwarded(app.wsgi_app, networks_of(settings.forwarded_allow_ips))  # type: ignore[method-assign]
    app.url_map.merge_slashes = False  # an unknown path is 404, not a redirect
    app.extensions[SLOT] = slot
    request_log.register(app)
    security_headers.register(app)
    problems.register(app)
    keys = authentication.keys_of(settings)
    authentication.register(app, keys)
    app.register_blueprint(api.blueprint(settings, slot, requests, explanations))
    app.register_blueprint(stream.blueprint(settings, slot, lines))
    document = openapi.build(requests, lines, explanations, inferences)
    if keys:
        document = secured(document)
    app.register_blueprint(ops.blueprint(slot, document))
    app.register_blueprint(v2.blueprint(settings, slot, inferences))
    app.register_blueprint(page.blueprint(reference.render(document)))
    return app
