"""What is counted and measured, as GET /metrics says it, in one process."""

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Response
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from models.labels import LABELS
from service import metrics, scrape
from service.app import create_app
from service.model_slot import ModelSlot
from service.settings import Settings


def shown(client):
    """The values of GET /metrics by (name, labels)."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(answer.text)
    return Counter({(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples})


def test_a_request_is_counted_under_its_route_method_and_status(client):
    before = shown(client)
    client.post("/predict", json={"text": "good"})
    client.post("/predict", json={})
    client.get("/no-such-place")
    client.open("/livez", method="BREW")
    added = shown(client) - before

    def count(route, method, status):
        return added["undertone_requests_total", ("method", method), ("route", route), ("status", str(status))]

    assert count("/predict", "POST", 200) == 1
    assert count("/predict", "POST", 422) == 1
    assert count("-", "GET", 404) == 1
    assert count("/livez", "other", 405) + count("-", "other", 405) == 1
    assert added["undertone_request_seconds_count", ("route", "/predict")] == 2
    assert not [key for key in added if "no-such-place" in str(key)]


def test_only_the_request_that_asks_is_in_flight(client):
    before = shown(client)["undertone_in_flight_requests",]
    client.post("/predict", json={"text": "good"})
    assert shown(client)["undertone_in_flight_requests",] == before >= 1


def test_a_batch_is_recorded_with_every_text_of_it(client, predictor):
    before = shown(client)
    predictions = predictor.predict(["good", "bad, bad, bad", "\u6211\u559c\u6b22\u6570\u5b66"])
    metrics.batch_done(predictions, [0.0001, 0.0004, 30.0], tokenization_seconds=0.0002, inference_seconds=0.004)
    added = shown(client) - before
    assert added["undertone_queue_seconds_count",] == 3
    assert added["undertone_queue_seconds_sum",] == pytest.approx(30.0005)
    assert added["undertone_queue_seconds_bucket", ("le", "0.0001")] == 1
    assert added["undertone_queue_seconds_bucket", ("le", "0.0005")] == 2
    assert added["undertone_queue_seconds_bucket", ("le", "1.0")] == 2
    assert added["undertone_queue_seconds_bucket", ("le", "+Inf")] == 3
    assert added["undertone_inference_seconds_count",] == added["undertone_tokenization_seconds_count",] == 1
    assert added["undertone_inference_seconds_sum",] == pytest.approx(0.004)
    assert added["undertone_batch_texts_sum",] == 3
    assert added["undertone_batch_tokens_sum",] == sum(one.tokens for one in predictions)
    assert added["undertone_tokens_total",] == sum(one.tokens for one in predictions)
    assert added["undertone_texts_total", ("language", "zh")] == 1
    assert sum(added["undertone_labels_total", ("label", label)] for label in LABELS) == 3


def test_what_has_not_happened_stands_there_as_0(client):
    names = set(shown(client))
    for reason in ("full", "deadline", "draining", "loading", "gone"):
        assert ("undertone_shed_total", ("reason", reason)) in names
    for result in ("ok", "failed"):
        assert ("undertone_reloads_total", ("result", result)) in names


def test_refusals_reloads_and_the_queue(client):
    before = shown(client)
    metrics.shed("full")
    metrics.reloaded(ok=False)
    metrics.queue(7, 0.25)
    after = shown(client)
    metrics.queue(0, 0)
    assert (after - before)["undertone_shed_total", ("reason", "full")] == 1
    assert (after - before)["undertone_reloads_total", ("result", "failed")] == 1
    assert after["undertone_queue_texts",] == 7
    assert after["undertone_queue_wait_seconds",] == 0.25


def test_only_the_model_that_is_served_is_shown(client):
    for version in ("aaaaaaaa", "bbbbbbbb", "bbbbbbbb"):
        metrics.model_served("default", version)
    models = [key for key in shown(client) if key[0] == "undertone_model_info"]
    assert models == [("undertone_model_info", ("name", "default"), ("version", "bbbbbbbb"))]


def test_a_streamed_answer_is_in_flight_until_it_is_closed(predictor):
    app = create_app(Settings(), ModelSlot(predictor))
    app.add_url_rule("/lines", view_func=lambda: Response(iter(["a", "b"])))
    client = app.test_client()
    before = shown(client)
    answer = client.get("/lines")
    during = shown(client)
    answer.close()
    after = shown(client)
    assert during["undertone_in_flight_requests",] == before["undertone_in_flight_requests",] + 1
    assert after["undertone_in_flight_requests",] == before["undertone_in_flight_requests",]
    assert ("undertone_request_seconds_count", ("route", "/lines")) not in during
    assert after["undertone_request_seconds_count", ("route", "/lines")] == 1


def test_a_request_that_the_server_breaks_off_is_not_in_flight_for_ever(predictor):
    app = create_app(Settings(), ModelSlot(predictor))

    def broken_off():
        raise SystemExit

    app.add_url_rule("/broken-off", view_func=broken_off)
    client = app.test_client()
    before = shown(client)
    with pytest.raises(SystemExit):
        client.get("/broken-off")
    assert shown(client)["undertone_in_flight_requests",] == before["undertone_in_flight_requests",]


def test_the_counts_of_workers_that_ended_are_kept_in_one_file(tmp_path):
    key = mmap_key("undertone_tokens_total", "undertone_tokens_total", (), (), "Tokens.")
    for pid, count in ((11, 5.0), (12, 7.0), (13, 1.0)):
        file = MmapedDict(str(tmp_path / f"counter_{pid}.db"))
        file.write_value(key, count, 0.0)
        file.close()
    for pid in (11, 12, 12):
        scrape.keep_counts(tmp_path, pid)
    (tokens,) = MultiProcessCollector(None, str(tmp_path)).collect()
    assert [sample.value for sample in tokens.samples] == [13]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["counter_13.db", "counter_ended.db"]


def test_the_documented_table_is_what_is_declared():
    page = (Path(__file__).resolve().parents[3] / "docs/operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(undertone_\w+)` \| (\w+) \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    declared = set()
    for metric in set(metrics.REGISTRY._names_to_collectors.values()):
        name = metric._name + "_total" * (metric._type == "counter")
        labels = ", ".join(f"`{label}`" for label in metric._labelnames)
        declared.add((name, metric._type, labels, metric._documentation))
    assert set(rows) == declared
