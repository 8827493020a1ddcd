"""Splits text by text: where each begins, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from projector.wire.decode import refuse
from projector.wire.splitting.broken import broken, rescued
from projector.wire.splitting.cursor import Array, Check, Cursor, Lines, Piece, Search, Steps, indentation
from projector.wire.splitting.lines import objects, took, whole_lines
from projector.wire.splitting.oversize import LONGEST, SEPARATORS, Oversize
from projector.wire.splitting.whole import is_balanced_json, is_json
from projector.wire.splitting.window import Window

_WORDS: Final = re.compile(rb'[^\r\n"\[\]{},\x1e]*+')
_SPACES: Final = re.compile(rb"[ \t\r]*+")
_CLOSERS: Final = re.compile(rb"[\]} \t\r,\x1e]*+")
_ROW: Final = 2**14  # bytes of an object in a row that is found at once
_LONGEST_WORDS: Final = 2**10  # bytes, about


def pieces(stream: Any) -> Iterator[Piece | None]:
    r"""Every input of a stream of bytes, with its line; None now and then where there is none yet.

    Args:
        stream: It may raise `BlockingIOError` where nothing is at hand just now.

    >>> import io
    >>> [piece for piece in pieces(io.BytesIO(b'{"a":1}{"b":2}\n[{"c":3},\n4]')) if piece]
    [(1, b'{"a":1}'), (1, b'{"b":2}'), (2, b'{"c":3}'), (3, b'4')]
    """
    for step in pieces_and_lines(stream):
        if isinstance(step, Lines):
            yield from checked(step)
        else:
            yield step


def checked(lines: Lines) -> Iterator[tuple[int, bytes]]:
    """Of lines those that are taken since they are JSON, with their numbers."""
    lines.taken = 0
    for number, text in enumerate(lines.texts, lines.first):
        if not is_json(text):
            return
        lines.taken += 1
        yield number, text


def pieces_and_lines(stream: Any) -> Iterator[Piece | Lines | None]:
    """The same, but many lines at once come as `Lines`, not checked: who decodes them sees whether they are JSON."""
    yield from _pieces(Cursor(Window(stream)))


def pieces_of(text: bytes) -> Iterator[Piece | Lines | None]:
    """The same of a text that is at hand: in most cases it is lines of one object each, and nothing else."""
    block = objects(text, first=1)
    if block is not None:
        yield block
        if block.taken == len(block.texts):
            return
    cursor = Cursor(Window(BytesIO(text)))
    cursor.window.fill(0)
    if block is not None:
        took(cursor, block, len(text))
    yield from _pieces(cursor)


def _pieces(cursor: Cursor) -> Iterator[Piece | Lines | None]:
    while True:
        if cursor.at_line_start:
            yield from whole_lines(cursor)
        if (start := (yield from cursor.next_text())) is None:
            return
        if not cursor.at_line_start:
            yield from _text(cursor, start)


def _text(cursor: Cursor, start: int) -> Steps:
    begins = cursor.window.text(start, start + 1)
    if cursor.array is not None and begins == b"]":
        cursor.array, cursor.comma, cursor.at = None, False, start + 1
        return
    if cursor.array is not None and begins == b"[" and cursor.array.count and not cursor.comma:
        cursor.array = None  # it has no end: another one begins
    if begins == b"{" or (cursor.array is not None and begins == b"["):
        yield from _bracketed(cursor, start)
    elif cursor.array is not None:
        yield from _plain_element(cursor, start)
    elif begins == b"[":
        yield from _open_array(cursor, start)
    elif begins in b"]}":
        yield from _closers(cursor, start)
    else:
        yield from _rest_of_line(cursor, start)


def _bracketed(cursor: Cursor, start: int) -> Steps:
    """An object, or an array within one."""
    close = _next_in_row(cursor, start)
    if close is None:
        close = yield from cursor.close_of(start, start)
    if close is None or close - start > LONGEST:
        yield from broken(cursor, start)
        return
    if is_balanced_json(memoryview(cursor.window.held)[start - cursor.window.start : close - cursor.window.start]):
        yield cursor.line_of(start), cursor.window.take(start, close)
        cursor.took(close)
    elif cursor.array is not None and (yield from cursor.array_goes_on(start, close)):
        yield from rescued(cursor, start, close)
        cursor.took(close)
    else:
        yield from broken(cursor, start)


def _next_in_row(cursor: Cursor, start: int) -> int | None:
    """Where an object ends that follows another without a separator, if the next one follows it so: found at once."""
    if start != cursor.taken_to:
        return None
    window = cursor.window
    first = start - window.start
    close = window.held.find(b"}{", first, first + _ROW) + 1
    return close + window.start if close and is_json(window.held[first:close]) else None


def _plain_element(cursor: Cursor, start: int) -> Steps:
    """An element that is neither an object nor an array; where it is broken, it ends with its line."""
    end = yield from _plain_end(cursor, start, start)
    if end is None:
        yield from broken(cursor, start, to_line_end=True)
        return
    yield cursor.line_of(start), cursor.window.text(start, end)
    cursor.took(end)


def _plain_end(cursor: Cursor, start: int, keep: int) -> Search:
    """Where an element that is a string or words ends; None where the array does not go on behind it."""
    window = cursor.window
    if window.text(start, start + 1) == b'"':
        end = yield from cursor.close_of(start, keep)
        begins = end is not None and (yield from _next_begins(cursor, keep, end))
    else:
        begins = False
        while (last := window.match_end(_WORDS, start)) == window.end and last - start <= _LONGEST_WORDS:
            if not (yield from cursor.more(keep)):
                break
        end = start + len(window.text(start, last).rstrip(b" \t"))
    if end is None or end == start or end - start > LONGEST:
        return None
    return end if begins or (yield from cursor.array_goes_on(keep, end)) else None


def _next_begins(cursor: Cursor, keep: int, position: int) -> Check:
    """Whether behind a position a text or a line begins, with no comma between."""
    window = cursor.window
    while (end := window.match_end(_SPACES, position)) == window.end and (yield from cursor.more(keep)):
        pass
    return window.text(end, end + 1) in (b'"', b"{", b"[", b"\n")


def _open_array(cursor: Cursor, start: int) -> Steps:
    """Go to the first element of an array; what words follow a bracket on its line begin none."""
    window, number = cursor.window, cursor.line_of(start)
    cursor.at = start + 1
    first = yield from cursor.next_text(start)
    begins = b"" if first is None else window.text(first, first + 1)
    if first is None or begins == b"]":
        cursor.at += len(begins)
        text = window.text(start, cursor.at).rstrip(SEPARATORS) if window.start <= start else b"[" + begins
        yield number, refuse(text, "an empty array") if begins else text
    elif cursor.line_start > start:
        cursor.array = Array(indentation=indentation(window.text(max(cursor.line_start, window.start), first)))
    elif begins in b'{["' or (yield from _plain_end(cursor, first, start)) is not None:
        cursor.array = Array(indentation=first - cursor.line_start)
    else:
        yield from broken(cursor, start)


def _closers(cursor: Cursor, start: int) -> Steps:
    """Brackets that close nothing: one input up to the text that follows on their line, if one does."""
    window = cursor.window
    while (end := window.match_end(_CLOSERS, start)) == window.end and end - start <= LONGEST:
        if not (yield from cursor.more(start)):
            break
    if window.text(end, end + 1) not in (b"{", b"["):
        yield from _rest_of_line(cursor, start)
        return
    yield cursor.line_of(start), window.text(start, end).rstrip(SEPARATORS)
    cursor.took(end)


def _rest_of_line(cursor: Cursor, start: int) -> Steps:
    """What begins with no bracket that opens: one input up to the end of its line."""
    window, searched = cursor.window, start
    while (newline := window.find(b"\n", searched)) < 0 and window.end - start <= LONGEST:
        searched = window.end
        if not (yield from cursor.more(start)):
            newline = window.end
            break
    if newline >= 0 and newline - start <= LONGEST:
        yield cursor.line_of(start), window.text(start, newline).removesuffix(b"\r")
        cursor.at = newline
        return
    yield from _long_line(cursor, start)


def _long_line(cursor: Cursor, start: int) -> Steps:
    window, number, run, at = cursor.window, cursor.line_of(start), Oversize(), start
    while (newline := window.find(b"\n", at)) < 0:
        run.add(window.text(at, window.end))
        at = window.end
        if not (yield from cursor.more(at)):
            newline = at
            break
    run.add(window.text(at, newline))
    yield number, run.content()
    cursor.at = newline
