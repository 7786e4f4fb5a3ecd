"""Where an error came from, without what it says: a message may quote a review."""

import traceback


def trace(error: BaseException) -> str:
    """Return types and places of an exception and of those that caused it: all of the traceback but the messages."""
    before = error.__cause__ or error.__context__
    frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    own = f"{type(error).__module__}.{type(error).__qualname__}\n{frames}"
    return own if before is None else f"{own}\nwhile handling {trace(before)}"
