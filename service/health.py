"""Exits 0 when the service on this machine is ready, 1 otherwise: the image's health check.

python -m service.health
"""

import sys
import urllib.request

from service.settings import Settings

_SECONDS = 2


def main() -> int:
    """Asks /readyz of the port in the settings, past any proxy."""
    url = f"http://127.0.0.1:{Settings.from_environment().port}/readyz"
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=_SECONDS):
            return 0
    except OSError as error:  # an answer of 503 is one too
        print(f"{url}: {error}", file=sys.stderr)  # noqa: T201 - docker inspect shows it
        return 1


if __name__ == "__main__":
    sys.exit(main())
