"""A body that was posted: unpacked within a limit, and decoded as a file of the same bytes would be."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

import msgspec

from projector.domain.canonical import read_json
from projector.domain.events import Refusal
from projector.domain.facts import institution_in
from projector.domain.ids import long_id, shard_of
from projector.domain.pairs import RootAccount
from projector.wire.chunks import Chunk, chunks
from projector.wire.options import IntakeOptions
from projector.wire.sources import Input, InputLines
from projector.wire.splitting import Lines, pieces_of

GZIP: Final = b"\x1f\x8b"
_NAMED: Final = re.compile(rb'"root_account_(uuid|id)\\*"\s*:\s*(?:\\*")?([^"\\,}\s]+)')  # also in a text in JSON
_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
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
    if body[:1] == b"[" and b"\n" not in body and (elements := _elements(body)):
        yield from (Input(source, 1, element, len(body)) for element in elements)
        return
    for piece in pieces_of(body):
        if piece is None:
            yield None
        elif isinstance(piece, Lines):
            yield InputLines(source, piece, len(body))
        else:
            yield Input(source, *piece, len(body))


def _elements(body: bytes) -> list[bytes]:
    """The elements of an array, cut at once by the JSON library; none where it is not whole JSON."""
    try:
        return list(map(bytes, _array(body)))
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return []


def accounts_named(refusal: Refusal, text: bytes) -> set[RootAccount]:
    """The institutions that a refused input names, as far as that can be read.

    Args:
        text: The whole body, which is looked through where only the beginning of the input is kept.

    >>> from projector.wire.decode import refuse
    >>> accounts_named(refuse(b'{"metadata":{"root_account_uuid":"Ab"},"body":NaN}', "not JSON"), b"")
    {('Ab', None)}
    """
    is_whole = refusal.length == len(refusal.raw)
    metadata = _metadata(refusal.raw) if is_whole else None
    if metadata is not None:
        return {institution_in(metadata)} - {(None, None)}
    found = _NAMED.findall(refusal.raw if is_whole else text)
    ids = [(member, long_id(value.decode(errors="replace"))) for member, value in found]
    uuids: set[RootAccount] = {(id, None) for member, id in ids if member == b"uuid" and id is not None}
    # bodies have a root_account_id too, a local one
    return uuids or {(None, id) for _, id in ids if id is not None and shard_of(id) is not None}


def _metadata(raw: bytes) -> dict[str, object] | None:
    try:
        event = read_json(raw)
    except (ValueError, RecursionError):
        return None
    metadata = event.get("metadata", event.get("attributes")) if isinstance(event, dict) else None
    return metadata if isinstance(metadata, dict) else None
