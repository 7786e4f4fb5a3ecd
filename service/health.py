"""Exits 0 when the service on this machine is ready, 1 otherwise: the image's health check.

python -m service.health
"""

import ssl
import sys
import urllib.request

from service.settings import Settings

_SECONDS = 2


def main() -> int:
    """Asks /readyz of the address in the settings, past any proxy."""
    settings = Settings.from_environment()
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to listen on; here it is asked
    asked = settings.model_copy(update={"host": everywhere.get(settings.host, settings.host)})
    url = f"{asked.address}/readyz"
    # The certificate is another name's; who answers on this machine is not in doubt.
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    openers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unverified)
    try:
        with urllib.request.build_opener(*openers).open(url, timeout=_SECONDS):
            return 0
    except OSError as error:  # an answer of 503 is one too
        print(f"{url}: {error}", file=sys.stderr)  # noqa: T201 - docker inspect shows it
        return 1


if __name__ == "__main__":
    sys.exit(main())
