"""Runs schemathesis, with all its checks, against a running service and its OpenAPI document."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.faults.schemathesis_hooks import NAME, VERSION

ROOT = Path(__file__).resolve().parents[2]


def check_contract(port, folder, phases, examples, seed=1):
    """Return schemathesis's exit status and report.

    Parameters:
        port: of the service on this machine.
        folder: takes what schemathesis writes while it runs.
        phases: of schemathesis: examples, coverage, fuzzing, stateful.
        examples: most requests that it makes up for each operation.
        seed: of its chance.
    """
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{port}/openapi.json"]
    command += ["--checks", "all", "--phases", ",".join(phases), "--max-examples", str(examples)]
    command += ["--seed", str(seed), "--continue-on-failure", "--no-color"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
        model = json.load(answer)["model"]
    given = os.environ | {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.faults.schemathesis_hooks"}
    given |= {NAME: model["name"], VERSION: model["version"]}
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr
