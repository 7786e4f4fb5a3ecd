"""Writes CSV and TSV; rows that came from the same format are copied as they stand, quotes included."""

import csv
from collections.abc import Iterable
from typing import BinaryIO

from service.tables.delimited_reader import BYTE_ORDER_MARK, DELIMITERS, DelimitedReader
from service.tables.table import Row, Verdict, Window


class DelimitedWriter:
    """Writes a header and then rows in UTF-8.

    Parameters: `format`, "csv" or "tsv"; `columns`, the names of the input; `added`, the names of the six columns
    that scoring adds; `like`, the reader of the same format whose rows are copied, or None where rows are converted.
    """

    def __init__(
        self, stream: BinaryIO, format: str, columns: list[str], added: list[str], like: DelimitedReader | None
    ) -> None:
        self._stream = stream
        self._copies = like is not None
        self._delimiter = like.delimiter if like else DELIMITERS[format]
        self._line_end = like.line_end if like else "\n"
        # With "\r\n" as its line end the csv module quotes fields that hold either sign.
        self._writer = csv.writer(_Echo(), delimiter=self._delimiter, lineterminator="\r\n")
        header = like.header + self._delimiter + self._line(added) if like else self._line([*columns, *added])
        self._put([(BYTE_ORDER_MARK if like and like.bom else "") + header])

    def write(self, window: Window, verdicts: list[Verdict]) -> None:
        """Writes each row with its verdict. A number has as many digits as it takes to read the same float back."""
        self._put(self._scored(row, verdict) for row, verdict in zip(window.rows, verdicts, strict=True))

    def finish(self) -> None:
        """Nothing is held back."""

    def abandon(self) -> None:
        """A table of lines has no end that could be missing."""

    def _scored(self, row: Row, verdict: Verdict) -> str:
        probabilities = verdict.probabilities.values() if verdict.probabilities else (None, None, None)
        added = [verdict.label, verdict.score, *probabilities, verdict.error]
        if self._copies and row.raw is not None:
            return row.raw + self._delimiter + self._line(added)
        return self._line([*(row.cells or ()), *added])

    def _line(self, fields: Iterable[str | float | None]) -> str:
        return str(self._writer.writerow(fields)).removesuffix("\r\n")

    def _put(self, lines: Iterable[str]) -> None:
        text = "".join(line + self._line_end for line in lines)
        # Bytes that were no UTF-8 go out as they came in.
        self._stream.write(text.encode("utf-8", "surrogateescape"))


class _Echo:
    """A file for the csv module that hands the line back."""

    def write(self, line: str) -> str:
        return line
