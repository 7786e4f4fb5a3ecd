"""The application with the real predictor, without a server."""

import time

import pytest

from models.predictor import Predictor
from service.app import create_app
from service.logs import JsonLines
from service.model_slot import ModelSlot
from service.settings import Settings


@pytest.fixture(scope="session")
def predictor(tiny_artifact):
    return Predictor.load(tiny_artifact, device="cpu")


@pytest.fixture(scope="session")
def app(predictor):
    return create_app(Settings(), ModelSlot(predictor))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(autouse=True)
def lines_as_they_are_written(caplog):
    """Fields too stand in `caplog.text` then."""
    caplog.handler.setFormatter(JsonLines())


class Slow:
    """A real predictor that takes its time."""

    def __init__(self, predictor):
        self._predictor, self.seconds = predictor, 0.2

    def __getattr__(self, name):
        return getattr(self._predictor, name)

    def classify(self, readings, batch_size):
        time.sleep(self.seconds)
        return self._predictor.classify(readings, batch_size)


@pytest.fixture
def slow_predictor(predictor):
    return Slow(predictor)


class Broken:
    """A predictor that fails, as a defect would make it."""

    name, version, manifest, max_tokens = "broken", "00000000", {}, 64

    def read(self, texts):
        try:
            raise KeyError(texts[0])
        except KeyError as error:
            raise RuntimeError(f"could not read {texts[0]!r}") from error


@pytest.fixture
def broken_client():
    return create_app(Settings(), ModelSlot(Broken())).test_client()
