"""Texts on their way to the process that decodes them, as messages of plain values.

A message is a list of rows, of about 1 MiB; what came is sent at the latest after half a second, where more is awaited
without blocking:

    ("lines", source, first line, texts, offset)        lines, each of which is JSON
    ("text", source, position, text, offset)            one text
    ("refused", source, position, refusal, offset)      what could not even be cut out as one
    ("damage", source, reason)                          a source that could not be read to its end
    ("read", path, size, modified_at, sha256)           a file that was read whole
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any, Final

from projector.domain.events import Refusal
from projector.domain.files import FileRead
from projector.wire.sources import Damage, Input, InputLines, Stretch, Stretches
from projector.wire.splitting import Lines, is_json

_SIZE: Final = 2**20  # bytes of a message, about
_ROW: Final = 64  # bytes of a row beside its text
_LONGEST: Final = 0.5  # seconds that a text waits for its message to fill

Row = tuple[Any, ...]
Message = list[Row]


def as_messages(stretches: Stretches) -> Iterator[Message | None]:
    """Stretches as messages; None where there is nothing to be read yet. What reading raises comes behind them."""
    rows, size, began = Message(), 0, 0.0
    try:
        for stretch in stretches:
            if not rows:
                size, began = 0, monotonic()
            if stretch is not None:
                rows.append(_row(stretch))
                size += _ROW + size_of(stretch)
            if size >= _SIZE or (rows and monotonic() - began > _LONGEST):
                yield rows
                rows = []
            elif stretch is None:
                yield None
    except Exception:
        if rows:
            yield rows
        raise
    if rows:
        yield rows


def size_of(stretch: Stretch) -> int:
    """The bytes of the texts in a stretch."""
    match stretch:
        case InputLines(lines=lines):
            return sum(map(len, lines.texts))
        case Input(content=Refusal(raw=raw)):
            return len(raw)
        case Input(content=bytes(text)):
            return len(text)
        case _:
            return 0


def _row(stretch: Input | InputLines | Damage | FileRead) -> Row:
    match stretch:
        case Input(source, position, Refusal() as refusal, offset):
            return "refused", source, position, (refusal.reason, refusal.raw, refusal.length, refusal.sha256), offset
        case Input(source, position, text, offset):
            return "text", source, position, text, offset
        case InputLines(source, lines, offset):
            return "lines", source, lines.first, _taken(lines), offset
        case Damage(source=source, reason=reason):
            return "damage", source, reason
        case FileRead(path=path, size=size, modified_at=at, sha256=sha256):
            return "read", path, size, at, sha256


def _taken(lines: Lines) -> list[bytes]:
    """Of lines those that are taken since they are JSON: the other process cannot give one back to be cut."""
    texts = lines.texts
    lines.taken = next((place for place, text in enumerate(texts) if not is_json(text)), len(texts))
    return texts[: lines.taken]


def as_stretches(messages: Iterable[Message | None]) -> Stretches:
    """What was sent; behind each message None, so that it is decoded."""
    for message in messages:
        for row in message or ():
            yield from _stretches(row)
        yield None


def _stretches(row: Row) -> Iterator[Stretch]:
    match row:
        case "refused", source, position, (reason, raw, length, sha256), offset:
            refusal = Refusal(reason=reason, raw=raw, length=length, sha256=sha256)
            yield Input(source, position, refusal, offset)
        case "text", source, position, text, offset:
            yield Input(source, position, text, offset)
        case "lines", source, first, texts, offset:
            yield from _lines(source, first, texts, offset)
        case "damage", source, reason:
            yield Damage(source=source, reason=reason)
        case "read", path, size, modified_at, sha256:
            yield FileRead(path=path, size=size, modified_at=modified_at, sha256=sha256)


def _lines(source: str, first: int, texts: list[bytes], offset: int) -> Iterator[Stretch]:
    """Lines; one that the decoder gives back, though it is JSON, by itself."""
    while texts:
        lines = Lines(texts=texts, first=first, taken=len(texts))
        yield InputLines(source, lines, offset)
        if lines.taken == len(texts):
            return
        yield Input(source, first + lines.taken, texts[lines.taken], offset)
        texts, first = texts[lines.taken + 1 :], first + lines.taken + 1
