"""What a killed run needs to go on to the same result."""

import os
from pathlib import Path
from typing import Any

import torch


class CheckpointError(RuntimeError):
    """A checkpoint that this run cannot go on from. The message says why and what to do."""


def save(path: Path, state: dict[str, Any]) -> None:
    """Writes tensors, numbers, strings and containers of them; the old checkpoint stays until the new one is whole."""
    partial = path.with_name(path.name + ".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def load(path: Path) -> dict[str, Any]:
    """Reads what `save` wrote, weights only: nothing in the file is run. Raises CheckpointError."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}; start without --resume") from None
    except Exception as error:  # noqa: BLE001 - torch raises many kinds for a torn file
        raise CheckpointError(
            f"{path} is no checkpoint that torch can read ({error}); start without --resume"
        ) from None
    return state
