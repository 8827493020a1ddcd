"""Finds where brackets close: one pass over the bytes, whose result is remembered.

A string may not hold a line end, so at the beginning of every line a pass is outside strings, wherever it began. What a
pass that failed found of a later line is therefore true of it: a bracket it left open never closes, and every other one
does. So texts that are broken one after the other are looked at twice at most, not once for each that came before.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from typing import Final

from projector.wire.splitting.window import Window

_MOST_OPEN: Final = 2**20  # brackets; an event has 200 at most
_STEPS: Final = 50_000  # of one call
_UP_TO_BRACKETS: Final = re.compile(rb'(?:[^"\[\]{}\\]++|"(?:[^"\\\n]++|\\[^\n])*+")*+([\[{]++|[\]}]++)?')
_BRACKET: Final = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\\n]++|\\[^\n])*+")*+([\[\]{}])')
_DEEPEST: Final = 1000  # brackets within one another: the JSON library reads no more
_REST_OF_STRING: Final = re.compile(rb'(?:[^"\\\n]++|\\[^\n])*+')
_CLOSER: Final = bytes.maketrans(b"[{", b"]}")


class Brackets:
    """A pass over brackets and strings from a position on.

    ``at`` is how far it has come. ``failed``: brackets close in the wrong order there, a string holds a line end, or a
    backslash is outside strings: whatever is open then never closes. ``hungry``: it needs more bytes to go on.
    """

    def __init__(self, start: int, *, in_string: bool = False) -> None:
        self.at: int = start + in_string
        self.failed: bool = False
        self.hungry: bool = False
        self._in_string = in_string
        self._open = array("q")
        self._closers = bytearray()

    def place_of(self, start: int) -> int | None:
        """The place among the open brackets of one that was passed; None where it closed."""
        place = bisect_left(self._open, start)
        return place if place < len(self._open) and self._open[place] == start else None

    def advance(self, window: Window, place: int) -> int | None:
        """Go on to where the bracket at a place, or the string that the pass began with, closes: the position behind.

        Returns:
            None where it failed, is hungry, or took many steps: then call it again.

        >>> import io
        >>> window = Window(io.BytesIO(b'[{"a":"]"}] [')); _ = window.fill(0)
        >>> Brackets(0).advance(window, 0)
        11
        """
        self.hungry = False
        if self._in_string and self._leave_string(window) and not self._open:
            return self.at
        for _ in range(_STEPS):
            if self._in_string or self.failed or self.hungry:
                break
            if (close := self._step(window, place)) is not None:
                return close
        return None

    def _step(self, window: Window, place: int) -> int | None:
        match = _UP_TO_BRACKETS.match(window.held, self.at - window.start)
        assert match is not None
        self.at = match.end() + window.start
        if not (run := match[1]):
            self._stop(window)
        elif run[0] in b"[{":
            self._enter(range(self.at - len(run), self.at), run)
        else:
            return self._leave(run, self.at - len(run), place)
        return None

    def _enter(self, places: range, run: bytes) -> None:
        self._open.extend(places)
        self._closers += run.translate(_CLOSER)
        self.failed = len(self._open) > _MOST_OPEN

    def _leave(self, run: bytes, first: int, place: int) -> int | None:
        closers, count = self._closers, min(len(run), len(self._closers) - place)
        if closers[: -count - 1 : -1] != run[:count]:
            count = next(n for n in range(count) if closers[-1 - n] != run[n])
            self.failed = True
        if count:
            del closers[-count:], self._open[-count:]
        if self.failed or len(closers) > place:
            return None
        self.at = first + count
        return self.at

    def _stop(self, window: Window) -> None:
        """Look at what comes where no bracket follows: nothing more, a string that goes on, or a fault."""
        match window.text(self.at, self.at + 1):
            case b"":
                self.hungry = True
            case b'"':
                self._in_string = True
                self.at += 1
                self._leave_string(window)
            case _:
                self.failed = True

    def _leave_string(self, window: Window) -> bool:
        self.at = window.match_end(_REST_OF_STRING, self.at)
        rest = window.text(self.at, self.at + 2)
        if rest[:1] == b'"':
            self._in_string = False
            self.at += 1
        elif rest in (b"", b"\\"):
            self.hungry = True
        else:
            self.failed = True
        return not self._in_string


def open_at(text: bytes, first: int, last: int) -> list[int]:
    """Where the brackets begin that are open at a position, of a text that is JSON from another one up to there.

    >>> open_at(b'{"a":[{},{"b": bad', 0, 15)
    [0, 5, 9]
    """
    stack: list[int] = []
    while (match := _BRACKET.match(text, first)) and match.start(1) < last and len(stack) < _DEEPEST:
        if match[1] in b"[{":
            stack.append(match.start(1))
        elif stack:
            stack.pop()
        if not stack:
            break
        first = match.end()
    return stack
