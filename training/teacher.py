"""What a teacher holds of the training reviews, as a file: see training/distill.py, which writes it."""

import json
import math
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from training.corpora import TWO_CLASS
from training.review import Review
from training.splits import TRAIN, content_hash

FILE = Path(__file__).parent / "teacher.npz"
UNLABELLED = {"imdb": "imdb_unlabelled"}
"""More reviews of the same kind."""
TAUGHT = tuple(name for name in TWO_CLASS if name not in UNLABELLED.values())
"""The treebank and the written sentences have better labels than a teacher's."""


class Teacher:
    """What the file holds. `logits`: hash -> logit(positive) − logit(negative); `figures`: its accuracy on dev."""

    def __init__(self, logits: Mapping[str, float], figures: dict[str, Any]) -> None:
        self.logits = logits
        self.figures = figures

    @classmethod
    def read(cls, path: Path = FILE) -> "Teacher":
        """Nothing in the file is run. Raises FileNotFoundError, ValueError where it is something else."""
        try:
            with np.load(path, allow_pickle=False) as file:
                hashes, logits, figures = file["hashes"], file["logits"], json.loads(str(file["figures"]))
            if hashes.dtype != np.uint64 or logits.dtype != np.float16 or hashes.shape != logits.shape:
                raise ValueError(f"hashes {hashes.dtype} {hashes.shape}, logits {logits.dtype} {logits.shape}")
            if not isinstance(figures, dict):
                raise ValueError("figures that are no object")
        except (ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile, zlib.error) as error:
            raise ValueError(
                f"{path} is no teacher that training/distill.py wrote, or is torn ({error}); `make teacher` writes one"
            ) from None
        keys = (f"{key:016x}" for key in hashes.tolist())
        return cls(dict(zip(keys, logits.astype(float).tolist(), strict=True)), figures)

    def write(self, path: Path) -> None:
        """Ten bytes a review: 64 bits of its hash, a half-precision logit. The old file stays until this is whole."""
        keys = sorted(self.logits)
        partial = path.with_name(path.name + ".partial")
        with partial.open("wb") as file:
            np.savez_compressed(
                file,
                hashes=np.array([int(key, 16) for key in keys], dtype=np.uint64),
                logits=np.array([self.logits[key] for key in keys], dtype=np.float16),
                figures=np.array(json.dumps(self.figures)),
            )
        os.replace(partial, path)

    def positive(self, review: Review) -> float | None:
        """p(positive) against p(negative) of a training review of TAUGHT or its unlabelled part; None if unknown."""
        if review.corpus not in TWO_CLASS or review.split != TRAIN:
            return None
        logit = self.logits.get(content_hash(review.text))
        return None if logit is None else 1 / (1 + math.exp(-logit))
