"""How the service logs: one line an event on standard error, `key=value` where a machine may want it."""

import logging
from typing import Any

from gunicorn.glogging import Logger


class ServerLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's log without its access lines: they quote the path, and request_log.py writes one a request."""

    def access(self, *_: Any) -> None:
        """Write nothing."""


class WithoutRequestBytes(logging.Filter):
    """Cuts what a client sent out of gunicorn's own warnings.

    When a client miscounts its body, what is left of a review arrives where a request line is expected, and
    gunicorn quotes it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record; shorten those that quote a request."""
        message = record.getMessage()
        for start in ("Invalid request from ip=", "Error handling request "):
            if message.startswith(start):
                kept = message.removeprefix(start).split(":")[0] if start.endswith("=") else "(not shown)"
                record.msg, record.args = f"{start}{kept}: malformed HTTP", ()
        return True


def logging_config(level: str) -> dict[str, Any]:
    """Return the `logging.config.dictConfig` for gunicorn and the service.

    Parameters:
        level: debug, info, warning or error; lines below it are not written.
    """
    server = {"level": level.upper(), "handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_request_bytes": {"()": "service.logs.WithoutRequestBytes"}},
        "formatters": {
            "line": {
                "format": "%(asctime)s level=%(levelname)s pid=%(process)d logger=%(name)s %(message)s",
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["without_request_bytes"],
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": server, "service": server},
    }
