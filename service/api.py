"""Blueprint of the API: POST /predict."""

from flask import Blueprint, Response, jsonify, request

from service.json_body import read_json
from service.model_slot import ModelSlot, model_info
from service.schemas import PredictRequests
from service.settings import Settings


def blueprint(settings: Settings, slot: ModelSlot, requests: PredictRequests) -> Blueprint:
    """Return the routes that answer with predictions.

    Parameters:
        settings: limits and batch size.
        slot: the model.
        requests: what a request may hold.
    """
    api = Blueprint("api", __name__)

    @api.post("/predict")
    def predict() -> Response:
        slot.get()  # 503 before the body is read
        texts, alone = requests.read(read_json(request, settings.max_body_bytes))
        predictor, predictions = slot.predict(texts, settings.batch_size)
        answers = [one.to_dict() | {"model": model_info(predictor)} for one in predictions]
        return jsonify(answers[0] if alone else {"predictions": answers})

    return api
