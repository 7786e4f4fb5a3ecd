"""What every example's command line has: a seed, a device, and a folder for its pictures."""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from models.artifact import ArtifactError, choose_device


def parser(name: str, description: str) -> argparse.ArgumentParser:
    """A command line with `--seed`, `--device` and `--out`."""
    found = argparse.ArgumentParser(prog=f"python -m examples.{name}", description=description)
    found.add_argument("--seed", type=int, default=1, help="the same seed gives the same figures (default: 1)")
    found.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    found.add_argument(
        "--out", type=Path, default=Path("examples/out"), help="folder for pictures (default: examples/out)"
    )
    return found


def whole(least: int) -> Callable[[str], int]:
    """For argparse's `type`: a whole number, at least `least`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is less than {least}")
        return value

    return read


def start(options: argparse.Namespace, command_line: argparse.ArgumentParser) -> torch.device:
    """Sets the seed, makes the folder and returns the device; ends with a message where there is none such."""
    try:
        device = choose_device(options.device)
    except ArtifactError as error:
        command_line.error(str(error))
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    return device
