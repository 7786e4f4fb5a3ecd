"""The probes tell the truth before, during and after loading."""

import gc
import threading

import pytest

from service.app import SLOT, create_app
from service.loading import LoadError, load, load_in_thread
from service.model_slot import ModelSlot
from service.settings import Settings
from service.startup import Startup


def test_before_the_model_is_loaded_everything_but_livez_is_503():
    client = create_app(Settings()).test_client()
    assert client.get("/livez").json == {"status": "alive"}
    for answer in (client.get("/readyz"), client.get("/model"), client.post("/predict", json={"text": "good"})):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "2"
        assert "being loaded" in answer.json["detail"]


def test_once_loaded_the_service_is_ready(client, predictor):
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json == {"status": "ready", "model": {"name": predictor.name, "version": predictor.version}}
    assert client.get("/model").json == predictor.manifest


def test_ready_waits_for_the_workers_beside():
    startup = Startup(2)
    slot = ModelSlot(object())
    slot.all_started = startup.complete
    client = create_app(Settings(), slot).test_client()
    startup.done(1)
    assert client.get("/readyz").status_code == 503
    startup.done(3)  # one that replaces another does not count
    assert client.get("/readyz").status_code == 503
    startup.done(2)
    assert startup.complete()


def test_loading_in_a_thread_fills_the_slot(tiny_artifact):
    app = create_app(Settings(model=str(tiny_artifact), device="cpu", torch_threads=1, batch_size=2))
    settings = Settings(model=str(tiny_artifact), device="cpu", torch_threads=1, batch_size=2)
    ready, failed = threading.Event(), threading.Event()
    load_in_thread(app.extensions[SLOT], settings, ready.set, failed.set).join(60)
    assert ready.is_set()
    assert not failed.is_set()
    assert app.test_client().get("/readyz").status_code == 200
    assert gc.get_freeze_count() > 10_000  # no full collection goes through the model again
    gc.unfreeze()


def test_a_model_that_cannot_be_loaded_is_reported_whole(tmp_path, caplog):
    bad = tmp_path / "sentiment.pt"
    bad.write_bytes(b"not a model")
    ready, failed = threading.Event(), threading.Event()
    slot = ModelSlot()
    load_in_thread(slot, Settings(model=str(bad), device="cpu"), ready.set, failed.set).join(60)
    assert failed.is_set()
    assert not ready.is_set()
    assert str(bad) in str([record.args for record in caplog.records])
    assert "Traceback" not in caplog.text
    assert create_app(Settings(), slot).test_client().get("/readyz").status_code == 503


def test_a_file_other_than_the_expected_one_is_refused(tiny_artifact):
    settings = Settings(model=str(tiny_artifact), device="cpu", model_sha256="0" * 64)
    with pytest.raises(LoadError, match="0" * 64):
        load(settings)


def test_only_one_reports_the_failure():
    startup = Startup(2)
    assert [startup.first_to_fail() for _ in range(3)] == [True, False, False]
