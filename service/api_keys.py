"""API keys: what may be one, and whether a given one is among them."""

import hashlib
import hmac
import re
from collections.abc import Iterable

EXPECTED = "keys of 16 to 256 characters, letters, digits and - . _ ~ + / ="
"""What may be a key: RFC 6750's characters, so that one fits behind `Bearer`."""

_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{16,256}")


def split_keys(text: str) -> list[str]:
    """Return the keys of `text`, which stand apart by commas or white space.

    Raises:
        ValueError: none, or one that can't be a key. The message holds no key.
    """
    keys = [key for key in re.split(r"[,\s]+", text) if key]
    if not keys or not all(_KEY.fullmatch(key) for key in keys):
        raise ValueError(f"not {EXPECTED}")
    return keys


class ApiKeys:
    """The keys of a service, of which it keeps only hashes. False where there are none.

    Parameters:
        keys: each as `split_keys` returns them.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._digests = [_digest(key) for key in keys]

    def __bool__(self) -> bool:
        """Return whether there is any key."""
        return bool(self._digests)

    def accept(self, given: str) -> bool:
        """Return whether `given` is one of the keys, in a time that says neither how much of it was right nor which."""
        digest = _digest(given)
        # sum, not any, which stops at a match.
        return sum(hmac.compare_digest(digest, own) for own in self._digests) > 0


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
