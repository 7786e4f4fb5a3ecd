"""What a reader hands back: reviews, the rows it could not use, and the files it took them from."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from training.review import Review


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be used. `place` is `file:line` or an archive member; `reason` never holds the text."""

    corpus: str
    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read: its path under DATA_DIR, its SHA-256, and its usable rows, duplicates included."""

    path: str
    sha256: str
    rows: int


@dataclass
class Reading:
    """Everything one reader found. `dropped` counts, by (corpus, reason), good rows that were left out knowingly."""

    reviews: list[Review] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: list[SourceFile] = field(default_factory=list)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, other: "Reading") -> None:
        """Take in what another reader found."""
        self.reviews += other.reviews
        self.problems += other.problems
        self.files += other.files
        self.dropped += other.dropped
        self.notes += other.notes


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
