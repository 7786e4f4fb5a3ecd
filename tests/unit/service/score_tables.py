"""Carries a table through reader and writer without the model: what the tests of the formats share."""

from service.tables.formats import added_names, open_reader, open_writer
from service.tables.place import place_of
from service.tables.source import Source
from service.tables.table import Verdict, Window
from service.tables.target import target

VERDICT = Verdict("positive", 0.9, {"negative": 0.1 / 3, "neutral": 0.2 / 3, "positive": 0.9})


def carry(source_path, output_path, text_column="text", prefix="") -> list[Window]:
    """Writes every row of one file to another; a row with a fault gets it as its error, each other row VERDICT.

    Returns the windows that were read.
    """
    given, wanted = place_of(str(source_path), "INPUT", None), place_of(str(output_path), "OUTPUT", None)
    added = added_names(wanted.format, prefix)
    source = Source(given.path, given.compression)
    try:
        reader = open_reader(source, given.format, wanted.format, added)
        windows = []
        with target(wanted) as stream, open_writer(stream, wanted.format, reader, given.format, added) as writer:
            for window in reader.windows(text_column):
                writer.write(window, [Verdict(error=row.fault) if row.fault else VERDICT for row in window.rows])
                windows.append(window)
        return windows
    finally:
        source.close()


def rows_of(windows):
    """All rows of the windows, in order."""
    return [row for window in windows for row in window.rows]
