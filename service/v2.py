"""Blueprint of the Open Inference Protocol V2 over REST: the same predictions, for clients that speak this protocol."""

from flask import Blueprint, Response, jsonify, request

from service import __version__
from service.json_body import read_json
from service.model_slot import ModelSlot
from service.problems import V2, Problem
from service.settings import Settings
from service.v2_schemas import InferRequests
from service.v2_tensors import INPUT, output_metadata, tensors

MODEL = f"{V2}/models/<model>"
VERSION = f"{MODEL}/versions/<version>"
BINARY = "Inference-Header-Content-Length"


def blueprint(settings: Settings, slot: ModelSlot, requests: InferRequests) -> Blueprint:
    """Return the routes under /v2.

    Parameters:
        settings: the limit of a body.
        slot: the model.
        requests: what a request for inference may hold.
    """
    v2 = Blueprint("v2", __name__)

    @v2.get(V2)
    @v2.get(f"{V2}/")
    def server() -> Response:
        return jsonify({"name": "undertone", "version": __version__, "extensions": []})

    @v2.get(f"{V2}/health/live")
    def live() -> Response:
        slot.check_alive()
        return jsonify({"live": True})

    @v2.get(f"{V2}/health/ready")
    def ready() -> Response:
        slot.check_ready()
        return jsonify({"live": True, "ready": True})

    @v2.get(MODEL)
    @v2.get(VERSION)
    def model(model: str, version: str | None = None) -> Response:
        _check_name(slot, model, version)
        predictor = slot.get()
        return jsonify(
            {
                "name": predictor.name,
                "versions": [predictor.version],
                "platform": "pytorch_torchscript",
                "inputs": [INPUT],
                "outputs": output_metadata(),
            }
        )

    @v2.get(f"{MODEL}/ready")
    @v2.get(f"{VERSION}/ready")
    def model_ready(model: str, version: str | None = None) -> Response:
        _check_name(slot, model, version)
        return jsonify({"name": slot.check_ready().name, "ready": True})

    @v2.post(f"{MODEL}/infer")
    @v2.post(f"{VERSION}/infer")
    def infer(model: str, version: str | None = None) -> Response:
        _check_name(slot, model, version)
        _refuse_binary()
        asked = requests.read(read_json(request, settings.max_body_bytes, untyped=True))
        _check_name(slot, model, version)  # the model may have been changed while the body came
        predictor, predictions = slot.predict(asked.texts)
        answer = {"model_name": predictor.name, "model_version": predictor.version}
        identified = {} if asked.id is None else {"id": asked.id}
        return jsonify(answer | identified | {"outputs": tensors(asked.outputs, predictions)})

    return v2


def _check_name(slot: ModelSlot, model: str, version: str | None) -> None:
    predictor = slot.get()
    if model != predictor.name:
        raise Problem(404, f"There is no model of this name. This service has {predictor.name}.")
    if version not in (None, predictor.version):
        raise Problem(404, f"There is no such version of {predictor.name}. This service has {predictor.version}.")


def _refuse_binary() -> None:
    if BINARY in request.headers:
        raise Problem(
            400, f"The binary extension ({BINARY}) is not spoken here. Send tensors as JSON (binary_data=False)."
        )
