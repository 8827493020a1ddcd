"""A body that was posted: unpacked within a limit, and decoded as a file of the same bytes would be."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from projector.domain.canonical import read_json
from projector.domain.events import Refusal
from projector.domain.facts import institution_in
from projector.domain.pairs import RootAccount
from projector.wire.chunks import Chunk, chunks
from projector.wire.options import IntakeOptions
from projector.wire.sources import Input, InputLines
from projector.wire.splitting import Lines, pieces_of

GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31  # of zlib: 32 KiB, with the header of gzip


class NotGzip(ValueError):
    """A body is not the gzip that it says it is."""


class TooLarge(ValueError):
    """A body would be larger than it may be."""


def unpacked(body: bytes, limit: int) -> bytes:
    """A body without its gzip, also of several members.

    Args:
        limit: The bytes that it may have.

    Raises:
        NotGzip: it is not gzip, or not whole.
        TooLarge: it has more bytes.

    >>> import gzip
    >>> unpacked(gzip.compress(b"{}") + gzip.compress(b"{}"), 4)
    b'{}{}'
    """
    parts, size, rest = [], 0, body
    while rest:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            part = member.decompress(rest, limit - size + 1)
        except zlib.error as error:
            raise NotGzip(str(error)) from error
        parts.append(part)
        size += len(part)
        if size > limit:
            raise TooLarge
        if not member.eof:
            raise NotGzip("it ends too early")
        rest = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def posted_chunks(body: bytes, source: str, options: IntakeOptions) -> Iterator[Chunk]:
    """The inputs of a body in chunks; their positions are its lines."""
    return chunks(_inputs(body, source), options)


def _inputs(body: bytes, source: str) -> Iterator[Input | InputLines | None]:
    for piece in pieces_of(body):
        if piece is None:
            yield None
        elif isinstance(piece, Lines):
            yield InputLines(source, piece, len(body))
        else:
            yield Input(source, *piece, len(body))


def account_named(refusal: Refusal) -> RootAccount | None:
    """The institution that a refused input names, as far as that can be read; None where it names none."""
    try:
        event = read_json(refusal.raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    metadata = event.get("metadata", event.get("attributes"))
    account = institution_in(metadata) if isinstance(metadata, dict) else (None, None)
    return None if account == (None, None) else account
