"""The bytes of a stream at hand: a window that moves forward and grows as far as a text needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

BLOCK: Final = 2**21  # bytes that are read at once, at least
_LONG: Final = 2**20  # bytes


class Window:
    """A stretch of a stream. Positions are bytes from the beginning of the stream.

    ``ended``: the stream has no bytes behind ``end``.
    """

    def __init__(self, stream: Any) -> None:
        self._read = stream.read1 if hasattr(stream, "read1") else stream.read
        self.held: bytes = b""
        self.start: int = 0
        self.end: int = 0
        self.ended: bool = False
        self._line, self._counted = 1, 0  # the line that a position is in

    def fill(self, keep: int) -> bool:
        """Read on, as much as is held from a position on; what lies before it is let go.

        Returns:
            Whether bytes came. Where none did, the stream has ended, or has none at hand just now.
        """
        self.line_at(keep)
        held = self.held[keep - self.start :]
        parts, wanted = [held], max(BLOCK, len(held))
        while wanted > 0 and not self.ended and (part := self._part(wanted)) is not None:
            parts.append(part)
            wanted -= len(part)
        before = self.end
        self.held, self.start = b"".join(parts), keep
        self.end = keep + len(self.held)
        return self.end > before

    def _part(self, wanted: int) -> bytes | None:
        try:
            part: bytes = self._read(wanted)
        except BlockingIOError:  # a pipe that waits for its writer
            return None
        self.ended = not part
        return part

    def text(self, first: int, last: int) -> bytes:
        """The bytes from one position up to another."""
        return self.held[first - self.start : last - self.start]

    def take(self, first: int, last: int) -> bytes:
        """The same, for the last time: long bytes are let go, with all before them, lest they are there twice."""
        text = self.text(first, last)
        if last - first > _LONG:
            self.line_at(last)
            self.held, self.start = self.held[last - self.start :], last
        return text

    def find(self, what: bytes, first: int) -> int:
        """Where these bytes are next; -1 where they are not at hand."""
        found = self.held.find(what, first - self.start)
        return found if found < 0 else found + self.start

    def match_end(self, pattern: re.Pattern[bytes], first: int) -> int:
        """Where a pattern that matches everywhere, if only nothing, ends."""
        match = pattern.match(self.held, first - self.start)
        assert match is not None
        return match.end() + self.start

    def line_at(self, position: int) -> int:
        """The line, from 1, that a position is in; positions are asked for in rising order."""
        if position > self._counted:
            self._line += self.held.count(b"\n", self._counted - self.start, position - self.start)
            self._counted = position
        return self._line

    def pass_lines(self, position: int, lines: int) -> None:
        """Note that so many lines end before a position, behind the last one that was asked for."""
        self._line, self._counted = self._line + lines, position

    def last_line_end(self, first: int, most: int) -> int | None:
        """Where the last whole line ends among so many bytes from a position on; None where none does."""
        found = self.held.rfind(b"\n", first - self.start, first - self.start + most)
        return None if found < 0 else found + 1 + self.start

    def lines_like(self, pattern: re.Pattern[bytes], first: int) -> Iterator[tuple[int, bytes]]:
        """Where the lines begin that a pattern finds from a position on, each with its group 1."""
        for match in pattern.finditer(self.held, first - self.start):
            yield match.start(1) + self.start, match[1]
