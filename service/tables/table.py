"""What passes between readers, scoring and writers: rows in windows, and a verdict for each row."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

WINDOW_ROWS = 4096
"""Rows that are held at a time: enough for batches of like length, little memory."""

WINDOW_CHARACTERS = 16 * 2**20
"""A window of long rows ends earlier, so that memory depends on neither the file's length nor its rows'."""

ROW_LIMIT = 128 * 2**20
"""Longest line or field, in characters. What is longer is no review, and must not fill the memory."""

Item = TypeVar("Item")
_SURROGATES = re.compile("[\ud800-\udfff]+")


class TableError(Exception):
    """A file that can't be read or written as asked. The message is complete and holds no text of a row."""


class JsonText(str):
    """A value that is no string, as its JSON text: a number or something nested, exactly as it was written."""

    __slots__ = ()


Cell = str | None
"""A value on its way to another format: a string, a JsonText, or None where there is none."""


@dataclass(slots=True)
class Row:
    """One row as it was read.

    `text` is what stands in the text column (None where nothing does); `fault` says why the row could not be read;
    `raw` is the row as it stood in the file, without its line end, where a writer of the same format can reuse it;
    `cells` are its values in the order of the reader's columns, where they are needed or were wrong; `own` are names
    that scoring would add, but `raw` has already: those fields stay as they are.
    """

    text: object
    fault: str | None = None
    raw: str | None = None
    cells: list[Cell] | None = None
    own: frozenset[str] = frozenset()


@dataclass(slots=True)
class Window:
    """Some rows in order. `batch` is the Arrow record batch that they came from, for the Parquet writer."""

    rows: list[Row]
    batch: Any = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is written beside a row: the model's answer, or in `error` why there is none."""

    label: str | None = None
    score: float | None = None
    probabilities: dict[str, float] | None = None
    error: str | None = None


class Reader(Protocol):
    """A table that was opened: its names are known, its rows are not yet read."""

    columns: list[str]
    """Names in order. For JSONL that is not converted, those of the first window."""

    string_columns: list[str]
    """Those that hold strings, as far as the format or the first window tells."""

    total: int | None
    """Number of rows where the format says it."""

    notes: list[str]
    """What was guessed about the file, to be said aloud."""

    def windows(self, text_column: str) -> Iterator[Window]:
        """All rows, in order, a bounded number at a time. Raises TableError where the file is broken."""
        ...


class Writer(Protocol):
    """A table that is being written."""

    def write(self, window: Window, verdicts: list[Verdict]) -> None:
        """Writes each row of the window with its verdict."""
        ...

    def finish(self) -> None:
        """Writes what is still held back, and the end of the table."""
        ...

    def abandon(self) -> None:
        """Leaves the table unfinished, after an error."""
        ...


def in_windows(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Groups items, each of `size` characters, into lists of at most WINDOW_ROWS and about WINDOW_CHARACTERS."""
    group: list[Item] = []
    characters = 0
    for item in items:
        group.append(item)
        characters += size(item)
        if len(group) >= WINDOW_ROWS or characters >= WINDOW_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def clean(text: str) -> str:
    """The text with U+FFFD for what has no UTF-8 form, for formats that can hold nothing else."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def kind_of(value: object) -> str:
    """What a value of JSON is, for messages."""
    names = {bool: "true or false", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), "null")
