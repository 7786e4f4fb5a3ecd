"""Bytes in, numbered lines out, in bounded memory."""

from typing import NamedTuple


class Line(NamedTuple):
    """One line of a stream: its number, from 1, and its bytes without the newline; None where it is too long."""

    number: int
    data: bytes | None


class Lines:
    """Holds what has arrived and is not yet taken: `limit` bytes and one piece at most.

    Parameters:
        limit: longest line, bytes; a longer one is dropped as it arrives, and told as Line(number, None).
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._newlines = 0
        self._number = 0
        self._dropped = False  # the beginning of the line at hand, because it is too long
        self._ended = False

    @property
    def full(self) -> bool:
        """Whether no more should be fed before some are taken."""
        return self._newlines > 0 and len(self._bytes) >= self._limit

    @property
    def waiting(self) -> bool:
        """Whether there is a line to take."""
        return self._newlines > 0 or (self._ended and (self._dropped or bool(self._bytes)))

    def feed(self, piece: bytes) -> None:
        """Add bytes in the order in which they arrived."""
        self._bytes += piece
        self._newlines += piece.count(b"\n")
        if not self._newlines and len(self._bytes) > self._limit:
            self._bytes.clear()
            self._dropped = True

    def end(self) -> None:
        """Say that no more will be fed: what follows the last newline is a line too, unless it is empty."""
        self._ended = True

    def take(self, most: int) -> list[Line]:
        """Return the next lines, at most `most` of them."""
        lines: list[Line] = []
        while len(lines) < most and self.waiting:
            end = self._bytes.find(b"\n") if self._newlines else len(self._bytes)
            data = None if self._dropped or end > self._limit else bytes(self._bytes[:end])
            self._newlines -= 1 if self._newlines else 0
            self._dropped = False
            self._number += 1
            del self._bytes[: end + 1]
            lines.append(Line(self._number, data))
        return lines
