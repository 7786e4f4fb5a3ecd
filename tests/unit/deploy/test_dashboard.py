"""The Grafana dashboard asks for what exists, from the source that is provisioned, and no panel covers another."""

import json
import re
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from queries import unknown

GRAFANA = Path(__file__).resolve().parents[3] / "deploy" / "grafana"
DASHBOARD = json.loads((GRAFANA / "undertone.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = {f"{panel['title']}, {one['refId']}": one["expr"] for panel in PANELS for one in panel["targets"]}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_series_labels_and_variables_exist(query):
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert set(re.findall(r"\$(\w+)", query)) <= variables | {"__rate_interval"}
    assert unknown(query.replace("$__rate_interval", "1m")) == []


@pytest.mark.parametrize(
    "variable", [one for one in DASHBOARD["templating"]["list"] if one["type"] == "query"], ids=lambda one: one["name"]
)
def test_variables_are_labels_of_a_series(variable):
    series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
    assert label == variable["name"]
    assert unknown(series) == []


def test_panels_have_numbers_of_their_own_and_stand_side_by_side():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for one, other in combinations([panel["gridPos"] for panel in DASHBOARD["panels"]], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)
    assert max(panel["gridPos"]["x"] + panel["gridPos"]["w"] for panel in DASHBOARD["panels"]) == 24


def test_the_interval_of_the_source_is_that_of_the_scrapes():
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    scrapes = yaml.safe_load((GRAFANA.parent / "prometheus.yml").read_text())["global"]
    assert source["jsonData"]["timeInterval"] == scrapes["scrape_interval"]
