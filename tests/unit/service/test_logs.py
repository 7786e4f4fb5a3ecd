"""Lines of the log: JSON for machines, short lines for a terminal, never what a client sent."""

import json
import logging
import logging.config
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.logs import JsonLines, PlainLines, WithoutRequestBytes, logging_config


def record(message, *args, name="service.test", error=None):
    exc_info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, exc_info)


def raised(message):
    try:
        raise RuntimeError(message)
    except RuntimeError as error:
        return error


def test_a_line_is_one_json_object_with_time_level_logger_pid_message_and_fields():
    made = record("request", {"route": "/predict", "status": 200, "ms": 1.25})
    line = json.loads(JsonLines().format(made))
    time = datetime.fromisoformat(line.pop("time"))
    assert time.utcoffset() == timedelta(0)
    assert abs(time.timestamp() - made.created) < 0.002
    assert line == {
        "level": "warning",
        "logger": "service.test",
        "pid": made.process,
        "message": "request",
        "route": "/predict",
        "status": 200,
        "ms": 1.25,
    }


@pytest.mark.parametrize(
    ("message", "args", "shown"),
    [
        ("a\nb", (), "a\nb"),
        ("%s of %d", ("x", 3), "x of 3"),
        ("我喜欢", (), "我喜欢"),
        ("half \ud800", (), "half \ud800"),
        ("%(a)s", ({"a": object},), str(object)),
    ],
    ids=range(5),
)
def test_whatever_a_message_holds_its_line_is_one_line_of_json(message, args, shown):
    line = JsonLines().format(record(message, *args))
    line.encode()
    assert len(line.splitlines()) == 1
    assert json.loads(line)["message"] == shown


def test_a_line_of_a_request_has_its_id(app):
    with app.test_request_context(headers={"X-Request-Id": "abc-1"}):
        assert json.loads(JsonLines().format(record("half of it")))["request_id"] == "abc-1"
        assert json.loads(JsonLines().format(record("all of it", {"request_id": "own"})))["request_id"] == "own"
    assert "request_id" not in json.loads(JsonLines().format(record("outside")))


def test_an_error_brings_its_traceback_in_the_same_line():
    line = json.loads(JsonLines().format(record("failed", error=raised("why"))))
    assert line["traceback"].startswith("Traceback")
    assert line["traceback"].endswith("RuntimeError: why")


def test_on_a_terminal_a_line_is_short_and_the_traceback_stands_under_it():
    shown = PlainLines().format(record("request", {"route": "/predict", "status": 200}))
    assert shown[8:] == " warning  request route=/predict status=200"
    assert PlainLines().format(record("failed", error=raised("why"))).splitlines()[1].startswith("Traceback")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Invalid request from ip=127.0.0.1: Invalid HTTP request line: 'secret review'", "ip=127.0.0.1"),
        ("Error handling request /secret", "(not shown)"),
    ],
)
def test_what_gunicorn_quotes_of_a_request_is_cut(message, shown):
    made = record(message, name="gunicorn.error", error=raised("secret"))
    assert WithoutRequestBytes().filter(made)
    line = JsonLines().format(made)
    assert "secret" not in line
    assert shown in json.loads(line)["message"]
    assert "test_logs.py" in json.loads(line)["traceback"]


@pytest.mark.parametrize(("terminal", "formatter"), [(True, PlainLines), (False, JsonLines)])
def test_people_read_plain_lines_and_machines_json(terminal, formatter):
    given = logging_config("info", terminal)
    made = logging.config.DictConfigurator(given).configure_formatter(given["formatters"]["line"])
    assert isinstance(made, formatter)


def test_the_documented_line_is_what_a_request_writes(client, caplog):
    page = (Path(__file__).resolve().parents[3] / "docs/operations.md").read_text(encoding="utf-8")
    documented = json.loads(re.search(r"## Logs.*?```json\n(.*?)```", page, re.DOTALL)[1])
    with caplog.at_level(logging.INFO):
        client.post("/predict", json={"text": "good"})
    made = next(one for one in caplog.records if one.getMessage() == "request")
    assert list(json.loads(JsonLines().format(made))) == list(documented)
