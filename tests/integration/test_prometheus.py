"""A real Prometheus scrapes a real service as deploy/ says, and every query of the dashboard finds numbers."""

import json
import math
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager

import pytest
import yaml
from live_service import ROOT, free_port, running

pytestmark = pytest.mark.skipif(
    not shutil.which("prometheus"), reason="Prometheus is not installed (Debian: apt-get install prometheus)"
)

SECONDS = 60
DASHBOARD = json.loads((ROOT / "deploy/grafana/undertone.json").read_text(encoding="utf-8"))
QUERIES = [one["expr"] for panel in DASHBOARD["panels"] for one in panel.get("targets", [])]


class Prometheus:
    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/api/v1"

    def get(self, path, **parameters):
        with urllib.request.urlopen(f"{self.url}/{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def numbers(self, query):
        found = [float(one["value"][1]) for one in self.get("query", query=query)["result"]]
        return [number for number in found if not math.isnan(number)]


@contextmanager
def scraping(folder, service):
    """Prometheus with the repository's configuration, asking `service` instead, once a second."""
    configuration = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text(encoding="utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{service.port}"]
    shutil.copy(ROOT / "deploy/alerts.yml", folder)
    file, port = folder / "prometheus.yml", free_port()
    file.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        yield Prometheus(port)
    finally:
        process.terminate()
        process.wait(30)


def filled(query):
    for variable, value in (("$__rate_interval", "30s"), ("$job", ".+"), ("$instance", ".+")):
        query = query.replace(variable, value)
    return query


@pytest.fixture(scope="module")
def watched(default_artifact, tmp_path_factory):
    """Prometheus after some scrapes of a service that answered meanwhile, and the queries that stayed empty."""
    folder = tmp_path_factory.mktemp("watched")
    with running(folder, default_artifact) as service:
        service.wait_ready()
        with scraping(folder, service) as prometheus:
            left, end = QUERIES, time.monotonic() + SECONDS
            while left and time.monotonic() < end:
                assert service.predict({"texts": ["The room was not as bad as I feared.", "我不喜欢数学"]})[0] == 200
                time.sleep(0.5)
                try:
                    left = [query for query in QUERIES if not prometheus.numbers(filled(query))]
                except urllib.error.URLError:
                    continue  # it is still starting
            yield prometheus, left


def test_every_query_of_the_dashboard_finds_numbers(watched):
    _, left = watched
    assert left == []


def test_every_alert_is_evaluated_and_none_fires(watched):
    prometheus, _ = watched
    (group,) = prometheus.get("rules")["groups"]
    assert {rule["name"]: (rule["health"], rule["state"]) for rule in group["rules"]} == {
        rule["name"]: ("ok", "inactive") for rule in group["rules"]
    }
    assert len(group["rules"]) == len(yaml.safe_load((ROOT / "deploy/alerts.yml").read_text())["groups"][0]["rules"])


def test_sums_are_over_both_workers(watched):
    prometheus, _ = watched
    (texts,), (batches,) = (
        prometheus.numbers(f"sum({name})") for name in ("undertone_texts_total", "undertone_batch_texts_sum")
    )
    assert texts == batches > 0
