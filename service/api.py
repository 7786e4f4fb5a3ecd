"""Blueprint of the API: POST /predict, POST /explain."""

from flask import Blueprint, Response, jsonify, request

from models.text import SpanError
from service.explain_request import ExplainRequests
from service.faults import sentence
from service.json_body import read_json
from service.model_slot import ModelSlot, model_info
from service.problems import Problem
from service.request_log import note
from service.schemas import PredictRequests
from service.settings import Settings


def blueprint(
    settings: Settings, slot: ModelSlot, requests: PredictRequests, explanations: ExplainRequests
) -> Blueprint:
    """Return the routes that answer with predictions and explanations.

    Parameters:
        settings: limits and batch size.
        slot: the model.
        requests: what a request for predictions may hold.
        explanations: what one for an explanation may hold.
    """
    api = Blueprint("api", __name__)

    @api.post("/predict")
    def predict() -> Response:
        slot.get()  # 503 before the body is read
        texts, alone = requests.read(read_json(request, settings.max_body_bytes))
        note(texts=len(texts))
        predictor, predictions = slot.predict(texts)
        answers = [one.to_dict() | {"model": model_info(predictor)} for one in predictions]
        return jsonify(answers[0] if alone else {"predictions": answers})

    @api.post("/explain")
    def explain() -> Response:
        slot.get()
        asked = explanations.read(read_json(request, settings.max_body_bytes))
        try:
            predictor, explanation = slot.explain(asked.text, asked.target, asked.method, asked.spans, asked.top_units)
        except SpanError as error:
            fault = {"pointer": f"/spans/{error.index}", "index": error.index, "detail": sentence(error)}
            raise Problem(422, f"{fault['pointer']}: {fault['detail']}", [fault]) from None
        return jsonify(explanation.to_dict() | {"model": model_info(predictor)})

    return api
