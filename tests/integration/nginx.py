"""A real nginx for a test, with deploy/nginx.conf, in front of a running service."""

import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress

import pytest
import trustme

from tests.integration.live_service import ROOT, free_port

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
PREFIX = "/sentiment"
AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/undertone.conf;
}}
"""


class Nginx:
    """A running nginx: its ports for HTTPS and HTTP, and a context that trusts its certificate."""

    def __init__(self, port, plain_port, context):
        self.port, self.plain_port, self.context = port, plain_port, context


@contextmanager
def nginx_before(service_port, folder):
    """Run nginx before the service at `service_port`; skip the test where there is no nginx."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("this test needs nginx: on Debian, apt-get install nginx-light")
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(folder / "tls.crt")
    certificate.private_key_pem.write_to_path(folder / "tls.key")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    port, plain_port = free_port(), free_port()
    (folder / "undertone.conf").write_text(_moved(folder, port, plain_port, service_port))
    # Root's nginx gives its workers to a user who may not enter the test's folder.
    is_root = (folder / "tls.key").owner() == "root"
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user="user root;" if is_root else ""))
    process = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf"])
    try:
        _wait_for(port, process, folder)
        yield Nginx(port, plain_port, context)
    finally:
        process.terminate()
        process.wait(20)


def _moved(folder, port, plain_port, service_port):
    """deploy/nginx.conf on other ports and with another certificate."""
    text = CONFIGURATION.read_text()
    changes = {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{service_port};",
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "/etc/nginx/tls/": f"{folder}/",
    }
    for old, new in changes.items():
        assert old in text, f"deploy/nginx.conf has no {old} any more"
        text = text.replace(old, new)
    return text


def _wait_for(port, process, folder):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nginx did not start:\n{(folder / 'error.log').read_text()}")
