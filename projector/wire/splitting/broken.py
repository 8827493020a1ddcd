"""Texts that are not JSON: the whole events in them, and the inputs between."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from functools import partial
from typing import Final

from projector.wire.splitting.brackets import Brackets
from projector.wire.splitting.cursor import Cursor, Piece, Search, Steps
from projector.wire.splitting.cursor import indentation as indentation_of
from projector.wire.splitting.oversize import LONGEST, SEPARATORS, Oversize
from projector.wire.splitting.rescue import events_within, is_event
from projector.wire.splitting.window import Window

_LINE: Final = re.compile(rb"\n([ \t\r,\x1e\xef\xbb\xbf]*+)[{\[]")
NextLine = Callable[[Window, int], int | None]  # where, behind a position, a line begins that may begin a text

_STRETCH: Final = 2**20  # bytes that are looked through at once
_MOST_OPEN: Final = 16  # objects within one another that are followed behind their stretch


def broken(cursor: Cursor, start: int, *, to_line_end: bool = False) -> Steps:
    """A text that is not JSON: the whole events in it, and what lies between them, up to the next text's line.

    Args:
        to_line_end: It ends with its line, whatever the next one begins with.
    """
    indentation = cursor.indentation if cursor.array is None else cursor.array.indentation
    next_line = _any_line if to_line_end else partial(_next_line, most=indentation)
    stretch = _Stretch(cursor, start)
    while (end := (yield from _line_behind(cursor, stretch.at, next_line))) is not None:
        open = yield from stretch.rescue(end, ends=False)
        if stretch.at == end:
            break
        yield from stretch.go_on(open)
    else:
        yield from _streamed(stretch, start, next_line)
        return
    yield from stretch.run.pieces()
    cursor.took(end)
    cursor.comma = cursor.window.text(max(start, end - 64), end).rstrip(b" \t\r\n").endswith(b",")
    cursor.begin_line(end)


def _line_behind(cursor: Cursor, at: int, next_line: NextLine) -> Search:
    """Where the next line begins that may begin a text, or the input ends; None: not within 16 MiB."""
    window, searched = cursor.window, at
    while True:
        found = next_line(window, searched)
        if found is not None and found - at <= LONGEST:
            return found
        if found is not None or window.end - at > LONGEST:
            return None
        searched = max(at, window.held.rfind(b"\n") + window.start)
        if not (yield from cursor.more(at)):
            return window.end


def _any_line(window: Window, first: int) -> int | None:
    """Where the next line begins."""
    newline = window.find(b"\n", first)
    return None if newline < 0 else newline + 1


def _next_line(window: Window, first: int, most: int) -> int | None:
    """Where the next line begins that begins with a bracket and is indented no more than this."""
    lines = window.lines_like(_LINE, first)
    return next((line for line, separators in lines if indentation_of(separators) <= most), None)


def rescued(cursor: Cursor, start: int, end: int) -> Steps:
    """The events between two positions, and what lies between them; the array goes on behind them."""
    array, cursor.array = cursor.array, None  # a bracket that closes in between does not close it
    stretch = _Stretch(cursor, start)
    yield from stretch.rescue(end, ends=True)
    yield from stretch.run.pieces()
    cursor.array = array


class _Stretch:
    """A broken text from ``at`` on; ``run`` is what was passed since the last event."""

    def __init__(self, cursor: Cursor, start: int) -> None:
        self.cursor = cursor
        self.at = start
        self.run = Run(cursor)
        self.failed = {start}  # where objects begin that are not events

    def rescue(self, end: int, *, ends: bool) -> Generator[Piece | None, None, list[int]]:
        """Give the events up to a position, going as far as that is settled.

        Returns:
            Where objects begin that go on behind it and may be events.
        """
        size = _STRETCH
        while self.at < end:
            first, last = self.at, min(end, self.at + size)
            ends_here = ends and last == end
            failed = (place - first for place in self.failed)
            found = events_within(self.cursor.window.text(first, last), ends=ends_here, failed=failed)
            for begins, closes in found.events:
                yield from self.take(first + begins, first + closes)
            self.pass_to(first + found.settled)
            yield None
            if found.open and last == end:
                return [first + place for place in found.open]
            size = size * 4 if self.at == first else _STRETCH
        return []

    def take(self, begins: int, closes: int) -> Steps:
        """Give an event, and before it what was passed since the last one."""
        self.pass_to(begins)
        yield from self.run.pieces()
        yield self.cursor.line_of(begins), self.cursor.window.text(begins, closes)
        self.at, self.run = closes, Run(self.cursor)

    def pass_to(self, position: int) -> None:
        """Take the bytes up to a position as part of no event."""
        self.run.add(self.cursor.window.text(self.at, position), self.at)
        self.at = position

    def go_on(self, open: list[int]) -> Steps:
        """Give the outermost of these objects that is an event, although a line in it looked like the next text."""
        for place in open[-_MOST_OPEN:]:
            close = yield from self.cursor.close_of(place, self.at)
            if close is not None and close - place <= LONGEST and is_event(self.cursor.window.text(place, close)):
                yield from self.take(place, close)
                return
        self.failed.update(open)


class Run:
    """What lies between events: one input, unless it is nothing, or the end of the array."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.bytes: Oversize = Oversize()
        self.line: int = 0

    def add(self, text: bytes, position: int) -> None:
        """Take the bytes at a position."""
        if not self.line and (content := text.lstrip(SEPARATORS)):
            self.line = self.cursor.line_of(position + len(text) - len(content))
        self.bytes.add(text)

    def pieces(self) -> Steps:
        """The input that it is, if it is one."""
        content = self.bytes.content()
        if self.cursor.array is not None and content == b"]":
            self.cursor.array = None
        elif content:
            yield self.line, content


def _streamed(stretch: _Stretch, start: int, next_line: NextLine) -> Steps:
    """A broken text of which no end is near: the same, piece by piece, up to a line or its own closing bracket."""
    cursor, window, end = stretch.cursor, stretch.cursor.window, None
    brackets, place = cursor.brackets_at(start)
    while end is None:
        while window.end - stretch.at <= LONGEST and (yield from cursor.more(stretch.at)):
            pass
        line = next_line(window, stretch.at)
        close = yield from _close_at_hand(window, brackets, place)
        end = min(
            (found for found in (line, close, window.end if window.ended else None) if found is not None), default=None
        )
        if end is not None:
            yield from stretch.rescue(end, ends=True)
            break
        first = stretch.at
        open = yield from stretch.rescue(_settled_end(window, stretch.at), ends=False)
        if stretch.at == first:
            stretch.failed.update(open[:-1] or open)  # too long; the innermost may yet close
    yield from stretch.run.pieces()
    cursor.took(end)
    if end != close:
        cursor.begin_line(end)


def _settled_end(window: Window, at: int) -> int:
    """The end of what is at hand, or a line end before it that only separators follow: a text may begin there."""
    rest = window.held.rstrip(b" \t\r,\x1e")
    end = window.start + len(rest) - 1
    return end if rest.endswith(b"\n") and end > at else window.end


def _close_at_hand(window: Window, brackets: Brackets, place: int) -> Search:
    """Where a text closes; None where that is not at hand."""
    brackets.hungry = False
    while not brackets.failed and not brackets.hungry:
        if (close := brackets.advance(window, place)) is not None:
            return close
        yield None
    return None
