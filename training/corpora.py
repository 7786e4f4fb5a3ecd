"""All review corpora, read, split and freed of duplicates: what every training and evaluation run starts from.

python -m training.corpora                     # what is under DATA_DIR, as a table
python -m training.corpora --download          # fetch what is missing first
python -m training.corpora --data-dir PATH --problems
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.labels import LABELS
from training.download import MissingCorpusError, ensure
from training.duplicates import deduplicate
from training.readers import amazon, chinese, counterfactual, imdb, treebank
from training.readers.reading import Problem, Reading, SourceFile
from training.readers.table import read_table
from training.review import Review
from training.splits import DEV, SPLITS, letters_key

FILES: dict[str, tuple[str, ...]] = {
    # The pairs that measure are needed to take their originals out, whether or not the pairs are asked for.
    "imdb": (imdb.FILE, counterfactual.FILES[DEV]),
    "imdb_unlabelled": (imdb.FILE, counterfactual.FILES[DEV]),
    "sst": tuple(treebank.FILES.values()),
    "sst_phrases": tuple(treebank.FILES.values()),
    "counterfactual": tuple(counterfactual.FILES.values()),
    "amazon": tuple(amazon.FILES.values()),
    **{name: (file,) for name, file in chinese.FILES.items()},
}
CORPORA = tuple(FILES)
TWO_CLASS = tuple(name for name in CORPORA if name not in ("sst", "sst_phrases"))
"""Corpora of negative and positive reviews alone, which are no witnesses about neutral."""


@dataclass(frozen=True)
class Corpora:
    """What was read.

    `reviews` are free of duplicates across all corpora and splits; `problems` are rows that could not be used;
    `dropped` counts by (corpus, reason) good rows that were left out knowingly; `files` are what the manifest
    records; `notes` say what a file lacks.
    """

    reviews: list[Review]
    problems: list[Problem]
    files: list[SourceFile]
    dropped: Counter[tuple[str, str]]
    notes: list[str]

    def select(
        self, split: str | None = None, corpora: Sequence[str] | None = None, labelled: bool | None = None
    ) -> list[Review]:
        """The reviews of one split, of some corpora, with or without a label; None means any."""
        return [
            review
            for review in self.reviews
            if (split is None or review.split == split)
            and (corpora is None or review.corpus in corpora)
            and (labelled is None or (review.label is not None) == labelled)
        ]

    def counts(self) -> dict[str, dict[str, dict[str, int]]]:
        """Rows by corpus, split and label name (`unlabelled` for none)."""
        counted: dict[str, dict[str, dict[str, int]]] = {}
        for review in self.reviews:
            label = "unlabelled" if review.label is None else LABELS[review.label]
            row = counted.setdefault(review.corpus, {}).setdefault(review.split, {})
            row[label] = row.get(label, 0) + 1
        return counted

    def to_manifest(self) -> dict[str, object]:
        """What the artifact's manifest records: each file's hash, rows by split and label, what was left out."""
        problems = Counter(problem.corpus for problem in self.problems)
        return {
            "files": [{"path": file.path, "sha256": file.sha256, "rows": file.rows} for file in self.files],
            "rows": self.counts(),
            "dropped": _nested(self.dropped),
            "problems": dict(problems),
        }


def default_data_dir() -> Path:
    """The environment variable DATA_DIR, else `./data`."""
    return Path(os.environ.get("DATA_DIR") or "data")


def load_corpora(
    names: Sequence[str] = CORPORA,
    data_dir: Path | None = None,
    download: bool = True,
    progress: bool = False,
) -> Corpora:
    """Read corpora in their original layouts, split them by content or film, and take out every duplicate.

    Parameters:
        names: some of `CORPORA`.
        data_dir: the folder with the originals; default `default_data_dir()`.
        download: fetch a missing file from where its authors published it.
        progress: show bars on a terminal.
    Returns:
        the reviews of the named corpora, and what was left out.
    Raises:
        ValueError: a name that is not in `CORPORA`.
        MissingCorpusError: a file is missing and could not, or was not to, be fetched.
    """
    unknown = [name for name in names if name not in FILES]
    if unknown:
        raise ValueError(f"unknown corpus {', '.join(unknown)}: expected some of {', '.join(CORPORA)}")
    folder = data_dir or default_data_dir()
    wanted = {file: None for name in names for file in FILES[name]}
    for file in wanted:
        ensure(file, folder, download=download, progress=progress)

    reading = Reading()
    if {"sst", "sst_phrases"} & set(names):
        reading.add(treebank.read(folder, names))
    if "counterfactual" in names:
        reading.add(counterfactual.read(folder))
    if "amazon" in names:
        reading.add(amazon.read(folder))
    reading.add(chinese.read(folder, names))
    if {"imdb", "imdb_unlabelled"} & set(names):
        measuring = counterfactual.read(folder, [DEV])
        keys = {letters_key(review.text) for review in measuring.reviews}
        reading.add(imdb.read(folder, names, keys, progress))
        if "counterfactual" not in names:
            reading.files += measuring.files

    kept, dropped = deduplicate(reading.reviews)
    reading.dropped += dropped
    return Corpora(kept, reading.problems, reading.files, reading.dropped, reading.notes)


def load_table(path: Path, text_column: str = "text", label_column: str = "label") -> Corpora:
    """A user's own labelled file (`readers.table.read_table`) without its duplicates; raises as that does."""
    reading = read_table(path, text_column, label_column)
    kept, dropped = deduplicate(reading.reviews)
    return Corpora(kept, reading.problems, reading.files, reading.dropped + dropped, reading.notes)


def _nested(counter: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (corpus, reason), count in sorted(counter.items()):
        nested.setdefault(corpus, {})[reason] = count
    return nested


def table(corpora: Corpora) -> str:
    """Rows by corpus, split and label, then what was left out and why, as lines of text."""
    columns = [*LABELS, "unlabelled"]
    lines = [f"{'corpus':16} {'split':12}" + "".join(f"{column:>12}" for column in columns)]
    counts = corpora.counts()
    for corpus, splits in counts.items():
        for split in SPLITS:
            if split in splits:
                lines.append(
                    f"{corpus:16} {split:12}" + "".join(f"{splits[split].get(column, 0):12,}" for column in columns)
                )
    lines += ["", "left out"]
    for corpus, reasons in _nested(corpora.dropped).items():
        lines += [f"{corpus:16} {count:8,}  {reason}" for reason, count in reasons.items()]
    problems = Counter(problem.corpus for problem in corpora.problems)
    lines += [f"{corpus:16} {count:8,}  bad rows (--problems shows them)" for corpus, count in problems.items()]
    return "\n".join([*lines, *(f"note: {note}" for note in corpora.notes)])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.corpora", description="What the corpora hold.")
    parser.add_argument("--data-dir", type=Path, help="folder of the corpora (default: DATA_DIR, else ./data)")
    parser.add_argument(
        "--corpora", nargs="+", choices=CORPORA, default=CORPORA, metavar="NAME", help=", ".join(CORPORA)
    )
    parser.add_argument("--download", action="store_true", help="fetch what is missing")
    parser.add_argument("--problems", action="store_true", help="list each bad row with its file and line")
    options = parser.parse_args(arguments)
    try:
        corpora = load_corpora(options.corpora, options.data_dir, options.download, progress=True)
    except MissingCorpusError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(corpora))
    if options.problems:
        print(*corpora.problems, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
