"""Blueprint of operations: /livez, /readyz, /metrics, /model, /openapi.json."""

from flask import Blueprint, Response, jsonify, request

from service import scrape
from service.model_slot import ModelSlot, model_info
from service.openapi_parts import Document


def blueprint(slot: ModelSlot, document: Document) -> Blueprint:
    """Return the routes for whoever runs the service.

    Parameters:
        slot: the model.
        document: the OpenAPI document.
    """
    ops = Blueprint("ops", __name__)

    @ops.get("/livez")
    def livez() -> Response:
        slot.check_alive()
        return jsonify({"status": "alive"})

    @ops.get("/readyz")
    def readyz() -> Response:
        return jsonify({"status": "ready", "model": model_info(slot.check_ready())})

    @ops.get("/metrics")
    def metrics() -> Response:
        return Response(scrape.exposition(), content_type=scrape.CONTENT_TYPE)

    @ops.get("/model")
    def model() -> Response:
        return jsonify(slot.get().manifest)

    @ops.get("/openapi.json")
    def openapi_document() -> Response:
        return jsonify(document | {"servers": [{"url": request.root_path or "/"}]})

    return ops
