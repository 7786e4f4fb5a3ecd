"""The log of a real service, from start to end: JSON in every line, an id for every request, nothing that was sent."""

import json

from live_service import running


def test_every_line_is_json_and_none_holds_what_was_sent(tmp_path, default_artifact):
    with running(tmp_path, default_artifact, LOG_LEVEL="debug") as server:
        server.wait_ready()
        headers = {"Content-Type": "application/json"}
        server.ask("POST", "/predict?secret", '{"text": "secret"}', headers | {"X-Request-Id": "id-1"})
        server.ask("POST", "/predict", '{"text": ["secret"]}', headers | {"X-Request-Id": "id-2"})
        server.ask("GET", "/secret", None, {"X-Request-Id": "id-3"})
        server.raw(b"secret review as a request line\r\n\r\n")
        server.process.terminate()
        assert server.process.wait(30) == 0
    log = server.log.read_text()
    assert "secret" not in log.lower()
    lines = [json.loads(line) for line in log.splitlines()]
    assert all({"time", "level", "logger", "pid", "message"} <= set(line) for line in lines)
    of_requests = {line["request_id"]: line for line in lines if line["message"] == "request"}
    assert (of_requests["id-1"]["route"], of_requests["id-1"]["status"]) == ("/predict", 200)
    assert of_requests["id-1"]["texts"] == 1
    assert (of_requests["id-2"]["route"], of_requests["id-2"]["status"]) == ("/predict", 422)
    assert (of_requests["id-3"]["route"], of_requests["id-3"]["status"]) == ("-", 404)
    assert {line["level"] for line in lines if line.get("route") == "/readyz"} == {"debug"}
    assert [line for line in lines if line["logger"] == "gunicorn.error"]
