"""What one run of the batch script reads and writes, decided and checked before the model is loaded."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from service.tables.formats import added_names, check_names, open_reader
from service.tables.place import STANDARD, Place, check_output, place_of, scored_name
from service.tables.source import Source
from service.tables.table import Reader, TableError
from service.tables.text_column import BY_NAME, choose


@dataclass(frozen=True, slots=True)
class Job:
    """An opened input and where its rows go.

    `format` is the input's; `output` is where the rows go; `added`, the names of the columns that scoring adds;
    `notes`, what was guessed and must be said aloud.
    """

    source: Source
    reader: Reader
    format: str
    text_column: str
    output: Place
    added: list[str]
    notes: list[str]

    def expected_rows(self, rows: int) -> int | None:
        """How many rows there will be, judged from the share of the file that `rows` rows took; None if unknown."""
        if self.reader.total is not None:
            return self.reader.total
        fraction = self.source.fraction()
        return round(rows / fraction) if fraction else None


@contextmanager
def plan(
    input: str, output: str | None, text_column: str | None, standard_format: str | None, prefix: str, force: bool
) -> Iterator[Job]:
    """Opens the input and settles names, formats and columns; closes the input at the end of the block.

    Parameters: as the command line has them; `standard_format` is --format.
    Raises TableError for whatever would make the run fail and can be known before it.
    """
    given = place_of(input, "INPUT", standard_format)
    output = output or (STANDARD if given.path is None else str(scored_name(given.path)))
    wanted = place_of(output, "OUTPUT", standard_format)
    if standard_format and given.path and wanted.path:
        raise TableError("--format is for - only; the format of a file is told by its ending")
    if wanted.path:
        check_output(given.path, wanted.path, force)
    with closing(Source(given.path, given.compression)) as source:
        format = given.format or source.looks_like()
        target = Place(wanted.path, wanted.format or format, wanted.compression)
        notes = []
        if not given.format:
            notes.append(f"standard input is taken for {format}, by its first bytes; --format says otherwise")
        added = added_names(target.format, prefix)
        reader = open_reader(source, format, target.format, added)
        column, reason = choose(reader, text_column, source.name)
        check_names(reader.columns, target.format, added)
        notes += reader.notes
        if reason:
            note = f"the reviews are taken from the column {column!r}: {reason}"
            if reason != BY_NAME and format in ("csv", "tsv"):  # then nothing says that there is a header at all
                note += "; the first line is taken as the header and is not scored"
            notes.append(note)
        yield Job(source, reader, format, column, target, added, notes)
