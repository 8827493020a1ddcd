"""Decoding beside the writing: a process of its own reads files, and hands on chunks."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Final

from projector.domain.events import Refusal
from projector.wire.chunks import Chunk, Terms, chunks
from projector.wire.compressed import SUFFIXES
from projector.wire.process import (
    WORTHWHILE,
    Order,
    can_start,
    columns_of,
    events_of,
    packed_piece,
    pieces_beside,
    serve,
    unpacked_piece,
)
from projector.wire.sources import STDIN, Named, read_paths

_SMALLER: Final = 10  # times that compressed events are smaller, about


def is_worthwhile(found: Sequence[Named]) -> bool:
    """Whether these files are so large that decoding beside the writing is quicker."""
    if STDIN in found or not can_start():
        return False
    sizes = (path.stat().st_size * (_SMALLER if path.suffix in SUFFIXES else 1) for path in map(Path, found))
    return sum(sizes) >= WORTHWHILE


def chunks_beside(found: Sequence[Named], terms: Terms) -> Generator[Chunk, None, None]:
    """The inputs of these files in chunks, decoded by another process meanwhile.

    Raises:
        ProcessEnded: that process was killed.
    """
    order = {"files": [os.fspath(path) for path in found], "dropped": sorted(terms.dropped), "keys": terms.keys_file}
    for piece in pieces_beside(__name__, order):
        yield _chunk(piece)


def main() -> None:
    """What the other process does."""
    serve(_work)


def _work(order: Order) -> Iterator[bytes]:
    terms = Terms.asked(order["dropped"], order["keys"])
    found: list[Named] = [Path(path) for path in order["files"]]
    yield from map(_piece, chunks(read_paths(found), terms))


def _piece(chunk: Chunk) -> bytes:
    refused = [(position, r.reason, r.raw, r.length, r.sha256) for position, r in chunk.refused]
    rest = (chunk.ignored, chunk.warnings, chunk.damage, chunk.count, chunk.size, chunk.offset)
    return packed_piece((chunk.source, columns_of(chunk.events), refused, *rest))


def _chunk(piece: bytes) -> Chunk:
    source, columns, refused, ignored, warnings, damage, count, size, offset = unpacked_piece(piece)
    return Chunk(
        source=source,
        events=events_of(columns),
        refused=[(p, Refusal(reason=why, raw=raw, length=n, sha256=h)) for p, why, raw, n, h in refused],
        ignored=ignored,
        warnings=warnings,
        damage=damage,
        count=count,
        size=size,
        offset=offset,
    )
