"""Reads CSV and TSV, strictly: one broken line costs its own row and no other."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from service.tables.source import Source
from service.tables.table import ROW_LIMIT, Cell, Row, TableError, Window, in_windows

DELIMITERS = {"csv": ",", "tsv": "\t"}
_OTHER_DELIMITERS = ";\t|"  # what spreadsheets of other countries and databases put into a file called .csv
BYTE_ORDER_MARK = "\ufeff"
_MEANINGS = {
    "unexpected end of data": "a quotation mark is opened and never closed",
    "expected after": "text follows a closing quotation mark; inside quotes, write a quotation mark twice",
    "new-line character": "a lone carriage return stands outside quotes",
    "field larger": f"a field is longer than {ROW_LIMIT:,} characters",
}


class DelimitedReader:
    """Reads CSV or TSV in UTF-8, with a header.

    Parameters: `format`, "csv" or "tsv". A CSV whose header has no comma but another usual delimiter is read with
    that one; `delimiter` tells which.
    Raises TableError for a header that can't be read.
    """

    total: int | None = None

    def __init__(self, source: Source, format: str) -> None:
        csv.field_size_limit(ROW_LIMIT)
        self._name = source.name
        self._lines = _Lines(source.stream)
        first = self._lines.first()
        self.bom = self._lines.bom
        self.delimiter = _delimiter(first, format)
        self.notes: list[str] = []
        if self.delimiter != DELIMITERS[format]:
            self.notes.append(f"the header has no comma: fields are taken to be separated by {self.delimiter!r}")
        self._parser = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        self.columns, self.header = self._read_header()
        self.line_end = "\r\n" if first.endswith("\r\n") else "\n"
        self._groups = in_windows(self._rows(), _size)
        self._first = next(self._groups, [])
        self.string_columns = [name for index, name in enumerate(self.columns) if self._holds_words(index)]

    def windows(self, text_column: str) -> Iterator[Window]:
        """All rows, in order, a bounded number at a time."""
        index = self.columns.index(text_column)
        for rows in chain([self._first], self._groups):
            for row in rows:
                row.text = row.cells[index] if row.cells and not row.fault else None
            yield Window(rows)

    def _read_header(self) -> tuple[list[str], str]:
        for fields, fault, raw in self._records():
            if fault or _not_utf8(raw):
                raise TableError(f"the header of {self._name} can't be read: {fault or 'it is not UTF-8'}")
            if fields:
                return fields, raw
        raise TableError(f"{self._name} is empty: it has blank lines only; expected a header")

    def _rows(self) -> Iterator[Row]:
        width = len(self.columns)
        for fields, fault, raw in self._records():
            if fault:
                yield Row(None, fault, None, [raw, *[None] * (width - 1)])
                continue
            if not fields:
                if width > 1:
                    continue  # a blank line is no row, unless an empty value is a whole row
                fields = [""]
            where = f"line {self._start}"
            if len(fields) != width:
                fault = f"{where}: {len(fields)} fields, expected {width} as in the header"
                cells: list[Cell] = [*fields, *[None] * (width - len(fields))]
                if len(fields) > width:  # what is too much stays, in the last column
                    cells = [*fields[: width - 1], self.delimiter.join(fields[width - 1 :])]
                yield Row(None, fault, None, cells)
            elif _not_utf8(raw):
                fault = f"{where}: not UTF-8; convert the file to UTF-8 (iconv -t UTF-8)"
                yield Row(None, fault, raw, list(fields))
            else:
                yield Row(None, None, raw, list(fields))

    def _records(self) -> Iterator[tuple[list[str], str | None, str]]:
        """Fields, fault and raw text of each record.

        With a fault, the text is the record's first line, and reading goes on at its second.
        """
        while True:
            self._start = self._lines.begin()
            try:
                fields = next(self._parser)
            except StopIteration:
                return
            except csv.Error as error:
                reason = next((said for sign, said in _MEANINGS.items() if sign in str(error)), str(error))
                self._lines.retry()
                yield [], f"line {self._start}: {reason}", self._lines.taken[0].rstrip("\r\n")
            else:
                yield fields, None, "".join(self._lines.taken).rstrip("\r\n")

    def _holds_words(self, index: int) -> bool:
        return any(row.cells and not _is_number(row.cells[index]) for row in self._first if not row.fault)


class _Lines:
    """Lines with their ends, that remembers those it gave since `begin` and can give them again.

    Bytes that are no UTF-8 become half surrogate pairs, so that they can be written back as they were.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = io.TextIOWrapper(stream, "utf-8", "surrogateescape", newline="")
        self._again: deque[str] = deque()
        self._number = 0
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(ROW_LIMIT)
        if not line:
            raise StopIteration
        self._number += 1
        self.taken.append(line)
        return line

    def first(self) -> str:
        """The first line, without a byte order mark, which `__next__` gives once more; "" where there is none."""
        line = self._stream.readline(ROW_LIMIT)
        self.bom = line.startswith(BYTE_ORDER_MARK)
        line = line.removeprefix(BYTE_ORDER_MARK)
        if line:
            self._again.append(line)
        return line

    def begin(self) -> int:
        """Starts a record; returns the number of its first line, from 1."""
        self.taken.clear()
        return self._number + 1

    def retry(self) -> None:
        """Gives the lines of this record once more, all but its first."""
        self._again.extendleft(reversed(self.taken[1:]))
        self._number -= len(self.taken) - 1


def _delimiter(header: str, format: str) -> str:
    usual = DELIMITERS[format]
    other = max(_OTHER_DELIMITERS, key=header.count)
    return other if format == "csv" and usual not in header and other in header else usual


def _size(row: Row) -> int:
    return len(row.raw) if row.raw is not None else sum(len(cell or "") for cell in row.cells or ())


def _not_utf8(raw: str) -> bool:
    if raw.isascii():
        return False
    try:
        raw.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _is_number(value: str | None) -> bool:
    try:
        float(value or "0")
    except ValueError:
        return False
    return True
