"""The limit of open files is raised for the connections, each time in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import resource, sys
from service.open_files import make_room
soft, hard, connections = (int(word) for word in sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(make_room(connections), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("limits", "connections", "made"),
    [
        ((256, 4096), 1000, (1000, 1128, 4096)),
        ((256, 512), 1000, (384, 512, 512)),
        ((2048, 4096), 1000, (1000, 2048, 4096)),
        ((64, 100), 1000, (0, 100, 100)),
    ],
)
def test_it_is_raised_as_far_as_needed_and_allowed(limits, connections, made):
    words = [str(number) for number in (*limits, connections)]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert tuple(int(word) for word in done.stdout.split()) == made
