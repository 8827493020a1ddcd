"""Finds the whole events within a broken text.

Each object that begins as an event does is read as JSON from there. Where that fails at some byte, every object that is
open at that byte fails there as well and is not tried again; so the work is linear in the text, whatever it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, NamedTuple

from projector.wire.splitting.brackets import open_at
from projector.wire.splitting.oversize import LONGEST
from projector.wire.splitting.whole import is_json


class Found(NamedTuple):
    """What is in a stretch: where its events are, and up to where that is settled.

    ``open``: where those objects begin that may be events but go on behind the stretch, the outermost first.
    """

    events: list[tuple[int, int]]
    settled: int
    open: list[int]


_BEGINNING: Final = re.compile(rb'\{[ \t\r\n]*+"(?:metadata|attributes|body)"[ \t\r\n]*+:')
_MAY_BEGIN: Final = re.compile(rb'\{[ \t\r\n]*+(?:"[a-z]*+"?[ \t\r\n]*+)?').fullmatch
_LONGEST_BEGINNING: Final = 256  # bytes
_INNERMOST: Final = 3  # of the objects open there: one of them may be an event that closes behind
_FIRST_LENGTH: Final = 2**12  # bytes that are read at first,
_GROWTH: Final = 16  # and how many times more each time that these do not decide
_NAMED, _EVENT, _HOLDS, _BAD = 1, 2, 4, 8  # what is known of an object: flags


def events_within(text: bytes, *, ends: bool = True, failed: Iterable[int] = ()) -> Found:
    """The whole events in a stretch of a broken text.

    Args:
        ends: Whether nothing that lies behind it counts.
        failed: Where objects begin that are known not to be events.

    >>> events_within(b'{"metadata":{ {"metadata":{"event_name":"x"},"body":{}}')
    Found(events=[(14, 55)], settled=55, open=[])
    """
    return _Search(text, set(failed)).found(ends)


def is_event(text: bytes) -> bool:
    """Whether a text is JSON, and named as an event is.

    >>> is_event(b'{"metadata":{"event_name":"x"}}'), is_event(b'{"metadata":{}}')
    (True, False)
    """
    try:
        flags, last = _read(text.decode("latin-1"), 0)
    except (ValueError, RecursionError):
        return False
    return last == len(text) and bool(flags & _EVENT) and is_json(text)


class Read(NamedTuple):
    """How far the JSON goes that a text begins with: to its ``end``, or to a ``fault``; both None: behind the text."""

    end: int | None = None
    fault: int | None = None


def read_json(stretch: Callable[[int], bytes], most: int) -> Read:
    """How far the JSON goes that a text begins with.

    Args:
        stretch: Gives the first bytes of the text, so many of them; ``most``: how many there are.

    Raises:
        RecursionError: it is nested too deep.

    >>> for text in (b'{"a":1} b', b'{"a":1 b                 ', b'{"a":1'):
    ...     read_json(lambda length: text[:length], len(text))
    Read(end=7, fault=None)
    Read(end=None, fault=7)
    Read(end=None, fault=None)
    """
    try:
        return Read(end=_read_first(lambda length: stretch(length).decode("latin-1"), most)[1])
    except json.JSONDecodeError as error:
        return Read() if _goes_on(error) else Read(fault=error.pos)


def _read_first(stretch: Callable[[int], str], most: int) -> tuple[int, int]:
    """What is known of the object that a text begins with, and where it ends.

    An error costs as much as the text that it is raised for: so that is short at first.
    """
    length = _FIRST_LENGTH
    while True:
        try:
            return _read(stretch(length), 0)
        except json.JSONDecodeError as error:
            if not _goes_on(error) or length >= most:
                raise
            length *= _GROWTH


class _Search:
    def __init__(self, text: bytes, failed: set[int]) -> None:
        self.text = text
        self.json = text.decode("latin-1")  # a character a byte: JSON's own marks are ASCII
        self.failed = failed

    def found(self, ends: bool) -> Found:
        events = list[tuple[int, int]]()
        at = 0
        while match := _BEGINNING.search(self.text, at):
            first, at = match.start(), match.start() + 1
            if first in self.failed:
                continue
            try:
                flags, length = _read_first(partial(self._from, first), len(self.json) - first)
            except json.JSONDecodeError as error:
                open = self._open_at(first, first + error.pos)
                if not ends and _goes_on(error) and first + len(error.doc) == len(self.text):
                    return Found(events, first, open)
                self.failed.update(open)
            except RecursionError:
                self.failed.update(self._open_at(first, len(self.text))[:-_INNERMOST])
                self.failed.add(first)
            else:
                last = first + length
                if flags & _EVENT and length <= LONGEST and is_json(self.text[first:last]):
                    events.append((first, last))
                    at = last
                elif not flags & (_HOLDS | _EVENT):
                    at = last
        return Found(events, len(self.text) if ends else self._last_begun(), [])

    def _from(self, first: int, length: int) -> str:
        return self.json[first : first + length]

    def _last_begun(self) -> int:
        """The end, or a bracket just before it, which may turn out to begin an event."""
        bracket = self.text.rfind(b"{", max(0, len(self.text) - _LONGEST_BEGINNING))
        return bracket if bracket > 0 and _MAY_BEGIN(self.text, bracket) else len(self.text)

    def _open_at(self, first: int, last: int) -> list[int]:
        """The beginnings of events among the brackets that are open at a position."""
        return [place for place in open_at(self.text, first, last) if _BEGINNING.match(self.text, place)]


def _goes_on(error: json.JSONDecodeError) -> bool:
    """Whether reading failed since the text ends: in a string, or within the few characters of a word."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(error.doc) - 12


def _flags_of(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is not list:
        return 0
    flags = 0
    for item in value:
        flags |= _flags_of(item)
    return flags & ~_NAMED


def _of_object(members: list[tuple[str, Any]]) -> int:
    flags = 0
    for name, value in members:
        inner = _flags_of(value)
        flags |= _HOLDS if inner & (_EVENT | _HOLDS) else 0
        flags |= inner & _BAD
        if name == "event_name" and isinstance(value, str) and value:
            flags |= _NAMED
        elif name in ("metadata", "attributes") and inner & _NAMED:
            flags |= _EVENT
    return flags


def _nothing(_: str) -> None:
    return None


def _bad(_: str) -> int:
    return _BAD


_read = json.JSONDecoder(  # values are flags instead, so that little memory is needed
    object_pairs_hook=_of_object, parse_int=_nothing, parse_float=_nothing, parse_constant=_bad
).raw_decode
