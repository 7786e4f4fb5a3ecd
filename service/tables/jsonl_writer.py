"""Writes JSONL; lines that were JSONL are copied as they stand, with the new fields before their closing brace."""

import json
from typing import Any, BinaryIO

from service.tables.table import Cell, JsonText, Row, Verdict, Window, clean


class JsonlWriter:
    """Writes one JSON object a line, in UTF-8.

    Parameters: `columns`, the names of the input; `added`, the names for label, score, probabilities and error;
    `copies`, whether rows are lines of JSONL, so that their fields stay byte for byte what they were.
    """

    def __init__(self, stream: BinaryIO, columns: list[str], added: list[str], copies: bool) -> None:
        self._stream = stream
        self._names = [_text(name) for name in columns]
        self._added = added
        self._copies = copies

    def write(self, window: Window, verdicts: list[Verdict]) -> None:
        """Writes each row with its verdict. A number has as many digits as it takes to read the same float back."""
        lines = [self._scored(row, verdict) for row, verdict in zip(window.rows, verdicts, strict=True)]
        self._stream.write("".join(lines).encode("utf-8"))

    def finish(self) -> None:
        """Nothing is held back."""

    def abandon(self) -> None:
        """A table of lines has no end that could be missing."""

    def _scored(self, row: Row, verdict: Verdict) -> str:
        values = (verdict.label, verdict.score, verdict.probabilities, verdict.error)
        fields = zip(self._added, values, strict=True)
        # A name stands once: what the row has of its own is the user's.
        added = _text({name: value for name, value in fields if name not in row.own})[1:]
        if self._copies:
            before = (row.raw or "{}")[:-1].rstrip()
        else:
            cells = zip(self._names, row.cells or (), strict=True)
            before = "{" + ", ".join(f"{name}: {_value(cell)}" for name, cell in cells)
        return f"{before}{'' if before == '{' or added == '}' else ', '}{added}\n"


def _value(cell: Cell) -> str:
    return cell if isinstance(cell, JsonText) else _text(None if cell is None else clean(cell))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
