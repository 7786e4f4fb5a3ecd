"""Reads Parquet, a bounded number of rows at a time."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from service.tables.arrow_cells import cells, is_text, text_bytes
from service.tables.source import Source
from service.tables.table import WINDOW_CHARACTERS, WINDOW_ROWS, Row, TableError, Window


class ParquetReader:
    """Reads a Parquet file.

    Parameters: `convert` asks for cells, for a writer of another format.
    Attributes: `schema`, the Arrow schema with its metadata; `total`, the number of rows.
    Raises TableError for what is no Parquet or is damaged.
    """

    def __init__(self, source: Source, convert: bool) -> None:
        self.notes: list[str] = []
        self._name = source.name
        self._convert = convert
        try:
            self._file = pq.ParquetFile(source.make_seekable(random=True), buffer_size=2**20, pre_buffer=False)
            self.schema = self._file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            raise TableError(f"{self._name} is no Parquet file, or damaged: {_first_line(error)}") from None
        self.total: int | None = self._file.metadata.num_rows
        self.columns: list[str] = self.schema.names
        self.string_columns = [field.name for field in self.schema if is_text(field.type)]

    def windows(self, text_column: str) -> Iterator[Window]:
        """All rows, in order, a bounded number at a time. Raises TableError for a column that holds no text."""
        index = self.columns.index(text_column)
        kind = self.schema.field(index).type
        if not is_text(kind):
            raise TableError(
                f"the column {text_column!r} of {self._name} holds {kind}; expected string. Name another column with "
                f"--text-column. Columns: {', '.join(self.columns)}"
            )
        batches = self._file.iter_batches(self._batch_rows())
        while (batch := self._next(batches)) is not None:
            rows = [_row(value) for value in text_bytes(batch.column(index))]
            if self._convert:
                columns = [cells(column) for column in batch.columns]
                for row, values in zip(rows, zip(*columns, strict=True), strict=True):
                    row.cells = list(values)
            yield Window(rows, batch)

    def _next(self, batches: Iterator[Any]) -> Any:
        try:
            return next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise TableError(f"can't read {self._name} to its end, it is damaged: {_first_line(error)}") from None

    def _batch_rows(self) -> int:
        """Rows that make up a window, by their mean size in the group where they are largest."""
        groups = [self._file.metadata.row_group(index) for index in range(self._file.num_row_groups)]
        largest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=0)
        return max(1, min(WINDOW_ROWS, int(WINDOW_CHARACTERS / max(1, largest))))


def _row(value: bytes | None) -> Row:
    if value is None:
        return Row(None)
    try:
        return Row(value.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Row(None, f"the text is not UTF-8 at byte {error.start + 1}")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
