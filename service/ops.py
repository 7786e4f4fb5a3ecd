"""Blueprint of operations: /livez, /readyz, /model, /openapi.json."""

from flask import Blueprint, Response, jsonify

from service import openapi
from service.explain_request import ExplainRequests
from service.model_slot import ModelSlot, model_info
from service.schemas import PredictRequests


def blueprint(slot: ModelSlot, requests: PredictRequests, explanations: ExplainRequests) -> Blueprint:
    """Return the routes for whoever runs the service.

    Parameters:
        slot: the model.
        requests: what a request for predictions may hold, for the OpenAPI document.
        explanations: likewise one for an explanation.
    """
    ops = Blueprint("ops", __name__)
    document = openapi.build(requests, explanations)

    @ops.get("/livez")
    def livez() -> Response:
        return jsonify({"status": "alive"})

    @ops.get("/readyz")
    def readyz() -> Response:
        return jsonify({"status": "ready", "model": model_info(slot.check_ready())})

    @ops.get("/model")
    def model() -> Response:
        return jsonify(slot.get().manifest)

    @ops.get("/openapi.json")
    def openapi_document() -> Response:
        return jsonify(document)

    return ops
