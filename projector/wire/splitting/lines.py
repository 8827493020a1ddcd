"""Lines of one text each, as most are: checked a block at a time by the JSON library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from operator import itemgetter
from typing import Final

import msgspec

from projector.wire.decode import refuse
from projector.wire.splitting.cursor import Cursor, Lines, Piece, Steps
from projector.wire.splitting.oversize import SEPARATORS
from projector.wire.splitting.whole import is_json
from projector.wire.splitting.window import BLOCK

_LONG: Final = 2**18  # bytes: a line beyond is cut text by text
_MOST: Final = 2 * BLOCK  # bytes of a block

_OPENING, _CLOSING = {ord("{")}, {ord("}")}
_first, _last = itemgetter(0), itemgetter(-1)

_raw_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_NO_JSON: Final = (ValueError, msgspec.MsgspecError, RecursionError)


def whole_lines(cursor: Cursor) -> Iterator[Piece | Lines | None]:
    """All lines that are one text each, up to one that is not."""
    window = cursor.window
    while cursor.at_line_start:
        end = window.last_line_end(cursor.at, _MOST)
        if end is None and window.end - cursor.at >= _LONG:
            break
        if end is None and not window.ended:
            yield from cursor.more(cursor.at)
        elif (end := end or window.end) == cursor.at:
            break
        elif block := _block(cursor, end):
            yield block
            took(cursor, block, end)
        else:
            yield from _lines(cursor, end)
    cursor.at_line_start = False


def _block(cursor: Cursor, end: int) -> Lines | None:
    """The lines up to a position where each begins and ends as an object does."""
    if cursor.array is not None or cursor.no_block == cursor.window.end:
        return None
    block = objects(cursor.window.text(cursor.at, end), cursor.window.line_at(cursor.at))
    if block is None:
        cursor.no_block = cursor.window.end
    return block


def objects(block: bytes, first: int) -> Lines | None:
    """The lines of a text, where each begins and ends as an object does; ``first`` is the number of the first one."""
    if block[:1] != b"{":
        return None
    line_end = b"\r\n" if block.endswith(b"\r\n") else b"\n"
    texts = block.split(line_end)
    if not texts[-1]:
        del texts[-1]
    mixed = len(line_end) == 2 and block.count(b"\n") != len(texts)
    if mixed or not all(texts) or set(map(_first, texts)) != _OPENING or set(map(_last, texts)) != _CLOSING:
        return None
    return Lines(texts=texts, first=first, taken=len(texts))


def took(cursor: Cursor, block: Lines, end: int) -> None:
    """Go behind the lines that were taken, of a block up to a position."""
    if block.taken < len(block.texts):
        cursor.no_block = cursor.window.end
        after = cursor.window.text(cursor.at + len(block.texts[0]), end)[:2]
        line_end = 2 if after == b"\r\n" else 1
        end = cursor.at + sum(len(text) + line_end for text in block.texts[: block.taken])
    cursor.window.pass_lines(end, block.taken)
    cursor.begin_line(end)


def _lines(cursor: Cursor, end: int) -> Steps:
    """The texts of lines, up to a line that is not one."""
    window = cursor.window
    while cursor.at < end:
        newline = window.find(b"\n", cursor.at)
        last = newline if 0 <= newline < end else end
        line = window.text(cursor.at, last)
        text = line.strip(SEPARATORS)
        if not text:
            cursor.pass_separators()
            continue
        found = _line(cursor, text)
        if not found:
            cursor.at_line_start = False
            return
        yield from found
        if cursor.array is not None:
            cursor.comma = cursor.comma or line.rstrip(b" \t\r").endswith(b",")
        cursor.begin_line(min(last + 1, window.end))


def _line(cursor: Cursor, text: bytes) -> list[Piece]:
    """The input that a line is, or the elements of the array that it is; none where it is neither."""
    number = cursor.window.line_at(cursor.at)
    if text[:1] == b"{" and text[-1:] == b"}" and is_json(text):
        cursor.took()
        return [(number, text)]
    if text[:1] == b"[" and text[-1:] == b"]" and cursor.array is None:
        with suppress(*_NO_JSON):
            elements: list[Piece] = [(number, bytes(element)) for element in _raw_elements(text)]
            return elements or [(number, refuse(text, "an empty array"))]
    return []
