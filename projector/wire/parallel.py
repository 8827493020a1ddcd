"""Decoding in a second process, which reads files and sends chunks."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Final

from attrs import asdict, evolve

from projector.domain.columns import Columns
from projector.domain.events import Refusal
from projector.domain.files import FileRead
from projector.domain.packing import Packing
from projector.wire import process
from projector.wire.chunks import Chunk, IntakeOptions, chunks
from projector.wire.dictionaries import sample, trained
from projector.wire.files.survey import File
from projector.wire.process import Order
from projector.wire.sources import read_stretches

_PLAIN: Final = (
    "dictionaries",
    "sources",
    "ignored",
    "warnings",
    "damage",
    "count",
    "size",
    "offset",
)  # members of a chunk
_SMALLER: Final = 10  # times that compressed events are smaller, about


def is_worthwhile(files: Sequence[File]) -> bool:
    """Whether these files are so large that decoding beside the writing is quicker.

    Pipes and standard input belong to this process: another one cannot open them.
    """
    if not process.can_start():
        return False
    sizes = [file.size and file.size * (_SMALLER if file.is_packed else 1) for file in files]
    return None not in sizes and sum(size or 0 for size in sizes) >= process.WORTHWHILE


def parallel_chunks(files: Sequence[File], options: IntakeOptions) -> Generator[Chunk, None, None]:
    """The inputs of these files in chunks, decoded by another process meanwhile.

    Raises:
        ProcessEnded: that process was killed.
    """

    def order() -> Order:  # while the other process starts
        packing = trained(sample(files), before := Packing(options.dictionary))
        return {
            "files": [asdict(file) for file in files],
            "dropped": sorted(options.dropped),
            "keys": options.keys_file,
            "dictionary": packing.dictionary and b64encode(packing.dictionary).decode(),
            "fits": packing is not before,
            "with_rows": options.with_rows,
        }

    offset = 0
    for piece in process.parallel_pieces(__name__, order):
        chunk = Chunk(offset=offset) if piece is None else _chunk(piece)
        offset = chunk.offset
        yield chunk


def main() -> None:
    """What the other process does."""
    process.serve(_work)


def _work(order: Order) -> Iterator[tuple[Any, ...]]:
    options = evolve(
        IntakeOptions.asked(order["dropped"], order["keys"]),
        dictionary=order["dictionary"] and b64decode(order["dictionary"]),
        fits=order["fits"],
        with_rows=order["with_rows"],
    )
    files = [File(**file) for file in order["files"]]
    yield from map(_piece, chunks(read_stretches(files), options))


def _piece(chunk: Chunk) -> tuple[Any, ...]:
    refused = [(source, position, r.reason, r.raw, r.length, r.sha256) for source, position, r in chunk.refused]
    files = [(file.path, file.size, file.modified_at, file.sha256) for file in chunk.files]
    return chunk.events.plain(), refused, files, {name: getattr(chunk, name) for name in _PLAIN}


def _chunk(piece: tuple[Any, ...]) -> Chunk:
    columns, refused, files, plain = piece
    refusals = [(s, p, Refusal(reason=why, raw=raw, length=n, sha256=h)) for s, p, why, raw, n, h in refused]
    read = [FileRead(path=path, size=n, modified_at=at, sha256=h) for path, n, at, h in files]
    return Chunk(events=Columns.of_plain(columns), refused=refusals, files=read, **plain)
