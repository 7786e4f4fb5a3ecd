"""What a killed run needs to go on to the same result."""

import os
from pathlib import Path
from typing import Any

import torch


class CheckpointError(RuntimeError):
    """A checkpoint that this run cannot go on from. The message says why and what to do."""


def save(path: Path, fingerprint: str, device: torch.device, state: dict[str, Any]) -> None:
    """Writes `state`, tensors, numbers, strings and containers of them, and where the random numbers stand.

    The old checkpoint stays until the new one is whole. `fingerprint` is of recipe and data.
    """
    partial = path.with_name(path.name + ".partial")
    random = {
        "device": device.type,
        "rng": torch.get_rng_state(),
        "cuda_rng": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
    }
    torch.save({"fingerprint": fingerprint} | random | state, partial)
    os.replace(partial, path)


def load(path: Path, fingerprint: str, device: torch.device) -> dict[str, Any]:
    """Reads what `save` wrote, weights only: nothing in the file is run.

    Raises CheckpointError: no file, none that torch can read, one of another fingerprint or of another kind of device,
    on which the same steps have other results.
    """
    state = _read(path)
    if state["fingerprint"] != fingerprint:
        raise CheckpointError(
            f"{path} belongs to another recipe, seed or data; start without --resume, or give them as they were"
        )
    if state["device"] != device.type:
        raise CheckpointError(
            f"{path} was made on {state['device']}, and this run is on {device.type}; say --device {state['device']} "
            "(DEVICE=), or start without --resume"
        )
    return state


def is_of(path: Path, fingerprint: str) -> bool:
    """Whether the checkpoint at `path` has this fingerprint. Raises CheckpointError for a torn one."""
    return bool(_read(path)["fingerprint"] == fingerprint)


def _read(path: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}; start without --resume") from None
    except Exception as error:  # noqa: BLE001 - torch raises many kinds for a torn file
        raise CheckpointError(
            f"{path} is no checkpoint that torch can read ({error}); start without --resume"
        ) from None
    return state


def restore_random(state: dict[str, Any], device: torch.device) -> None:
    """Sets the random numbers to where they stood; the last thing before a run goes on."""
    torch.set_rng_state(state["rng"])
    if state["cuda_rng"] is not None and device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda_rng"], device)
