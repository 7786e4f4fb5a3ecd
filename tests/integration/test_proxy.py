"""The service behind a real nginx, as deploy/nginx.conf sets it up: TLS, a prefix, connections that are kept."""

import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from live_service import ROOT, running
from nginx import CONFIGURATION, PREFIX, nginx_before

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def service(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("service"), default_artifact, WORKERS=1) as started:
        started.wait_ready()
        yield started


@pytest.fixture(scope="module")
def nginx(service, tmp_path_factory):
    with nginx_before(service.port, tmp_path_factory.mktemp("nginx")) as started:
        yield started


@pytest.fixture
def ask(nginx):
    """A function that returns (status, headers, body) of one request over TLS."""

    def ask(method, path, body=None, headers=None):
        connection = http.client.HTTPSConnection("localhost", nginx.port, timeout=30, context=nginx.context)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    return ask


def test_a_review_is_answered_over_tls_under_the_prefix(ask, service):
    body = json.dumps({"text": "i do not think the flower is beautiful"})
    status, _, answer = ask("POST", f"{PREFIX}/predict", body, JSON)
    assert status == 200
    assert json.loads(answer) == service.predict(json.loads(body))[1]


def test_errors_name_the_path_that_the_client_asked(ask):
    status, headers, body = ask("POST", f"{PREFIX}/predict", "{", JSON | {"X-Request-Id": "mine"})
    problem = json.loads(body)
    assert (status, problem["instance"]) == (400, f"{PREFIX}/predict")
    assert problem["request_id"] == headers["X-Request-Id"] == "mine"


def test_the_openapi_document_names_the_prefix(ask):
    assert json.loads(ask("GET", f"{PREFIX}/openapi.json")[2])["servers"] == [{"url": PREFIX}]


def test_what_a_client_says_of_itself_does_not_count(ask):
    told = {"X-Forwarded-Prefix": "/evil", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil.example"}
    assert json.loads(ask("GET", f"{PREFIX}/nothing", headers=told)[2])["instance"] == f"{PREFIX}/nothing"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_every_file_of_a_page_is_found_by_the_address_that_it_is_named_with(ask, path):
    status, headers, page = ask("GET", f"{PREFIX}{path}")
    assert status == 200
    assert headers["Strict-Transport-Security"]
    named = re.findall(rb'(?:href|src)="([^"]+)"', page)
    assert named
    for name in named:
        assert not name.startswith(b"/"), "an address from the root leaves the prefix"
        assert ask("GET", f"{PREFIX}/{name.decode()}")[0] == 200


def test_plain_http_and_a_missing_slash_are_redirected(ask, nginx):
    status, headers, _ = ask("GET", PREFIX)
    assert (status, headers["Location"]) == (308, f"https://localhost:{nginx.port}{PREFIX}/")
    plain = http.client.HTTPConnection("localhost", nginx.plain_port, timeout=30)
    plain.request("POST", f"{PREFIX}/predict", "{}", JSON)
    answer = plain.getresponse()
    answer.read()
    plain.close()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://localhost{PREFIX}/predict")


def test_metrics_stay_inside(ask):
    assert ask("GET", f"{PREFIX}/metrics")[0] == 404


@pytest.mark.parametrize(("size", "status"), [(1_048_576, 200), (1_048_577, 413), (5_000_000, 413)])
def test_large_bodies_are_answered_by_the_service_itself(ask, size, status):
    text = b'{"text": "good"}'
    code, headers, body = ask("POST", f"{PREFIX}/predict", text + b" " * (size - len(text)), JSON)
    assert code == status
    assert headers["Content-Type"] == ("application/json" if status == 200 else "application/problem+json")
    assert json.loads(body)


def test_connections_to_the_service_are_kept(ask, service):
    def good(_):
        return ask("POST", f"{PREFIX}/predict", '{"text": "good"}', JSON)[0]

    before = connections_of(service.port)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(good, range(200))) == {200}
    assert len(connections_of(service.port) - before) < 40


def connections_of(port):
    """The client's ends of the connections to a local port, open or lately closed."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return {line.split()[1] for line in lines if line.split()[2] == f"0100007F:{port:04X}"}


def test_nginx_lets_go_of_an_idle_connection_before_the_service_does():
    kept = int(re.search(r"keepalive_timeout (\d+)s;", CONFIGURATION.read_text())[1])
    own = re.search(r"^keepalive = (\d+)", (ROOT / "service/gunicorn_conf.py").read_text(), re.MULTILINE)
    assert kept < int(own[1])
