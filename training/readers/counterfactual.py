"""Counterfactual pairs: a film review and the least edit by a person that turns its sentiment round.

Source: Kaushik, Hovy & Lipton 2020, "Learning the Difference that Makes a Difference with Counterfactually-Augmented
Data"; https://github.com/acmi-lab/counterfactually-augmented-data. The paired files hold both sides and a `batch_id`
that tells which belong together. The official test file is never opened.
"""

import csv
from collections.abc import Collection
from pathlib import Path

from models.labels import NEGATIVE, POSITIVE
from training.readers.markup import plain
from training.readers.reading import Problem, Reading, SourceFile, sha256_of
from training.review import Review
from training.splits import DEV, TRAIN

FILES = {
    TRAIN: "counterfactual/combined/paired/train_paired.tsv",
    DEV: "counterfactual/combined/paired/dev_paired.tsv",
}
COLUMNS = ["Sentiment", "Text", "batch_id"]
LABELS = {"Negative": NEGATIVE, "Positive": POSITIVE}


def read(data_dir: Path, splits: Collection[str] = (TRAIN, DEV)) -> Reading:
    """Read the paired files of the named splits under data_dir. The group is the split and the batch id."""
    reading = Reading()
    for split in splits:
        shown, path = FILES[split], data_dir / FILES[split]
        rows = 0
        # QUOTE_NONE: a lone quotation mark in a review would otherwise swallow the lines after it.
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
                place = f"{shown}:{number}"
                if number == 1:
                    if row != COLUMNS:
                        reason = f"columns are {row}, expected {COLUMNS}: this is not the published file"
                        reading.problems.append(Problem("counterfactual", place, reason))
                    continue
                reason = _flaw(row)
                if reason:
                    reading.problems.append(Problem("counterfactual", place, reason))
                    continue
                rows += 1
                text = plain(unquote(row[1]))
                review = Review(text, LABELS[row[0]], "en", "counterfactual", split, place, f"{split}-{row[2]}")
                reading.reviews.append(review)
        reading.files.append(SourceFile(shown, sha256_of(path), rows))
    return reading


def unquote(field: str) -> str:
    """The field without CSV quoting: some 40 % of the texts carry it although the file as a whole does not.

    Such a field begins and ends with a quotation mark and doubles every one between. A few were quoted twice. Any
    other field is left as it is.
    """
    inside = field[1:-1]
    quoted = len(field) > 1 and field[0] == field[-1] == '"' and '""' in inside
    if quoted and '"' not in inside.replace('""', ""):
        return unquote(inside.replace('""', '"'))
    return field


def _flaw(row: list[str]) -> str:
    """Why a row can't be used, or an empty string."""
    if len(row) != len(COLUMNS):
        return f"{len(row)} fields, expected {len(COLUMNS)}"
    if row[0] not in LABELS:
        return f"sentiment is {row[0]!r}, expected Negative or Positive"
    if not plain(unquote(row[1])):
        return "empty review"
    if not row[2].strip():
        return "no batch_id"
    return ""
