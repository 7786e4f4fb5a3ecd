"""The formats by name: the one place that knows them all. Parquet's library is loaded only where it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from models.labels import LABELS
from service.tables.delimited_reader import DelimitedReader
from service.tables.delimited_writer import DelimitedWriter
from service.tables.jsonl_reader import JsonlReader
from service.tables.jsonl_writer import JsonlWriter
from service.tables.source import Source
from service.tables.table import Reader, TableError, Writer, clean


def added_names(format: str, prefix: str) -> list[str]:
    """The names of the columns that scoring adds to an output of this format."""
    flat = format in ("csv", "tsv")
    probabilities = [f"p_{label}" for label in LABELS] if flat else ["probabilities"]
    return [prefix + name for name in ("label", "score", *probabilities, "error")]


def check_names(columns: list[str], format: str, added: list[str]) -> None:
    """Refuses names that an output of this format can't hold beside those that are added. Raises TableError."""
    if taken := [name for name in added if name in columns]:
        raise TableError(
            f"the input has columns of its own called {', '.join(taken)}, which scoring would add. Rename them, or "
            "choose other names for the new ones with --prefix"
        )
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice and format in ("jsonl", "parquet"):
        raise TableError(f"the input has several columns called {twice[0]!r}, which {format} can't hold. Rename them")
    if any(clean(name) != name for name in columns):
        raise TableError("a column's name holds half a surrogate pair, which has no UTF-8 form. Rename it")


def open_reader(source: Source, format: str, output_format: str, added: list[str]) -> Reader:
    """Reads the table's names. Raises TableError where `source` is no table of `format`."""
    source.check(format)
    convert = format != output_format
    match format:
        case "jsonl":
            return JsonlReader(source, added, convert)
        case "parquet":
            from service.tables.parquet_reader import ParquetReader

            return ParquetReader(source, convert)
    return DelimitedReader(source, format)


@contextmanager
def open_writer(
    stream: BinaryIO, format: str, reader: Reader, reader_format: str, added: list[str]
) -> Iterator[Writer]:
    """A writer that is finished where the block ends well.

    Rows of `reader` are copied as they stand where the output is of the same format, else converted.
    """
    writer = _writer(stream, format, reader, reader_format, added)
    try:
        yield writer
        writer.finish()
    except BaseException:
        writer.abandon()
        raise


def _writer(stream: BinaryIO, format: str, reader: Reader, reader_format: str, added: list[str]) -> Writer:
    copies = format == reader_format
    match format:
        case "jsonl":
            return JsonlWriter(stream, reader.columns, added, copies)
        case "parquet":
            from service.tables.parquet_writer import ParquetWriter, schema_of

            known = getattr(reader, "schema", None)
            schema = schema_of(reader.columns, getattr(reader, "kinds", {})) if known is None else known
            return ParquetWriter(stream, schema, added)
    like = cast(DelimitedReader, reader) if copies else None
    return DelimitedWriter(stream, format, reader.columns, added, like)
