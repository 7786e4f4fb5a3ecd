"""What a proxy in front says of a request: the client's address, the scheme, the host, the prefix of the path.

It says so in X-Forwarded-For, -Proto, -Host and -Prefix. Anyone can send those, so they count only from addresses of
UNDERTONE_FORWARDED_ALLOW_IPS.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Network = IPv4Network | IPv6Network
EXPECTED = "addresses or networks such as 10.0.0.0/8, comma-separated, or *"

_FOR = "HTTP_X_FORWARDED_FOR"
_PREFIX = "HTTP_X_FORWARDED_PREFIX"
_TOLD = (_FOR, "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", _PREFIX)
_PATH = re.compile(r"(/[A-Za-z0-9._~-]{1,100}){1,10}")


def networks_of(text: str) -> tuple[Network, ...]:
    """Return the networks that `text` names; * is all of them.

    Raises:
        ValueError: one of them is neither an address nor a network.
    """
    if text.strip() == "*":
        return (ip_network("0.0.0.0/0"), ip_network("::/0"))
    return tuple(ip_network(one.strip()) for one in text.split(","))


class Forwarded:
    """WSGI application that tells the one inside what trusted proxies said.

    Parameters:
        app: the application inside.
        trusted: where the proxies are.
    """

    def __init__(self, app: "WSGIApplication", trusted: Iterable[Network]) -> None:
        self._app = app
        # Each of them says one host, scheme and prefix; of addresses there is one for every proxy passed.
        self._behind_proxy = ProxyFix(app, x_for=0, x_proto=1, x_host=1, x_prefix=1)
        networks = tuple(trusted)
        self._trusts = lru_cache(1024)(lambda address: _within(address, networks))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if not any(name in environ for name in _TOLD) or not self._trusts(environ.get("REMOTE_ADDR", "")):
            return self._app(environ, start_response)
        environ["REMOTE_ADDR"] = self._client(environ)
        prefix = environ.pop(_PREFIX, "").strip().rstrip("/")
        if _PATH.fullmatch(prefix):
            environ[_PREFIX] = prefix
        return self._behind_proxy(environ, start_response)

    def _client(self, environ: "WSGIEnvironment") -> str:
        """Return the address of whom the outermost trusted proxy answered: what stands left of it anyone can write."""
        client = str(environ["REMOTE_ADDR"])
        for told in reversed(environ.get(_FOR, "").split(",")):
            address = told.strip().strip("[]")
            if not self._trusts(client) or not _is_address(address):
                break
            client = address
        return client


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _within(text: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    # A service that listens on :: sees an IPv4 peer so.
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
