"""TLS straight at the service, for where no proxy in front does it."""

import ssl
from collections.abc import Callable
from typing import Any

from service.settings import Settings, SettingsError


def check(settings: Settings) -> None:
    """Check certificate and key where the settings name them.

    Raises:
        SettingsError: there is one without the other, they can't be read, or don't belong together.
    """
    if settings.tls_cert is None and settings.tls_key is None:
        return
    if settings.tls_cert is None or settings.tls_key is None:
        raise SettingsError("UNDERTONE_TLS_CERT and UNDERTONE_TLS_KEY need each other: set both or neither.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.tls_cert, settings.tls_key, password=_no_password
        )
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise SettingsError(
            f"UNDERTONE_TLS_CERT={settings.tls_cert!r} and UNDERTONE_TLS_KEY={settings.tls_key!r} can't be used: "
            f"{error}. Expected: files that this user may read, a certificate with its chain and the key that belongs "
            "to it, in PEM and without a password."
        ) from None


def context(_: Any, make_default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return what connections are encrypted with: gunicorn's own, never below TLS 1.2."""
    made = make_default()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def _no_password() -> str:
    raise ValueError("the key is encrypted")  # else OpenSSL would ask at the terminal
