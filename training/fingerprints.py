"""What two runs must share for one to go on from the other's checkpoint."""

import hashlib
import json
from array import array

from models.predictor import Predictor
from models.text import Tokenizer
from training.examples import Examples
from training.recipe import Recipe


def fingerprint_of(recipe: Recipe, tokenizer: Tokenizer, sets: dict[str, Examples], start: Predictor | None) -> str:
    """Two runs of one fingerprint take the same steps."""
    digest = hashlib.sha256(recipe.model_dump_json().encode())
    digest.update((start.version if start else "").encode())
    digest.update(tokenizer.to_json().encode())
    for rows in sets.values():
        digest.update(json.dumps([rows.ids, rows.targets.tolist(), rows.corpora]).encode())
    return digest.hexdigest()


def fingerprint_of_language(recipe: Recipe, tokenizer: Tokenizer, texts: list[list[int]]) -> str:
    """As `fingerprint_of`, of pre-training alone: a recipe that differs only in what comes after shares it."""
    before = recipe.model_dump_json(include={"seed", "text", "network", "embeddings", "pretraining"})
    digest = hashlib.sha256(before.encode())
    digest.update(tokenizer.to_json().encode())
    for one in texts:
        digest.update(array("q", [len(one), *one]).tobytes())
    return digest.hexdigest()
