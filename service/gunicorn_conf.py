"""gunicorn's configuration, derived from the settings; `python -m service` starts gunicorn with it.

The master stays without torch. At the start each worker answers 503 from the moment it is forked, while it loads the
model in a thread. A worker that replaces another takes no request before it can answer. A model that can't be loaded
at the start ends the whole service with status 3: a restart would fail the same way, and whoever started the service (a
container runtime, systemd) is who should know. Later it ends nothing: a worker that replaces another tries again, while
the others answer with the model that they have.
"""

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from gunicorn.errors import HaltServer

from service import metrics_folder

metrics_folder.make()  # first: what follows imports prometheus_client, which looks for it then

from service import scrape, tls
from service.app import SLOT
from service.authentication import exposed, keys_of
from service.cores import available_cores
from service.loading import load_in_thread
from service.logs import ServerLog, logging_config, without_callers
from service.open_files import make_room
from service.reload import Reloader, ReloadOrders
from service.settings import Settings, unknown_variables
from service.startup import Startup
from service.watch import watch

if TYPE_CHECKING:
    from flask import Flask

    from service.model_slot import ModelSlot

BOOT_FAILED = 3
"""gunicorn ends the master when a worker exits with this status (gunicorn.arbiter.Arbiter.WORKER_BOOT_ERROR)."""

_settings = Settings.from_environment()
_startup = Startup(_settings.workers)
_orders = ReloadOrders()
_memory = Path("/dev/shm")  # noqa: S108 - only gunicorn's heartbeat files go there

wsgi_app = "service.app:create_app()"
bind = [_settings.bind]
certfile = _settings.tls_cert
keyfile = _settings.tls_key
ssl_context = tls.context
# service.forwarded reads those headers, gunicorn none: trusting everybody with nothing spares it a look at addresses.
forwarded_allow_ips = "*"
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
limit_request_line = 4094  # bytes; longer: 414
limit_request_fields = 64  # headers; more: 431
limit_request_field_size = 8190  # bytes, room for a browser's cookies; longer: 431
http_parser = "python"  # the one in C saves 8 µs a request, and has to be compiled where it is installed
worker_class = "service.worker.Worker"
workers = _settings.workers
worker_connections = _settings.connections
timeout = 30  # seconds without a heartbeat, after which a worker is replaced
graceful_timeout = 30  # seconds for the answers under way on SIGTERM
keepalive = 65  # seconds; longer than the 60 of most proxies, so that the proxy is who closes
control_socket_disable = True  # it would be made under the home directory, which a container's user may lack
worker_tmp_dir = str(_memory) if os.access(_memory, os.W_OK) else None  # a heartbeat must never wait for a disk
logger_class = ServerLog
loglevel = _settings.log_level
logconfig_dict = logging_config(_settings.log_level, terminal=sys.stderr.isatty())
without_callers()
log = logging.getLogger(__name__)


def on_starting(server: Any) -> None:
    """Say in the log what is probably not meant, and make SIGHUP reload the model instead of the workers."""
    server.handle_hup = _orders.give
    for sentence in unknown_variables(os.environ):
        log.warning("%s", sentence)
    if exposed(_settings, keys_of(_settings)):
        log.warning(
            "no API keys are set: whoever reaches %s is answered. Set UNDERTONE_API_KEYS, or let only those reach it "
            "who may ask",
            _settings.address,
        )
    if (room := make_room(_settings.connections)) < _settings.connections:
        log.warning(
            "room for %d connections a worker, and not for %d: the system's limit of open files is lower (ulimit -Hn)",
            room,
            _settings.connections,
        )
    wanted, cores = _settings.workers * _settings.torch_threads, available_cores()
    if wanted > cores:
        log.warning("workers × torch threads = %d, but there are %d cores: they will take turns", wanted, cores)


def pre_exec(server: Any) -> None:
    """Start the gunicorn that SIGUSR2 asks for as this one was started."""
    # gunicorn would run its __main__.py as a file: the folder comes first in the path, and its http hides Python's.
    server.START_CTX["args"] = [sys.executable, "-m", "gunicorn", "--config", "python:service.gunicorn_conf"]


def post_worker_init(worker: Any) -> None:
    """Load the model in the worker that was just forked, and watch over it."""
    app: Flask = worker.wsgi
    slot: ModelSlot = app.extensions[SLOT]
    slot.all_started = _startup.complete
    slot.draining = lambda: not worker.alive

    reloader = Reloader(slot, _settings, _orders)  # before the file is read: what changes meanwhile is loaded after it

    def ready() -> None:
        _startup.done(worker.age)
        gevent.spawn(reloader.watch)
        gevent.spawn(watch, slot, 2 * _settings.stuck_seconds)

    loading = load_in_thread(slot, _settings, ready, _end_at_start)
    replaces = _startup.complete() or "GUNICORN_PID" in os.environ  # the latter: for SIGUSR2
    while replaces and not loading.dead:
        # The others answer meanwhile, and connections that come here would only be told 503.
        worker.notify()
        loading.join(1)
        if not worker.alive and not loading.dead:
            logging.shutdown()
            os._exit(0)  # it has taken no connection, and may never have a model


def child_exit(server: Any, worker: Any) -> None:
    """Wait no longer for a worker that ended, nor show its gauges; another is forked in its place.

    Raises:
        HaltServer: it was killed while the service starts; the next would be too, again and again.
    """
    loaded = _startup.has_done(worker.age)
    _startup.done(worker.age)
    scrape.worker_ended(worker.pid)
    if not loaded and server.LISTENERS:  # without them the service is ending anyhow
        raise HaltServer("A worker ended while it loaded the model. Is there enough memory for it?", BOOT_FAILED)


def worker_exit(server: Any, worker: Any) -> None:
    """Skip the interpreter's own end where all is said: taking torch apart lasts seconds."""
    if worker.booted and not worker.alive:
        logging.shutdown()
        os._exit(0)


def _end_at_start() -> None:
    if _startup.complete():
        return  # the others answer, and the next try may find a better file
    # A second worker that ended in this way would break off gunicorn's orderly end; it waits to be told.
    if _startup.first_to_fail():
        logging.shutdown()
        os._exit(BOOT_FAILED)  # sys.exit would end only the greenlet
