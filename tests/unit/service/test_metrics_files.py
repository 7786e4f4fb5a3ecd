"""Metrics where there is no room for their files: nothing may end for that."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from service.metrics_files import SIZE

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import json, sys
from service import metrics, scrape
metrics.shed("full")
print(json.dumps(scrape.exposition().decode()))
"""


def count(folder, most_bytes=None):
    """Return what /metrics would show of one request refused, where no file may be larger than `most_bytes`."""

    def limit():
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    given = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=ROOT,
        env=given,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout), done.stderr


def test_the_room_of_each_file_is_taken_at_once(tmp_path):
    shown, told = count(tmp_path)
    assert 'undertone_shed_total{reason="full"} 1.0' in shown
    files = [file.stat() for file in tmp_path.glob("*.db")]
    assert files
    assert all(file.st_size == SIZE and 512 * file.st_blocks >= SIZE for file in files)
    assert told == ""


def test_without_room_it_goes_on_without_metrics_and_says_so(tmp_path):
    shown, told = count(tmp_path, most_bytes=SIZE // 2)
    assert "undertone_shed_total" not in shown
    assert "no room for metrics" in told
    assert list(tmp_path.iterdir()) == [tmp_path / "lock"]
