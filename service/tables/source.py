"""Bytes in: a file or standard input, unpacked, with errors that name it."""

import bz2
import gzip
import io
import lzma
import os
import shutil
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from service.tables.table import TableError

_SIGNATURES = {
    b"\x1f\x8b": "gzip: give it the ending .gz, or unpack it first",
    b"BZh": "bzip2: give it the ending .bz2, or unpack it first",
    b"\xfd7zXZ": "xz: give it the ending .xz, or unpack it first",
    b"\x28\xb5\x2f\xfd": "zstd: give it the ending .zst, or unpack it first",
    b"PK\x03\x04": "a zip archive or a spreadsheet: unpack it, or export it as CSV",
    b"PAR1": "Parquet: give it the ending .parquet",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}


class Source:
    """An opened input; `stream` gives its bytes, buffered and unpacked, and `name` is for messages.

    Parameters: `path`, None for standard input; `compression`, a value of place.COMPRESSIONS or None.
    Raises TableError where there is nothing to read.
    """

    def __init__(self, path: Path | None, compression: str | None) -> None:
        self.name = "standard input" if path is None else str(path)
        self._base: Any = _standard_input() if path is None else _open(path)
        self._size = 0 if path is None else os.fstat(self._base.fileno()).st_size
        self._packed = compression is not None
        self._unpacked = io.BufferedReader(
            _Named(_unpacked(self._base, compression), self._base.seekable(), self.name), 2**17
        )
        self.stream: BinaryIO = self._unpacked
        try:
            self._head = self._unpacked.peek(16)[:16]
            if not self._head:
                raise TableError(f"{self.name} is empty: expected a table with at least a header or one row")
        except TableError:
            self.close()
            raise

    def looks_like(self) -> str:
        """The format that the first bytes suggest: parquet, jsonl, or csv where nothing speaks against it."""
        head = self._head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if head.startswith(b"PAR1"):
            return "parquet"
        return "jsonl" if head.startswith(b"{") else "csv"

    def check(self, format: str) -> None:
        """Refuses bytes that can't be `format`. Raises TableError that says what they look like."""
        for signature, meaning in _SIGNATURES.items():
            if self._head.startswith(signature) and not (format == "parquet" and signature == b"PAR1"):
                raise TableError(f"{self.name} was to be read as {format}, but it looks like {meaning}")

    def make_seekable(self, random: bool = False) -> BinaryIO:
        """The stream, such that it can be read twice; with `random`, anywhere at no cost.

        Where it can't, it is copied to a temporary file, so that memory stays small.
        """
        if not self.stream.seekable() or (random and self._packed):
            copy = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the source
            shutil.copyfileobj(self.stream, copy, 2**20)
            copy.seek(0)
            self.stream = cast(BinaryIO, copy)
            self._size = 0  # where reading stands can't be told from the file any more
        return self.stream

    def fraction(self) -> float | None:
        """The share of the file that was read, from 0 to 1; None where its size is unknown."""
        return min(1.0, self._base.tell() / self._size) if self._size else None

    def close(self) -> None:
        """Closes what was opened."""
        self.stream.close()
        self._unpacked.close()
        self._base.close()


class _Named(io.RawIOBase):
    """A stream whose errors are TableErrors that name the file."""

    def __init__(self, inner: Any, seekable: bool, name: str) -> None:
        self._inner = inner
        self._seekable = seekable and inner.seekable()  # gzip says that it can seek on a pipe, and can't
        self._name = name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._seekable)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._inner.seek(offset, whence))

    def tell(self) -> int:
        return int(self._inner.tell())

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._inner.read(len(buffer))
        # ValueError is how pyarrow says that a stream is no zstd.
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise TableError(f"can't read {self._name} to its end, it is damaged or cut off: {reason}") from None
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _standard_input() -> BinaryIO:
    if sys.stdin is None:  # closed by the shell
        raise TableError("INPUT is -, but standard input is closed")
    return sys.stdin.buffer


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise TableError(f"INPUT {path} does not exist") from None
    except IsADirectoryError:
        raise TableError(f"INPUT {path} is a folder; expected a file") from None
    except OSError as error:
        raise TableError(f"can't open INPUT {path}: {error.strerror}") from None


def _unpacked(base: Any, compression: str | None) -> Any:
    match compression:
        case "gzip":
            return gzip.GzipFile(fileobj=base)
        case "bzip2":
            return bz2.BZ2File(base)
        case "xz":
            return lzma.LZMAFile(base)
        case "zstd":
            import pyarrow

            return pyarrow.CompressedInputStream(base, "zstd")
    return base
