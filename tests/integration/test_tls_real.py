"""TLS straight at the service: a real certificate, real handshakes, and those that never finish theirs."""

import http.client
import socket
import ssl
import subprocess
import sys
import time

import pytest
import trustme
from live_service import ROOT, START_SECONDS, environment, running


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(folder / "tls.crt")
    certificate.private_key_pem.write_to_path(folder / "tls.key")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return {"TLS_CERT": folder / "tls.crt", "TLS_KEY": folder / "tls.key"}


@pytest.fixture(scope="module")
def server(files, tmp_path_factory, default_artifact):
    context = ssl.create_default_context(cafile=files["TLS_CERT"].with_name("ca.pem"))
    folder = tmp_path_factory.mktemp("service")
    with running(folder, default_artifact, context, WORKERS=1, **files) as started:
        started.wait_ready()
        yield started


def test_reviews_are_answered_over_verified_tls(server):
    status, answer = server.predict({"text": "The flower is so beautiful"})
    assert (status, answer["label"]) == (200, "positive")
    assert f'"address":"https://127.0.0.1:{server.port}"' in server.log.read_text()


def test_one_connection_serves_several_requests(server):
    connection = server.connect()
    for body, status in [(b'{"text": "good"}', 200), (b"{", 400), (b'{"text": "bad"}', 200)] * 3:
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def test_a_body_of_many_records_is_read_whole(server):
    text = b'{"text": "good"}'
    status, _, body = server.ask(
        "POST", "/predict", text + b" " * (1_048_576 - len(text)), {"Content-Type": "application/json"}
    )
    assert status == 200, body


@pytest.mark.parametrize(("version", "accepted"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_nothing_older_than_tls_1_2_is_spoken(server, version, accepted):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")  # else the client itself would refuse the old one
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain, context.wrap_socket(plain):
            spoken = True
    except (ssl.SSLError, ConnectionError):
        spoken = False
    assert spoken == accepted


def test_plain_http_gets_no_answer_and_harms_nobody(server):
    plain = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    plain.request("GET", "/livez")
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.getresponse()
    plain.close()
    assert server.predict({"text": "good"})[0] == 200
    assert "Traceback" not in server.log.read_text()


def test_connections_without_a_handshake_hold_nobody_up_and_are_closed(server):
    silent = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(20)]
    started = time.monotonic()
    assert server.predict({"text": "good"})[0] == 200
    assert time.monotonic() - started < 5
    assert silent[0].recv(1) == b""
    assert time.monotonic() - started < 20
    for one in silent:
        one.close()


def test_the_health_check_asks_over_tls(server, files):
    given = environment(server.port, "x", **files) | {"https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, "-m", "service.health"], cwd=ROOT, env=given, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_key_of_another_certificate_ends_the_start(tmp_path, files):
    other = tmp_path / "other.key"
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(other)
    with running(tmp_path, "x", TLS_CERT=files["TLS_CERT"], TLS_KEY=other) as server:
        assert server.process.wait(START_SECONDS) == 2
    assert "UNDERTONE_TLS_KEY" in server.log.read_text()
