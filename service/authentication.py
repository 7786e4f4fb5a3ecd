"""Who may ask: with UNDERTONE_API_KEYS or UNDERTONE_API_KEYS_FILE set, only who sends one of those keys.

What is the same wherever Undertone runs stays open (the page, the OpenAPI document), and so do the probes: an
orchestrator has no key. All else, /metrics and paths that don't exist included, is answered 401.
"""

from ipaddress import ip_address
from pathlib import Path

from flask import Flask, request

from service.api_keys import EXPECTED, ApiKeys, split_keys
from service.problems import Problem
from service.settings import Settings, SettingsError

OPEN = frozenset(
    ("/", "/page/<name>", "/docs", "/openapi.json", "/livez", "/readyz", "/v2/health/live", "/v2/health/ready")
)
"""Routes that need no key."""

_HOW = "Send a key of this service as Authorization: Bearer KEY or as X-API-Key: KEY."


def keys_of(settings: Settings) -> ApiKeys:
    """Return the keys that the settings name, those of the file included.

    Raises:
        SettingsError: the file can't be read or holds what can't be a key.
    """
    keys = split_keys(settings.api_keys.get_secret_value()) if settings.api_keys else []
    if settings.api_keys_file is not None:
        try:
            keys += split_keys(Path(settings.api_keys_file).read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(
                f"UNDERTONE_API_KEYS_FILE={settings.api_keys_file!r} can't be read: {error.strerror}. Give the path of "
                "a file that this user may read, one key a line."
            ) from None
        except ValueError:  # a file that is no text too
            raise SettingsError(
                f"UNDERTONE_API_KEYS_FILE={settings.api_keys_file!r} can't be used. Expected: one or more {EXPECTED}, "
                "one a line. `openssl rand -hex 32` makes one."
            ) from None
    return ApiKeys(keys)


def exposed(settings: Settings, keys: ApiKeys) -> bool:
    """Return whether anyone on another machine may ask: the address is not this machine's own, and no key is needed."""
    try:
        local = ip_address(settings.host).is_loopback
    except ValueError:  # a name
        local = settings.host == "localhost"
    return not local and not keys


def register(app: Flask, keys: ApiKeys) -> None:
    """Make `app` refuse with 401, before it reads the body, who sends none of `keys`; nobody where there are none."""
    if not keys:
        return

    @app.before_request
    def check() -> None:
        if request.url_rule is not None and request.url_rule.rule in OPEN:
            return
        given = _given()
        if not given:
            raise _refusal("There is no API key in this request.", "")
        if not any(keys.accept(one) for one in given):
            raise _refusal("The API key of this request is none of this service's.", ', error="invalid_token"')


def _given() -> list[str]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = [token.strip()] if scheme.lower() == "bearer" else []
    sent.append(request.headers.get("X-API-Key", "").strip())
    return [one for one in sent if one]


def _refusal(what: str, error: str) -> Problem:
    return Problem(401, f"{what} {_HOW}", headers={"WWW-Authenticate": f'Bearer realm="undertone"{error}'})
