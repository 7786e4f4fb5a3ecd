"""Headers of trusted proxies are believed; the same from anyone else are not."""

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from service.app import create_app
from service.forwarded import Forwarded, networks_of
from service.settings import Settings, SettingsError

PROXY = {"REMOTE_ADDR": "10.0.0.7"}
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}
TOLD = {
    "X-Forwarded-For": "198.51.100.4",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "reviews.example",
    "X-Forwarded-Prefix": "/sentiment",
}


def seen(peer, headers, trusted="10.0.0.0/8,2001:db8::/32"):
    """What the application inside sees: client, scheme, host, prefix."""

    def app(environ, start_response):
        start_response("200 OK", [])
        return [
            repr([environ[name] for name in ("REMOTE_ADDR", "wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME")]).encode()
        ]

    environ = EnvironBuilder(path="/predict", headers=headers).get_environ() | peer
    body, _, _ = run_wsgi_app(Forwarded(app, networks_of(trusted)), environ)
    return eval(b"".join(body))


def test_a_trusted_proxy_is_believed():
    assert seen(PROXY, TOLD) == ["198.51.100.4", "https", "reviews.example", "/sentiment"]
    assert seen({"REMOTE_ADDR": "::ffff:10.0.0.7"}, TOLD)[0] == "198.51.100.4"
    assert seen({"REMOTE_ADDR": "2001:db8::1"}, TOLD)[0] == "198.51.100.4"


@pytest.mark.parametrize("peer", ["203.0.113.9", "11.0.0.1", "::1", "", "unix:"])
def test_nobody_else_is(peer):
    assert seen({"REMOTE_ADDR": peer}, TOLD) == [peer, "http", "localhost", ""]


def test_a_star_trusts_everyone():
    assert seen(STRANGER, TOLD, trusted="*")[0] == "198.51.100.4"


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ("198.51.100.4, 10.0.0.8, 10.0.0.9", "198.51.100.4"),  # two more of ours
        ("1.2.3.4, 198.51.100.4", "198.51.100.4"),  # the client wrote the first
        ("1.2.3.4, unknown, 10.0.0.8", "10.0.0.8"),
        ("<script>", "10.0.0.7"),
        ("", "10.0.0.7"),
        ("10.0.0.5, 10.0.0.6", "10.0.0.5"),
        ("[2001:470::1]", "2001:470::1"),
    ],
)
def test_the_client_is_whom_the_outermost_trusted_proxy_saw(told, client):
    assert seen(PROXY, {"X-Forwarded-For": told})[0] == client


@pytest.mark.parametrize(
    ("told", "prefix"),
    [
        ("/a/b/", "/a/b"),
        ("/", ""),
        ("sentiment", ""),
        ("//evil.example", ""),
        ("/a/../b?x", ""),
        ("/<script>", ""),
        ("/" + "a" * 101, ""),
        ("/a, /b", ""),
    ],
)
def test_only_a_plain_path_is_a_prefix(told, prefix):
    assert seen(PROXY, {"X-Forwarded-Prefix": told})[3] == prefix


def test_errors_and_the_openapi_document_name_the_address_that_clients_use():
    client = create_app(Settings()).test_client()  # of 127.0.0.1, trusted by default
    assert client.get("/nothing", headers=TOLD).json["instance"] == "/sentiment/nothing"
    assert client.get("/nothing").json["instance"] == "/nothing"
    assert client.get("/openapi.json", headers=TOLD).json["servers"] == [{"url": "/sentiment"}]
    assert client.get("/openapi.json").json["servers"] == [{"url": "/"}]
    stranger = client.get("/nothing", headers=TOLD, environ_base=STRANGER)
    assert stranger.json["instance"] == "/nothing"


def test_the_address_of_the_client_is_logged_at_debug_alone(caplog):
    client = create_app(Settings()).test_client()
    for level, written in (("INFO", False), ("DEBUG", True)):
        caplog.clear()
        caplog.set_level(level)
        client.get("/model", headers=TOLD)
        logged = str([(record.msg, record.args) for record in caplog.records])
        assert ("198.51.100.4" in logged) == written
        assert "127.0.0.1" not in logged


@pytest.mark.parametrize("value", ["10.0.0.0/33", "10.0.0.1/8", "proxy", "10.0.0.1,", "10.0.0.1 10.0.0.2", "*,::1"])
def test_what_names_no_network_is_refused(value):
    with pytest.raises(SettingsError, match="UNDERTONE_FORWARDED_ALLOW_IPS"):
        Settings.from_environment({"UNDERTONE_FORWARDED_ALLOW_IPS": value})
