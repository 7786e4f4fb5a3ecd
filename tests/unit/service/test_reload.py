"""A new artifact in the place of the old one, in one worker and between several."""

import os
import shutil
import time

import gevent
import pytest

from service import reload
from service.model_slot import ModelSlot
from service.reload import Reloader, ReloadOrders
from service.settings import Settings


@pytest.fixture
def watched(tiny_artifact, predictor, tmp_path, monkeypatch):
    monkeypatch.setattr(reload, "PERIOD", 0.02)
    artifact = tmp_path / "sentiment.pt"
    shutil.copy(tiny_artifact, artifact)
    slot, orders = ModelSlot(predictor), ReloadOrders()
    settings = Settings(model=str(artifact), device="cpu", batch_size=1, batch_tokens=64)
    watching = gevent.spawn(Reloader(slot, settings, orders).watch)
    yield artifact, slot, orders
    watching.kill()


def wait_for(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        gevent.sleep(0.02)
    return condition()


def test_an_order_reloads_the_same_file(watched, predictor):
    _, slot, orders = watched
    orders.give()
    assert wait_for(lambda: slot.get() is not predictor)
    assert slot.get().version == predictor.version


def test_a_replaced_file_is_served_without_an_order(watched, default_artifact, predictor):
    artifact, slot, _ = watched
    fresh = artifact.with_suffix(".new")
    shutil.copy(default_artifact, fresh)
    os.replace(fresh, artifact)
    assert wait_for(lambda: slot.get().version != predictor.version)


def test_what_changed_before_the_first_look_is_seen(tiny_artifact, default_artifact, predictor, tmp_path, monkeypatch):
    monkeypatch.setattr(reload, "PERIOD", 0.02)
    artifact = tmp_path / "sentiment.pt"
    shutil.copy(tiny_artifact, artifact)
    slot = ModelSlot(predictor)
    reloader = Reloader(slot, Settings(model=str(artifact), device="cpu", batch_size=1), orders := ReloadOrders())
    before = orders.given()
    shutil.copy(default_artifact, artifact.with_suffix(".new"))  # while a worker loads the one before
    os.replace(artifact.with_suffix(".new"), artifact)
    watching = gevent.spawn(reloader.watch)
    assert wait_for(lambda: slot.get().version != predictor.version)
    assert orders.given() == before
    watching.kill()


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04" + bytes(5000)])
def test_a_file_that_is_no_model_leaves_the_one_before_and_is_logged_once(watched, predictor, caplog, content):
    artifact, slot, _ = watched
    artifact.write_bytes(content)
    assert wait_for(lambda: any("not reloaded" in record.msg for record in caplog.records))
    gevent.sleep(0.2)
    assert slot.get() is predictor
    (record,) = [record for record in caplog.records if "not reloaded" in record.msg]
    assert record.args["version"] == predictor.version
    assert str(artifact) in record.args["reason"]


def test_a_file_that_is_away_changes_nothing(watched, predictor, caplog):
    artifact, slot, _ = watched
    artifact.unlink()
    gevent.sleep(0.2)
    assert slot.get() is predictor
    assert not caplog.records


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # the child runs nothing of torch
def test_orders_reach_other_processes_and_one_process_loads_at_a_time():
    orders = ReloadOrders()
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        with orders.turn():
            os.write(ready[1], b"1")
            os.read(done[0], 1)
        os._exit(orders.given())
    os.read(ready[0], 1)
    orders.give()
    orders.give()
    entered = []

    def enter():
        with orders.turn():
            entered.append(time.monotonic())

    waiting = gevent.spawn(enter)
    gevent.sleep(0.1)
    assert not entered
    os.write(done[1], b"1")
    waiting.join(5)
    assert entered
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
