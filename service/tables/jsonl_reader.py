"""Reads JSONL: one object a line. A line that holds none costs its own row and no other."""

import json
import math
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from service.tables.source import Source
from service.tables.table import ROW_LIMIT, Cell, JsonText, Row, TableError, Window, clean, in_windows, kind_of

# Numbers are only looked at, never written from these values; as floats, one of 5,000 digits is read like any other.
_decoder = json.JSONDecoder(parse_int=float)
_integer = re.compile(r"-?\d+")


class JsonlReader:
    """Reads JSONL in UTF-8; blank lines are no rows.

    Parameters: `added`, names that scoring will add: a row that has one of its own is not scored; `convert` asks for
    cells, for a writer of another format. All names must then be known before the first row, so the file is read twice.

    Attributes: `kinds`, where it converts, for each column the kinds of its values: string, integer (of at most 15
    digits), long, number, boolean, json.
    Raises TableError for a file in which no row could be read.
    """

    total: int | None = None

    def __init__(self, source: Source, added: list[str], convert: bool) -> None:
        self.notes: list[str] = []
        self._source = source
        self._added = frozenset(added)
        self._convert = convert
        self.kinds: dict[str, set[str]] = {}
        if convert:
            source.make_seekable()
            self._collect_kinds()
            source.stream.seek(0)
        self._groups = in_windows(self._lines(), lambda item: len(item[1]))
        self._first = next(self._groups, [])
        if not self._first:
            raise TableError(f"{source.name} is empty: it has blank lines only; expected one JSON object a line")
        names: dict[str, bool] = dict.fromkeys(self.kinds, False)
        faults = []
        for number, line in self._first:
            try:
                for name, value in _object(line, number).items():
                    names[name] = names.get(name, False) or isinstance(value, str)
            except _Fault as fault:
                faults.append(str(fault))
        if not names:
            raise TableError(f"{source.name} is not JSONL, one JSON object a line: {(faults or ['{} only'])[0]}")
        self.columns = list(names)
        self.string_columns = [name for name, is_string in names.items() if is_string]

    def windows(self, text_column: str) -> Iterator[Window]:
        """All rows, in order, a bounded number at a time."""
        for lines in chain([self._first], self._groups):
            yield Window([self._row(number, line, text_column) for number, line in lines])

    def _row(self, number: int, line: bytes, text_column: str) -> Row:
        try:
            fields = _object(line, number)
        except _Fault as fault:
            return Row(None, str(fault), None, [None] * len(self.columns))
        raw = line.decode("utf-8").strip()
        row = Row(fields.get(text_column), None, raw)
        if text_column not in fields:
            row.fault = f"line {number}: no field {text_column!r}"
        row.own = self._added & fields.keys()
        if row.own:
            names = ("a field " if len(row.own) == 1 else "fields ") + ", ".join(map(repr, sorted(row.own)))
            row.fault = f"line {number}: the row has {names} of its own; choose other names with --prefix"
        if self._convert:
            cells = {name: _cell(fields[name], text) for name, text in _members(raw)}
            row.cells = [cells.get(name) for name in self.columns]
        return row

    def _collect_kinds(self) -> None:
        for number, line in self._lines():
            try:
                fields = _object(line, number)
            except _Fault:
                continue
            for name, text in _members(line.decode("utf-8").strip()):
                kinds = self.kinds.setdefault(name, set())
                if fields[name] is not None:
                    kinds.add(_kind(fields[name], text))

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of each line that is not blank."""
        number = 0
        stream = self._source.stream
        while line := stream.readline(ROW_LIMIT):
            number += 1
            if len(line) == ROW_LIMIT and not line.endswith(b"\n"):
                while (rest := stream.readline(2**20)) and not rest.endswith(b"\n"):
                    pass
                line = _TOO_LONG
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield number, line


_TOO_LONG = b"\0"  # no JSON, and no line of a file that is not broken


class _Fault(Exception):
    """Why a line is no row; the message holds nothing of the line."""


def _object(line: bytes, number: int) -> dict[str, Any]:
    """The object on a line. Raises _Fault where there is none."""
    if line is _TOO_LONG:
        raise _Fault(f"line {number}: longer than {ROW_LIMIT:,} bytes")
    try:
        value = _decoder.decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _Fault(f"line {number}: not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise _Fault(f"line {number}: not JSON, {error.msg} at character {error.colno}") from None
    except RecursionError:
        raise _Fault(f"line {number}: JSON nested too deep") from None
    if not isinstance(value, dict):
        raise _Fault(f"line {number}: {kind_of(value)}; expected a JSON object")
    return value


def _members(text: str) -> Iterator[tuple[str, str]]:
    """Name and JSON text of each member of an object that is known to be well formed."""

    def skip(position: int) -> int:
        while text[position] in " \t\n\r":
            position += 1
        return position

    position = skip(1)
    while text[position] != "}":
        name, position = _decoder.raw_decode(text, position)
        start = skip(skip(position) + 1)
        _, end = _decoder.raw_decode(text, start)
        yield name, text[start:end]
        position = skip(end)
        if text[position] == ",":
            position = skip(position + 1)


def _cell(value: Any, text: str) -> Cell:
    if value is None:
        return None
    return clean(value) if isinstance(value, str) else JsonText(text)


def _kind(value: Any, text: str) -> str:
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "boolean"
    if not isinstance(value, float) or not math.isfinite(value):
        return "json"
    if not _integer.fullmatch(text):
        return "number"
    digits = len(text.lstrip("-"))
    return "integer" if digits <= 15 else "long" if digits <= 18 else "json"
