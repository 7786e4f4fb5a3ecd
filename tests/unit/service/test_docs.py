"""docs/api.md and docs/operations.md are true: commands are run, answers compared, settings looked up."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import gevent
import pytest

from service.app import create_app
from service.model_slot import ModelSlot
from service.settings import Settings, as_markdown, table

DOCS = Path(__file__).resolve().parents[3] / "docs"
API = (DOCS / "api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"```sh\n(?P<command>[^`]*\bcurl\b[^`]*)```\s*```(?P<kind>(?:nd)?json)\n(?P<answer>.*?)```", re.DOTALL
)
SHOWN = [json.loads(block) | {"request_id": ""} for block in re.findall(r"```json\n(.*?)```", API, re.DOTALL)]
FOUND = list(EXAMPLE.finditer(API))
EXAMPLES = [(found["command"], json.loads(found["answer"])) for found in FOUND if found["kind"] == "json"]
STREAMS = [(found["command"], found["answer"].splitlines()) for found in FOUND if found["kind"] == "ndjson"]


def run(client, command):
    """Send what a curl command would send."""
    before, _, curl = command.replace("\\\n", " ").rpartition("|\n")
    words = iter(shlex.split(curl or before)[1:])
    path, headers, data = "", {}, None
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word in ("-d", "--data-binary"):
            data = next(words).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif word.startswith("http"):
            assert word.startswith("http://127.0.0.1:8000/")
            path = urlsplit(word).path.replace("/models/default/", f"/models/{client.get('/model').json['name']}/")
        else:
            raise AssertionError(f"this test does not know curl's {word}")
    if data == b"@-":
        data = subprocess.run(["sh", "-c", before], capture_output=True, check=True).stdout
    return client.open(path, method="GET" if data is None else "POST", data=data, headers=headers)


def form(value):
    """The keys and types of a JSON value, in their order."""
    if isinstance(value, dict):
        return [(key, form(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [form(item) for item in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_documented_commands_are_answered_as_shown(client, command, shown):
    answer = run(client, command)
    assert form(answer.json) == form(shown)
    if answer.status_code >= 400:
        assert answer.json | {"request_id": ""} == shown | {"request_id": ""}


@pytest.mark.parametrize(("command", "shown"), STREAMS, ids=range(len(STREAMS)))
def test_documented_streams_are_answered_as_shown(client, command, shown):
    lines = run(client, command).text.splitlines()
    assert [form(json.loads(line)) for line in lines] == [form(json.loads(line)) for line in shown]


def test_every_status_is_documented_with_an_example(app):
    statuses = set(app.test_client().get("/openapi.json").json["paths"]["/predict"]["post"]["responses"]) - {"200"}
    assert set(re.findall(r"^\| (\d{3}) \|", API, re.MULTILINE)) == statuses | {"401", "404"}
    assert {str(shown["status"]) for _, shown in EXAMPLES if "title" in shown} >= statuses - {
        "408",
        "429",
        "500",
        "503",
        "504",
    }


@pytest.mark.parametrize(("status", "given"), [(429, {"queue_ms": 1}), (504, {"deadline_ms": 10})])
def test_429_and_504_are_answered_as_shown(slow_predictor, status, given):
    settings = Settings(**given)
    slot = ModelSlot(slow_predictor, settings)
    waiting = gevent.spawn(slot.predict, ["good"] * 300)
    gevent.sleep(0.01)
    answer = create_app(settings, slot).test_client().post("/predict", json={"texts": ["good"] * 128})
    waiting.kill()
    shown = next(one for one in SHOWN if one.get("status") == status)
    same = {name: re.sub(r"[0-9,]+", "N", str(value)) for name, value in answer.json.items()}
    assert same | {"request_id": ""} == {name: re.sub(r"[0-9,]+", "N", str(value)) for name, value in shown.items()}
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 429)


def test_500_and_503_are_answered_as_shown(broken_client):
    for client, status in ((broken_client, 500), (create_app(Settings()).test_client(), 503)):
        answer = client.post("/predict", json={"text": "good"})
        assert answer.status_code == status
        assert answer.json | {"request_id": ""} in SHOWN


def test_401_is_answered_as_shown():
    shown = [json.loads(block) | {"request_id": ""} for block in re.findall(r"```json\n(.*?)```", API, re.DOTALL)]
    answer = create_app(Settings(api_keys="0123456789abcdef")).test_client().post("/predict")
    assert answer.json | {"request_id": ""} in shown


def test_every_path_stands_in_the_table(app):
    documented = set(re.findall(r"^\| `((?:GET|POST) /\S*)` \|", API, re.MULTILINE))
    routes = {f"{m} {rule.rule}" for rule in app.url_map.iter_rules() for m in rule.methods - {"HEAD", "OPTIONS"}}
    assert documented == routes


def test_the_documented_limits_are_the_defaults():
    for row in (row for row in table() if row.name.startswith("max_")):
        line = next(line for line in API.splitlines() if f"`{row.variable}`" in line)
        shown = line.split("|")[2].replace(",", "").replace("1 MiB", "1048576")
        assert row.default in shown


def test_the_settings_table_is_the_one_in_the_code():
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- settings:.*?-->\n(.*?)\n<!-- end of settings -->", text, re.DOTALL)
    assert found
    assert found[1] == as_markdown(), "run: python -m service.settings --markdown"


@pytest.mark.parametrize("file", sorted([*DOCS.glob("*.md"), *DOCS.parent.glob("*.md")]), ids=lambda file: file.name)
def test_every_setting_that_a_page_names_exists(file):
    known = {row.variable for row in table()}
    assert set(re.findall(r"UNDERTONE_[A-Z0-9_]*[A-Z0-9]", file.read_text(encoding="utf-8"))) <= known
