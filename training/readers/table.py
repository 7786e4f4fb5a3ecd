"""A user's own labelled reviews: CSV, TSV, JSONL or Parquet, plain or gzipped, told by the file's ending."""

import csv
import gzip
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow
import pyarrow.parquet

from models.text import check_text, detect_language
from training.readers.reading import Problem, Reading, SourceFile, sha256_of
from training.readers.user_labels import understand, value_of
from training.review import Review
from training.splits import SPLITS, TEST, user_split

CORPUS = "user"
ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")

ESCAPED = re.compile("[\udc80-\udcff]")  # how surrogateescape shows a byte that is not UTF-8

Row = tuple[str, dict[str, Any] | str]  # place, and the fields or the reason why there are none


class TableError(ValueError):
    """The file as a whole can't be used: its kind, its columns or its form; the message says what to change."""


def read_table(
    path: Path, text_column: str = "text", label_column: str = "label", split_column: str = "split"
) -> Reading:
    """Read labelled reviews of the corpus `user`.

    Parameters:
        path: a file ending in .csv, .tsv, .jsonl or .parquet, or in one of these and .gz. Text in UTF-8.
        text_column, label_column: their names in the file.
        split_column: used where the file has it (`train`, `dev`, `calibration`, or `test`, which is left out);
            else each text's content decides, and all but a tenth trains.
    Returns:
        the reviews; a row that can't be used is a problem with file and line (Parquet: row), and no more.
    Raises:
        FileNotFoundError: no such file.
        TableError: an ending that is not known, a column that is missing, a file in another form than its ending says.
        LabelError: labels that have no one meaning (see `user_labels`).
    """
    rows = list(_rows(path))
    columns = _columns(rows)
    for column in (text_column, label_column):
        if column not in columns:
            found = ", ".join(map(repr, columns)) or "none"
            raise TableError(
                f"{path}: no column {column!r}; found: {found}. Name it with --text-column or --label-column"
            )
    labels = understand(
        Counter(value_of(fields.get(label_column)) for _, fields in rows if isinstance(fields, dict)), label_column
    )
    reading = Reading()
    for place, fields in rows:
        try:
            review = _review(
                place, fields, text_column, label_column, labels, split_column if split_column in columns else ""
            )
        except ValueError as error:
            reading.problems.append(Problem(CORPUS, place, str(error)))
            continue
        if review.split == TEST:
            reading.dropped[CORPUS, "test split"] += 1
        else:
            reading.reviews.append(review)
    reading.files.append(SourceFile(path.name, sha256_of(path), len(reading.reviews)))
    return reading


def _review(
    place: str,
    fields: dict[str, Any] | str,
    text_column: str,
    label_column: str,
    labels: dict[str, int],
    split_column: str,
) -> Review:
    """One row as a review; raises ValueError with the reason why it can't be one."""
    if isinstance(fields, str):
        raise ValueError(fields)
    text = fields.get(text_column)
    if not isinstance(text, str):
        raise ValueError("no text" if text is None else f"the text is {type(text).__name__}, expected a string")
    text = text.replace("\ufeff", "").strip()
    check_text(text)
    value = value_of(fields.get(label_column))
    if value not in labels:
        raise ValueError(
            f"label is {value[:20]!r}, expected one of {', '.join(map(repr, labels))}" if value else "no label"
        )
    split = str(fields.get(split_column) or "").strip().lower() if split_column else user_split(text)
    if split not in (*SPLITS, TEST):
        raise ValueError(f"split is {split[:20]!r}, expected one of {', '.join((*SPLITS, TEST))}")
    return Review(text, labels[value], detect_language(text), CORPUS, split, place)


def _columns(rows: list[Row]) -> list[str]:
    """All columns, in the order in which they are met: lines of JSON need not hold the same ones."""
    return list(dict.fromkeys(column for _, fields in rows if isinstance(fields, dict) for column in fields))


def _rows(path: Path) -> Iterator[Row]:
    """Each row of the file with its place, whatever its format."""
    zipped = path.suffix.lower() == ".gz"
    ending = Path(path.stem).suffix.lower() if zipped else path.suffix.lower()
    if ending not in ENDINGS:
        expected = ", ".join(ENDINGS)
        raise TableError(
            f"{path}: the ending is {''.join(path.suffixes[-2:])!r}, expected one of {expected}, each also with .gz"
        )
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            if ending == ".parquet":
                yield from _parquet_rows(path, file)
            elif ending == ".jsonl":
                yield from _json_rows(path, file)
            else:
                yield from _csv_rows(path, file, "\t" if ending == ".tsv" else ",")
    except (gzip.BadGzipFile, EOFError) as error:
        raise TableError(f"{path}: not a whole gzip file ({error})") from error
    except pyarrow.ArrowInvalid as error:
        raise TableError(f"{path}: not a Parquet file ({error})") from error


def _csv_rows(path: Path, file: IO[bytes], delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)  # the limit of 131,072 characters is older than long reviews
    # surrogateescape: a byte that is not UTF-8 costs its row, not the file.
    with io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        # strict: else a quotation mark that is never closed would swallow the rest of the file in silence.
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
        except csv.Error as error:
            raise TableError(f"{path}: the first line does not hold column names ({error})") from error
        while True:
            place = f"{path.name}:{rows.line_num + 1}"
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield place, f"quotation marks that don't match ({error})"
                continue
            if any(ESCAPED.search(field) for field in row):
                yield place, "not valid UTF-8: save the file as UTF-8"
            elif row and len(row) != len(header):
                yield place, f"{len(row)} fields, expected {len(header)}"
            elif row:
                yield place, dict(zip(header, row, strict=True))


def _json_rows(path: Path, file: IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        place = f"{path.name}:{number}"
        try:
            fields = json.loads(line.decode("utf-8-sig")) if line.strip() else None
        except ValueError as error:  # not UTF-8, or not JSON
            yield place, f"not a line of JSON in UTF-8 ({error})"
            continue
        if isinstance(fields, dict):
            yield place, fields
        elif line.strip():
            yield place, f"a JSON {type(fields).__name__}, expected an object"


def _parquet_rows(path: Path, file: IO[bytes]) -> Iterator[Row]:
    # A gzipped stream can be read again from the start only by unpacking it anew, and Parquet is read from the end.
    source = file if isinstance(file, io.BufferedReader) else io.BytesIO(file.read())
    number = 0
    for batch in pyarrow.parquet.ParquetFile(source).iter_batches():
        for fields in batch.to_pylist():
            number += 1
            yield f"{path.name}:row {number}", fields
