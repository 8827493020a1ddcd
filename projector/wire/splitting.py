"""Cutting a stream of bytes into inputs, in bounded memory: lines, arrays, objects over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO, Final

import msgspec

from projector.domain.events import Refusal
from projector.wire.decode import HEAD, refuse

LONGEST: Final = 16 * 2**20  # bytes of an input that is held in memory
_CHUNK: Final = 2**18
_BOM: Final = b"\xef\xbb\xbf"
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_MARK: Final = re.compile(rb'"(?:[^"\\\n]|\\.)*"|["\[\]{},]', re.DOTALL)  # a lone " is a string that stays open


# one input and its place: the line, from 1, or the element of an array that spans lines
Piece = tuple[int, bytes | Refusal]


def pieces(stream: BinaryIO) -> Iterator[Piece]:
    """Every input of a stream: a line each, the elements of arrays, or objects that span lines."""
    lines = _Lines(stream)
    first = True
    for line in lines:
        text = line.strip()
        if text[:1] == b"{" and lines.ended and not first:  # as nearly all are
            yield lines.number, text if len(line) - len(text) == 1 else _without_end(line)
            continue
        if not text:
            continue
        if text[:1] == b"[":
            yield from _array(line, text, lines, first=first)
        elif not lines.whole:
            yield lines.number, lines.drop_rest(line)
        elif first and text[:1] == b"{" and (_depth(text) or 0) > 0:
            yield from _objects_over_lines(line, lines)
            return
        else:
            yield lines.number, _without_end(line)
        first = False


class _Lines:
    """Lines of bounded length; ``number`` is the last one's, ``whole`` whether all of it is at hand."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.number = 0
        self.whole = True
        self.ended = False

    def __iter__(self) -> Iterator[bytes]:
        while line := self.stream.readline(LONGEST):
            self.number += 1
            if self.number == 1:
                line = line.removeprefix(_BOM)
            self.ended = line.endswith(b"\n")
            self.whole = self.ended or len(line) < LONGEST
            yield line

    def more(self) -> bytes:
        """The next stretch of the stream, at most a line."""
        line = self.stream.readline(_CHUNK)
        self.number += self.ended
        self.ended = line.endswith(b"\n")
        return line

    def drop_rest(self, head: bytes) -> Refusal:
        """A line too long to be held: read to its end for its length and hash only."""
        digest, length, tail = sha256(), 0, head
        while not tail.endswith(b"\n") and (chunk := self.stream.readline(_CHUNK)):
            digest.update(tail[:-1])  # the last byte waits: it may be half of the line's end
            length += len(tail) - 1
            tail = tail[-1:] + chunk
        tail = _without_end(tail)
        digest.update(tail)
        return Refusal(
            reason=f"longer than {LONGEST // 2**20} MiB",
            raw=head[:HEAD],
            length=length + len(tail),
            sha256=digest.digest(),
        )


def _without_end(line: bytes) -> bytes:
    return line[:-2] if line[-2:] == b"\r\n" else line.removesuffix(b"\n").removesuffix(b"\r")


def _array(line: bytes, text: bytes, lines: _Lines, *, first: bool) -> Iterator[Piece]:
    number = lines.number
    if not lines.whole:
        yield from _streamed(line, lines, number)
        return
    try:
        elements = _elements(text)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        if first and (_depth(text) or 0) > 0:
            yield from _streamed(line, lines, None)
        else:
            yield number, _without_end(line)
        return
    if not elements:
        yield number, refuse(_without_end(line), "an empty array")
    for element in elements:
        yield number, bytes(element)


def _depth(text: bytes) -> int | None:
    """How many brackets a text leaves open, below 0 where it closes more; None where a string stays open."""
    depth = 0
    for mark in _MARK.finditer(text):
        match mark[0]:
            case b"[" | b"{":
                depth += 1
            case b"]" | b"}":
                depth -= 1
            case b'"':
                return None
    return depth


def _objects_over_lines(line: bytes, lines: _Lines) -> Iterator[Piece]:
    """Objects printed over several lines; where a text does not balance into JSON its lines are taken one by one."""
    held, start, depth, size = [line], lines.number, _depth(line), len(line)
    for line in lines:
        if not held:
            if not line.strip():
                continue
            start, depth, size = lines.number, 0, 0
        held.append(line)
        size += len(line)
        change = _depth(line)
        depth = None if depth is None or change is None else depth + change
        if depth is not None and depth > 0 and size < LONGEST and lines.whole:
            continue
        if not lines.whole:
            yield from _held(held[:-1], start)
            yield lines.number, lines.drop_rest(line)
        else:
            yield from _held(held, start)
        held = []
    yield from _held(held, start)


def _held(held: list[bytes], start: int) -> Iterator[Piece]:
    text = b"".join(held).strip()
    if _is_json(text):
        yield start, text
        return
    for number, line in enumerate(held, start):
        if line.strip():
            yield number, _without_end(line)


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return False
    return True


def _streamed(line: bytes, lines: _Lines, number: int | None) -> Iterator[Piece]:
    """The elements of an array that is read bit by bit; from where its structure breaks, the lines that remain.

    Args:
        number: The line that all of the array is in; None: it spans lines, and the position is the element.
    """
    held, at, depth, count = line[line.index(b"[") + 1 :], 0, 1, 0
    first = lines.number
    while depth:
        mark = _MARK.search(held, at)
        if mark is None or mark[0] == b'"':
            at = len(held) if mark is None else mark.start()
            broken = mark is not None and held.find(b"\n", at) >= 0  # no string spans lines
            if broken or len(held) >= LONGEST or not (more := lines.more()):
                break
            held += more
            continue
        at, separates = mark.end(), False
        match mark[0]:
            case b"[" | b"{":
                depth += 1
            case b"]" | b"}":
                depth -= 1
                separates = depth == 0
            case b",":
                separates = depth == 1
        if separates:
            element, end = held[: mark.start()].strip(), mark[0]
            if not (element and _is_json(element)) and not (end == b"]" and not count and not element):
                break
            if element:
                count += 1
                yield number or count, element
            first += held.count(b"\n", 0, at)
            held, at = held[at:], 0
    if not depth and not count:
        yield number or lines.number, refuse(b"[]", "an empty array")
    if number is None:
        yield from _remaining_lines(held, first, lines)
        return
    while not held.strip() and not lines.ended and (more := lines.more()):
        held = more
    if held.strip():
        content = _without_end(held) if lines.ended else lines.drop_rest(held)
        yield number, content


def _remaining_lines(held: bytes, first: int, lines: _Lines) -> Iterator[Piece]:
    """The lines of what is left of an array, without the commas between them."""
    while held.strip() and not lines.ended and len(held) < LONGEST and (more := lines.more()):
        held += more
    for number, line in enumerate(held.split(b"\n"), first):
        if (text := _without_comma(line)) not in (b"", b"]"):
            yield number, text
    for line in lines:
        if (text := _without_comma(line)) not in (b"", b"]"):
            yield lines.number, text if lines.whole else lines.drop_rest(line)


def _without_comma(line: bytes) -> bytes:
    return line.strip().removesuffix(b",").rstrip()
