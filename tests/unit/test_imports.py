"""Who may import whom (docs/architecture.md): models neither of the others, training and service never each other."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {"models": {"training", "service"}, "training": {"service"}, "service": {"training"}}
NOT_FOR_SERVING = ("training", "torchtext", "sklearn", "matplotlib", "gensim", "pooch")


def imported_packages(source: str) -> set[str]:
    """The top-level names that a file imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_no_file_imports_what_its_package_must_not(package):
    files = sorted((ROOT / package).rglob("*.py"))
    assert files, f"{package}/ holds no Python file"
    wrong = {
        str(file.relative_to(ROOT)): sorted(forbidden)
        for file in files
        if (forbidden := imported_packages(file.read_text(encoding="utf-8")) & FORBIDDEN[package])
    }
    assert not wrong


def test_the_check_sees_imports_of_every_form():
    source = "import a.b\nfrom c.d import e\ndef f():\n    import g as h\nfrom . import i\n"
    assert imported_packages(source) == {"a", "c", "g"}


@pytest.mark.parametrize("module", ["service.app", "service.gunicorn_conf", "models.predictor"])
def test_serving_loads_nothing_of_training(module):
    program = f"import sys, json, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & set(NOT_FOR_SERVING)
    if module != "models.predictor":
        assert "torch" not in loaded, "the master would fork with torch loaded, and probes would wait for its import"
