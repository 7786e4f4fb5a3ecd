"""Fixtures that several tests share: real artifacts, no stand-ins."""

from dataclasses import replace
from pathlib import Path

import pytest

from training.corpora import Corpora
from training.fit import fit
from training.gather import gather
from training.recipe import NetworkSection, Recipe, TextSection, TrainingSection

ROOT = Path(__file__).resolve().parent.parent

TINY = Recipe(
    starter_sentences=4_000,
    corpora={"context": 0.5, "starter": 1.0},
    text=TextSection(vocabulary_size=6_000, max_tokens=64),
    network=NetworkSection(embedding_size=24, hidden_size=24),
    training=(
        TrainingSection(epochs=2, learning_rate=1e-2),
        TrainingSection(epochs=1, learning_rate=5e-3, keep=0.2, corpora={"context": 1.0}),
    ),
)


@pytest.fixture(scope="session")
def tiny_recipe() -> Recipe:
    """A recipe that trains in seconds on written sentences."""
    return TINY


@pytest.fixture(scope="session")
def tiny_corpora() -> Corpora:
    """What TINY trains on: of the written sentences one in fifteen."""
    corpora = gather(TINY)
    written = [review for review in corpora.reviews if review.corpus == "context"]
    few = {id(review) for review in written[::15]}
    kept = [review for review in corpora.reviews if review.corpus != "context" or id(review) in few]
    return replace(corpora, reviews=kept)


@pytest.fixture(scope="session")
def tiny_artifact(tiny_corpora: Corpora, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentiment.pt from the real pipeline: small, quick, and clever enough to tell "great" from "awful"."""
    return fit(TINY, tiny_corpora, tmp_path_factory.mktemp("artifacts") / "tiny", device="cpu")


@pytest.fixture(scope="session")
def default_artifact() -> Path:
    """The committed model."""
    return ROOT / "artifacts" / "default" / "sentiment.pt"
