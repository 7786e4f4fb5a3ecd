"""Whether a client is still there, on real sockets."""

import socket

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from service.client import leaving


@pytest.fixture
def pair():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        server, _ = listener.accept()
        with server:
            yield client, server


def gone(server):
    return leaving(Request(EnvironBuilder(environ_base={"gunicorn.socket": server}).get_environ()))


def test_a_client_that_waits_or_has_sent_its_next_request_is_there(pair):
    client, server = pair
    assert not gone(server)()
    client.sendall(b"POST /predict HTTP/1.1\r\n")
    assert not gone(server)()
    assert server.recv(4) == b"POST"  # the look took nothing


def test_one_that_closed_is_gone_although_bytes_of_it_wait(pair):
    client, server = pair
    client.sendall(b"x")
    client.close()
    assert gone(server)()


def test_a_socket_closed_on_this_side_means_gone(pair):
    _, server = pair
    told = gone(server)
    server.close()
    assert told()


def test_where_the_server_shows_no_socket_the_client_is_there():
    assert not leaving(Request(EnvironBuilder().get_environ()))()
