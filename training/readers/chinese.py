"""The three Chinese CSV files of ChineseNlpCorpus: shops, hotels, food delivery.

Source: https://github.com/SophonPlus/ChineseNlpCorpus. Label 1 is positive, 0 negative. The originals hold
byte-order marks inside fields and a few empty reviews. Full-width punctuation stays: it is how people write.
"""

import csv
from collections.abc import Collection
from pathlib import Path

from models.labels import NEGATIVE, POSITIVE
from training.readers.reading import Problem, Reading, SourceFile, sha256_of
from training.review import Review
from training.splits import TEST, content_split

FILES = {
    "online_shopping": "chinese/online_shopping_10_cats.csv",
    "hotel": "chinese/ChnSentiCorp_htl_all.csv",
    "waimai": "chinese/waimai_10k.csv",
}
LABELS = {"0": NEGATIVE, "1": POSITIVE}


def read(data_dir: Path, names: Collection[str]) -> Reading:
    """Read the named files of `FILES` under data_dir. The group of a shop review is its category."""
    reading = Reading()
    for name in FILES:
        if name in names:
            reading.add(_read_csv(name, data_dir / FILES[name], FILES[name]))
    return reading


def _read_csv(name: str, path: Path, shown: str) -> Reading:
    reading = Reading()
    columns = ["cat", "label", "review"] if name == "online_shopping" else ["label", "review"]
    # utf-8-sig takes the mark at the head of the file; those inside fields go below. A byte that is not UTF-8
    # becomes U+FFFD, so that it costs one row and not the file.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if header != columns:
            reason = f"columns are {header}, expected {columns}: this is not the published file"
            reading.problems.append(Problem(name, f"{shown}:1", reason))
        line = rows.line_num + 1
        for row in rows:
            place, line = f"{shown}:{line}", rows.line_num + 1
            reason = _flaw(row, len(columns))
            if reason:
                reading.problems.append(Problem(name, place, reason))
                continue
            text = row[-1].replace("\ufeff", "").strip()
            split = content_split(text)
            if split == TEST:
                reading.dropped[name, "test split"] += 1
                continue
            group = row[0] if len(columns) == 3 else ""
            reading.reviews.append(Review(text, LABELS[row[-2]], "zh", name, split, place, group))
    reading.files.append(SourceFile(shown, sha256_of(path), len(reading.reviews)))
    return reading


def _flaw(row: list[str], width: int) -> str:
    """Why a row can't be used, or an empty string."""
    if len(row) != width:
        return f"{len(row)} fields, expected {width}"
    if row[-2] not in LABELS:
        return f"label is {row[-2]!r}, expected 0 or 1"
    if not row[-1].replace("\ufeff", "").strip():
        return "empty review"
    if "\ufffd" in row[-1]:
        return "not valid UTF-8"
    return ""
