"""Writes Parquet; rows that were Parquet keep their types, their schema and its metadata."""

import json
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from models.labels import LABELS
from service.tables.table import Cell, Verdict, Window, clean

_GROUP_ROWS = 65_536
_GROUP_BYTES = 64 * 2**20
_TYPES = {
    frozenset({"boolean"}): pa.bool_(),
    frozenset({"integer"}): pa.int64(),
    frozenset({"long"}): pa.int64(),
    frozenset({"integer", "long"}): pa.int64(),
    frozenset({"number"}): pa.float64(),
    frozenset({"integer", "number"}): pa.float64(),
}


def added_fields(names: list[str]) -> list[Any]:
    """The Arrow fields for label, score, probabilities and error under the names given."""
    probabilities = pa.struct([(label, pa.float64()) for label in LABELS])
    types = (pa.string(), pa.float64(), probabilities, pa.string())
    return [pa.field(name, kind) for name, kind in zip(names, types, strict=True)]


def schema_of(columns: list[str], kinds: dict[str, set[str]]) -> Any:
    """A schema for rows of cells: a type where all values of a column have it, else strings, JSON where need be.

    Parameters: `kinds` as JsonlReader has them; a column that is not in it, as all those of a CSV, holds strings.
    """
    return pa.schema([(name, _TYPES.get(frozenset(kinds.get(name, ())), pa.string())) for name in columns])


class ParquetWriter:
    """Writes Parquet, in groups of many windows, for small groups make slow files.

    Parameters: `schema`, of the input's columns; `added`, the names for label, score, probabilities and error.
    """

    def __init__(self, stream: BinaryIO, schema: Any, added: list[str]) -> None:
        self._added = added_fields(added)
        self._before = schema
        self._schema = schema
        for field in self._added:
            self._schema = self._schema.append(field)
        self._sink = _Sink(stream)
        self._writer = pq.ParquetWriter(self._sink, self._schema)
        self._waiting: list[Any] = []

    def write(self, window: Window, verdicts: list[Verdict]) -> None:
        """Writes each row with its verdict."""
        if not window.rows:  # a header alone: a file without rows has the schema all the same
            return
        columns = window.batch.columns if window.batch is not None else self._columns(window)
        values = zip(*((one.label, one.score, one.probabilities, one.error) for one in verdicts), strict=True)
        added = [pa.array(list(column), field.type) for column, field in zip(values, self._added, strict=True)]
        self._waiting.append(pa.RecordBatch.from_arrays([*columns, *added], schema=self._schema))
        rows = sum(batch.num_rows for batch in self._waiting)
        if rows >= _GROUP_ROWS or sum(batch.nbytes for batch in self._waiting) >= _GROUP_BYTES:
            self._flush()

    def finish(self) -> None:
        """Writes the last group and the file's index."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Keeps Arrow from ending the file when its writer goes: half a table must not look whole."""
        self._sink.abandoned = True

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting))
            self._waiting = []

    def _columns(self, window: Window) -> list[Any]:
        columns = zip(*(row.cells or () for row in window.rows), strict=True)
        return [
            pa.array([_value(cell, field.type) for cell in column], field.type)
            for column, field in zip(columns, self._before, strict=True)
        ]


def _value(cell: Cell, kind: Any) -> Any:
    if cell is None:
        return None
    return clean(cell) if pa.types.is_string(kind) else json.loads(cell)


class _Sink:
    """A stream that knows how much was written, which Arrow asks and a pipe can't tell; closing stays its owner's."""

    closed = False
    abandoned = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._written = 0

    def write(self, data: Any) -> int:
        if not self.abandoned:
            self._stream.write(data)
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        return self._written

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        """The stream is flushed by whoever opened it."""

    def close(self) -> None:
        """The stream is closed by whoever opened it."""
