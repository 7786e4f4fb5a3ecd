"""deploy/alerts.yml asks for series that exist; each alert is tested by promtool and explained in the docs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from queries import unknown

from service.settings import Settings

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
NAMES = {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_its_series_and_labels_exist(rule):
    assert unknown(rule["expr"]) == []


def test_a_series_that_does_not_exist_is_noticed():
    assert unknown('rate(undertone_shed_total{cause="full"}[5m]) > rate(undertone_sheds[5m])') == [
        "undertone_shed_total.cause",
        "undertone_sheds",
    ]


def test_each_is_explained_in_the_docs():
    operations = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(Undertone\w+)` \|", operations, re.MULTILINE)) == NAMES


def test_the_queue_is_called_long_before_texts_are_refused():
    (rule,) = (rule for rule in RULES if rule["alert"] == "UndertoneQueueLong")
    assert float(rule["expr"].split(">")[1]) * 1000 < Settings.from_environment({}).queue_ms


def test_each_has_a_test_of_firing():
    groups = yaml.safe_load((HERE / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    fired = {case["alertname"] for group in groups for case in group["alert_rule_test"] if case.get("exp_alerts")}
    assert fired == NAMES


@pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed (Debian: apt-get install prometheus)"
)
@pytest.mark.parametrize(
    "command",
    [("check", "config", "deploy/prometheus.yml"), ("test", "rules", "tests/unit/deploy/alerts_test.yml")],
    ids=["configuration", "rules"],
)
def test_promtool_agrees(command):
    answer = subprocess.run(["promtool", *command], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stdout + answer.stderr
