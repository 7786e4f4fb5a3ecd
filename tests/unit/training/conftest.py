"""A DATA_DIR of hand-written files in each corpus's original layout."""

import shutil
import tarfile
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "corpora"


@pytest.fixture
def corpora_dir(tmp_path: Path) -> Path:
    """The fixtures with IMDB packed as it is published; a test may change what it likes in it."""
    folder = tmp_path / "data"
    shutil.copytree(FIXTURES, folder)
    with tarfile.open(folder / "imdb" / "aclImdb_v1.tar.gz", "w:gz") as archive:
        archive.add(folder / "imdb" / "aclImdb", "aclImdb")
    shutil.rmtree(folder / "imdb" / "aclImdb")
    return folder
