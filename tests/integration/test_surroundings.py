"""Surroundings that fail: a log that nobody reads, closed files, no shared memory, a port in use, too little memory."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_service import ROOT, START_SECONDS, Server, environment, free_port, running

from tests.faults.scenarios import replace, said, workers


@contextmanager
def started(port, model, command=(sys.executable, "-m", "service"), stderr=subprocess.PIPE, limit=None, **settings):
    """Run the service with standard error where the test wants it; nothing reads a pipe but the test."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(port, model, **settings), stderr=stderr, preexec_fn=limit
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def wait_ready(server):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if server.ask("GET", "/readyz")[0] == 200:
                return
        except OSError:
            pass  # it does not listen yet
        time.sleep(0.1)
    raise AssertionError(f"not ready; ended with {server.process.poll()}")


def test_a_log_that_nobody_reads_does_not_stop_it_and_the_gap_is_told(default_artifact):
    port = free_port()
    with started(port, default_artifact) as process:
        server = Server(process, port, None)
        wait_ready(server)
        for _ in range(1_200):  # lines of 250 bytes; a pipe holds 64 kB
            assert server.ask("GET", "/nothing", timeout=5)[0] == 404
        os.read(process.stderr.fileno(), 65_536)
        for _ in range(20):  # whichever worker takes it
            assert server.ask("GET", "/nothing", timeout=5)[0] == 404
        process.terminate()
        lines = [json.loads(line) for line in process.stderr.read().decode().splitlines()[1:]]
        assert process.wait(20) == 0
    lost = [line["lines"] for line in lines if line["message"].startswith("lines of the log were lost")]
    assert sum(lost) > 500


@pytest.mark.parametrize("closed", [(2,), (0, 1, 2)])
def test_closed_standard_files_are_no_hindrance(default_artifact, closed):
    def close():
        for number in closed:
            os.close(number)

    port = free_port()
    with started(port, default_artifact, stderr=None, limit=close) as process:
        server = Server(process, port, None)
        wait_ready(server)
        assert server.predict({"text": "good"})[0] == 200
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode,
    reason="mounting needs more rights than this process has",
)
@pytest.mark.parametrize("kilobytes", [4, 1_000])
def test_a_full_shared_memory_costs_metrics_and_no_answer(tmp_path, default_artifact, kilobytes):
    program = (
        f"mount -t tmpfs -o size={kilobytes}k tmpfs /dev/shm && "
        f'{{ {sys.executable} -m service & head -c 9M /dev/zero > /dev/shm/full; trap "kill $!" TERM; wait; wait $!; }}'
    )
    port, log = free_port(), tmp_path / "log.txt"
    command = ["unshare", "-m", "bash", "-c", program]
    with log.open("w") as stream, started(port, default_artifact, command, stderr=stream) as process:
        server = Server(process, port, log)
        wait_ready(server)
        for _ in range(20):
            assert server.predict({"text": "good"})[0] == 200
            assert server.ask("GET", "/metrics")[0] == 200
        process.terminate()
        process.wait(20)
    assert "no room for metrics" in log.read_text()


def test_a_port_in_use_ends_it_with_the_reason(tmp_path, default_artifact):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running(tmp_path, default_artifact, PORT=taken.getsockname()[1]) as server:
            assert server.process.wait(START_SECONDS) == 1
    assert "already in use" in server.log.read_text().lower()


@pytest.mark.parametrize("megabytes", [400, 550, 700])  # some of these libraries raise, others end the process
def test_too_little_memory_for_the_model_ends_it_with_the_reason(tmp_path, default_artifact, megabytes):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    log = tmp_path / "log.txt"
    with (
        log.open("w") as stream,
        started(free_port(), default_artifact, stderr=stream, limit=limit, WORKERS=1) as process,
    ):
        assert process.wait(START_SECONDS) == 3
    assert "the model can't be loaded" in log.read_text() or "Is there enough memory for it?" in log.read_text()


def test_a_worker_that_is_killed_while_the_service_starts_ends_it(tmp_path, default_artifact):
    with running(tmp_path, default_artifact) as server:
        deadline = time.monotonic() + START_SECONDS
        while len(loading := workers(server.process.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.5)  # it loads now
        os.kill(loading[0], signal.SIGKILL)  # as the kernel does where memory runs out
        assert server.process.wait(START_SECONDS) == 3
    assert "Is there enough memory for it?" in server.log.read_text()


def wait_for(condition):
    deadline = time.monotonic() + START_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def test_a_worker_that_can_not_be_replaced_costs_its_part_and_not_the_service(tmp_path, default_artifact):
    artifact = tmp_path / "served.pt"
    shutil.copy(default_artifact, artifact)
    with running(tmp_path, artifact) as server:
        server.wait_ready()
        before = sorted(workers(server.process.pid))
        replace(tmp_path / "log.txt", artifact)  # no artifact
        assert wait_for(lambda: said(server, "is not reloaded") == 2)
        os.kill(before[0], signal.SIGKILL)
        assert wait_for(lambda: said(server, "the model can't be loaded") == 2)
        for _ in range(20):
            assert server.predict({"text": "good"})[0] == 200
        replace(default_artifact, artifact)
        assert wait_for(lambda: said(server, '"message":"ready"') == 3)
        assert before[1] in workers(server.process.pid)
        server.process.terminate()
        assert server.process.wait(START_SECONDS) == 0


def test_a_folder_of_metrics_that_is_gone_does_not_end_it(tmp_path, default_artifact):
    with running(tmp_path, default_artifact) as server:
        server.wait_ready()
        before = workers(server.process.pid)
        shutil.rmtree(next(iter(metrics_folders(server.process.pid))))  # as systemd's RemoveIPC does at a logout
        os.kill(before[0], signal.SIGKILL)
        assert wait_for(lambda: said(server, '"message":"ready"') == 3)
        assert server.predict({"text": "good"})[0] == 200
    assert "counts of a worker that ended are lost" in server.log.read_text()


def metrics_folders(pid):
    """Return the folders whose files of metrics a process holds open."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {Path(line.split()[-1]).parent for line in maps if "undertone-metrics-" in line}


def test_a_folder_in_the_place_of_the_artifact_ends_it_with_the_reason(tmp_path):
    with running(tmp_path, tmp_path) as server:
        assert server.process.wait(START_SECONDS) == 3
    log = server.log.read_text()
    assert "the model can't be loaded" in log
    assert "Is a directory" in log
