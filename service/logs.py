"""How the service logs: one JSON object a line on standard error; on a terminal, lines for people.

log.info("request", {"method": "POST", "status": 200})    a message that never varies, and fields
"""

import json
import logging
import sys
from datetime import UTC, datetime
from select import POLLOUT
from typing import Any

import orjson
from gevent.monkey import get_original
from gunicorn.glogging import Logger

from service.request_log import request_id
from service.trace import trace

log = logging.getLogger(__name__)


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
        if record.name.startswith("service"):
            return True
        message = record.getMessage()
        for start in ("Invalid request from ip=", "Error handling request "):
            if message.startswith(start):
                kept = message.removeprefix(start).split(":")[0] if start.endswith("=") else "(not shown)"
                record.msg, record.args = f"{start}{kept}: malformed HTTP", ()
                if record.exc_info and (error := record.exc_info[1]):
                    record.exc_info, record.exc_text = None, trace(error)
        return True


class NeverWaiting(logging.StreamHandler):  # type: ignore[type-arg] # the stream is standard error
    """Writes to standard error, and drops the line where that is a pipe whose reader is behind by all it can hold.

    A reader that stops must not stop the service. When it goes on, one line says how many are missing. A line of more
    than 4 KB, as a traceback may be, can still wait.
    """

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._poll = get_original("select", "poll")()  # gevent's own would wait
        self._poll.register(sys.stderr.fileno(), POLLOUT)
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of `record`, or count it."""
        if not self._poll.poll(0):
            self._lost += 1
            return
        super().emit(record)
        if self._lost:
            lost, self._lost = self._lost, 0
            log.warning("lines of the log were lost: its reader is too slow", {"lines": lost})


class JsonLines(logging.Formatter):
    """time (RFC 3339, UTC), level, logger, pid, message, request_id where there is one, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; `record.args` are its fields where they are a mapping."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
        } | _fields(record)
        if found := _traceback(self, record):
            line["traceback"] = found
        try:
            return orjson.dumps(line, default=str).decode()
        except orjson.JSONEncodeError:  # a name with half a surrogate pair, as a path may have one
            return json.dumps(line, default=str)


class PlainLines(logging.Formatter):
    """The same for a person at a terminal: a short time, `key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback where there is one on lines of its own."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        line = f"{time} {record.levelname.lower():8} {record.getMessage()}{fields}"
        return f"{line}\n{found}" if (found := _traceback(self, record)) else line


def logging_config(level: str, terminal: bool) -> dict[str, Any]:
    """Return the `logging.config.dictConfig` for gunicorn and the service.

    Parameters:
        level: debug, info, warning or error; lines below it are not written.
        terminal: whether a person reads standard error as it is written.
    """
    own = {"level": level.upper(), "handlers": ["stderr"], "propagate": False}
    gunicorn = own | {"level": "INFO"} if level == "debug" else own  # its debug lines quote paths
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_request_bytes": {"()": WithoutRequestBytes}},
        "formatters": {"line": {"()": PlainLines if terminal else JsonLines}},
        "handlers": {
            "stderr": {
                "()": NeverWaiting,
                "formatter": "line",
                "filters": ["without_request_bytes"],
            }
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": gunicorn, "service": own},
    }


def without_callers() -> None:
    """Leave out of every record what no line shows: it would be a fifth of a line's cost ("Optimization", Python's
    logging HOWTO)."""
    logging._srcfile = None
    logging.logThreads = logging.logMultiprocessing = False


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = dict(record.args) if isinstance(record.args, dict) else {}
    if "request_id" not in fields and (found := request_id()) != "-":
        return {"request_id": found, **fields}
    return fields


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str | None:
    if record.exc_info and not record.exc_text:
        record.exc_text = formatter.formatException(record.exc_info)
    return record.exc_text
