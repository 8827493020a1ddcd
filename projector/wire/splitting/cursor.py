"""The position of the splitter in a stream: the bytes at hand, the line, the array."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Final

from attrs import define

from projector.domain.events import Refusal
from projector.wire.splitting.brackets import Brackets, open_at
from projector.wire.splitting.oversize import LONGEST
from projector.wire.splitting.rescue import Read, read_json
from projector.wire.splitting.window import Window

Piece = tuple[int, bytes | Refusal]  # an input, and the line, from 1, on which it begins


@define(kw_only=True)
class Lines:
    """Lines, each of which looks like one object; ``first`` is the number of the first one.

    Their reader says how many are ``taken``, up to one that is not JSON: that one is cut text by text.
    """

    texts: list[bytes]
    first: int
    taken: int


Steps = Iterator[Piece | None]  # None: nothing yet, so that the caller can do other things
Search = Generator[None, None, int | None]
Check = Generator[None, None, bool]

_MARK: Final = b"\xef\xbb\xbf"
_SEPARATORS: Final = re.compile(rb"[ \t\r\n,\x1e]*+")
_GOES_ON: Final = re.compile(rb"[ \t\r]*+(?:\n[ \t\r\n]*+\]|[\n \t\r]*+(?:,|\][ \t\r,\x1e]*+(?:[\n\[{\]]|\Z)))")
_AHEAD: Final = re.compile(rb"[ \t\r\n]*+(?:\][ \t\r,\x1e]*+)?")


def indentation(separators: bytes) -> int:
    """How far a text is indented behind a line end and separators: by spaces and tabs.

    >>> indentation(b", \\t")
    2
    """
    return separators.count(b" ") + separators.count(b"\t")


@define
class Array:
    """The array that is being read: how far its first element is indented, and how many came so far."""

    indentation: int
    count: int = 0


class Cursor:
    """A place in a stream, at most separators away from the next text.

    ``at_line_start``: no text of this line was taken yet. ``comma``: one came since the last text. ``indentation`` is
    that of the line's first text.
    """

    def __init__(self, window: Window) -> None:
        self.window: Window = window
        self.at: int = 0
        self.line_start: int = 0
        self.at_line_start: bool = True
        self.indentation: int = 0
        self.taken_to: int = -1  # where the last text that was taken ends
        self.comma: bool = False
        self.array: Array | None = None
        self.no_block: int = -1  # the end of bytes at hand that are not all lines of one text each
        self._indented = False  # whether `indentation` is that of this line already
        self._passed = Brackets(0)
        self._failed: set[int] = set()  # where texts begin that are not JSON, within what was passed

    def begin_line(self, position: int) -> None:
        """Go to the beginning of a line."""
        self.at = self.line_start = position
        self.at_line_start, self._indented = True, False

    def took(self, end: int | None = None) -> None:
        """Note that a text was taken, and where it ends."""
        self.comma = False
        if end is not None:
            self.at = self.taken_to = end
        if self.array is not None:
            self.array.count += 1

    def line_of(self, position: int) -> int:
        """The line, from 1, that a position is in."""
        return self.window.line_at(position)

    def more(self, keep: int) -> Check:
        """Read on, keeping what is held from a position on: whether there was more."""
        while not self.window.fill(keep):
            if self.window.ended:
                return False
            yield None
        yield None
        return True

    def next_text(self, keep: int | None = None) -> Search:
        """Where the next text begins, with ``at_line_start`` where that is on a new line; None: there is none.

        Args:
            keep: Whence on the bytes are kept at hand, unless there are too many.
        """
        window = self.window
        while True:
            last = self.pass_separators()
            if window.text(last, last + 3) == _MARK:
                self.at = last + 3
            elif last < window.end:
                break
            elif not (yield from self.more(last if keep is None or last - keep > LONGEST else keep)):
                return None
        if not self.at_line_start and not self._indented:
            first = max(self.line_start, window.start)
            self._indented, self.indentation = True, indentation(window.text(first, last))
        return last

    def pass_separators(self) -> int:
        """Go behind the separators that are at hand: to the position behind them."""
        last = self.window.match_end(_SEPARATORS, self.at)
        between = self.window.text(self.at, last)
        self.comma = self.comma or b"," in between
        newline = between.rfind(b"\n")
        if newline >= 0:
            self.begin_line(self.at + newline + 1)
        self.at = last
        return last

    def close_of(self, start: int, keep: int) -> Search:
        """Where the bracket or string that begins at a position closes; None where it never does, or not in 16 MiB.

        Of one that lies within a text that was passed over before, None also where it is not JSON.
        """
        brackets, place = self.brackets_at(start)
        if brackets is self._passed or not self._lies_in_passed(start):
            return (yield from self._close_by(brackets, place, start, keep))
        if start in self._failed:
            return None
        window = self.window
        try:
            read = read_json(lambda length: window.text(start, start + length), window.end - start)
        except RecursionError:
            read = Read()
        yield None
        if read.fault is not None:
            fault = read.fault
            self._failed = {start + place for place in open_at(window.text(start, start + fault), 0, fault)}
            return None
        return start + read.end if read.end is not None else (yield from self._close_by(brackets, place, start, keep))

    def _lies_in_passed(self, start: int) -> bool:
        return start < self._passed.at and self.window.text(start, start + 1) != b'"'

    def _close_by(self, brackets: Brackets, place: int, start: int, keep: int) -> Search:
        window = self.window
        while True:
            if (close := brackets.advance(window, place)) is not None:
                return close
            if brackets.failed or (brackets.hungry and window.end - start > LONGEST):
                return None
            if not brackets.hungry:
                yield None
            elif not (yield from self.more(keep)):
                brackets.failed = True

    def brackets_at(self, start: int) -> tuple[Brackets, int]:
        """The pass that knows or will know where a text closes, and the text's place in it."""
        if start < self._passed.at and (place := self._passed.place_of(start)) is not None:
            return self._passed, place
        is_string = self.window.text(start, start + 1) == b'"'
        brackets = Brackets(start, in_string=is_string)
        if start >= self._passed.at and not is_string:
            self._passed = brackets
        return brackets, 0

    def array_goes_on(self, keep: int, position: int) -> Check:
        """Whether behind a position a comma, or the end of the array and then of its line or another text, follows."""
        window = self.window
        while window.match_end(_AHEAD, position) == window.end and (yield from self.more(keep)):
            pass
        return bool(_GOES_ON.match(window.held, position - window.start))
