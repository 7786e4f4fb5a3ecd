"""The plain way: a Flask handler that calls the model, under two of gunicorn's sync workers. No batching.

UNDERTONE_MODEL=artifacts/default/sentiment.pt gunicorn --workers 2 "bench.peers.plain:create_app()"
"""

import os

import torch
from flask import Flask, request

from models.predictor import Predictor


def create_app() -> Flask:
    """Return the application of one worker, with its model loaded."""
    torch.set_num_threads(1)
    predictor = Predictor.load(os.environ["UNDERTONE_MODEL"], "cpu")
    app = Flask("plain")

    @app.post("/predict")
    def predict() -> dict[str, object]:
        (prediction,) = predictor.predict([request.get_json()["text"]])
        return prediction.to_dict()

    return app
