"""Bytes out: to a temporary file that takes its own name only when it is whole, or to standard output."""

import bz2
import gzip
import lzma
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO, cast

from service.tables.place import Place
from service.tables.table import TableError


@contextmanager
def target(place: Place) -> Iterator[BinaryIO]:
    """Opens the output for writing, packed as its ending says.

    A file is written beside its place under a hidden temporary name. It is renamed when the block ends well, and
    removed when the block raises, so that nothing unfinished ever has the output's name.
    """
    if place.path is None:
        if sys.stdout is None:  # closed by the shell
            raise TableError("OUTPUT is -, but standard output is closed")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = place.path.with_name(f".{place.path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as base:
            if place.compression:
                with closing(_packed(base, place.compression)) as packed:
                    yield packed
            else:
                yield base
            base.flush()
            os.fsync(base.fileno())
        os.replace(part, place.path)
    finally:
        part.unlink(missing_ok=True)


def _packed(base: BinaryIO, compression: str) -> BinaryIO:
    match compression:
        case "gzip":
            # No name and no time inside: the same rows give the same bytes. Level 6 is gzip's own default.
            stream: Any = gzip.GzipFile("", "wb", 6, base, mtime=0)
        case "bzip2":
            stream = bz2.BZ2File(base, "wb")
        case "xz":
            stream = lzma.LZMAFile(base, "wb")  # noqa: SIM115 - the caller closes it
        case _:
            import pyarrow

            # Arrow closes what it writes to; `base` must stay open for the fsync.
            kept = open(base.fileno(), "wb", closefd=False)  # noqa: SIM115 - closed with the stream
            stream = pyarrow.CompressedOutputStream(kept, "zstd")
    return cast(BinaryIO, stream)


def silence(stream: Any) -> None:
    """Points a stream that nobody reads any more at nothing, so that closing it at exit raises no second error."""
    if stream is None:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
