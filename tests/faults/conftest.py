"""Long tests of faults before a real service: `make fuzz`, `make faults`, `make soak`."""

from pathlib import Path

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path, config):
    """Leave these out unless they are asked for by path: they take minutes each."""
    asked = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(HERE) for path in asked) else True
