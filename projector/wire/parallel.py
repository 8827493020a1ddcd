"""Decoding in a second process: of files, which it reads itself, or of texts that are sent to it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import asdict, evolve

from projector.domain.columns import Columns
from projector.domain.events import Refusal
from projector.domain.files import FileRead
from projector.domain.packing import Packing
from projector.wire import process
from projector.wire.begun import Begun, behind
from projector.wire.chunks import Chunk, chunks
from projector.wire.dictionaries import sample, trained
from projector.wire.files.survey import File
from projector.wire.options import IntakeOptions
from projector.wire.process import Order, Other, Starter
from projector.wire.sent import as_stretches
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
    "packed",
)  # members of a chunk
_FEW: Final = 0  # pieces that are not taken yet: more of them, and the other process has no time to pack events
DECODES: Final = __name__  # the module whose `main` the other process runs
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
    """The inputs of these files in chunks, read and decoded by another process meanwhile.

    The first are decoded here, while that process starts.

    Raises:
        ProcessEnded: that process was killed.
    """
    with process.started(DECODES) as other:
        packing = trained(sample(files), before := Packing(options.dictionary))
        options = evolve(options, dictionary=packing.dictionary, fits=packing is not before)
        begun = Begun(read_stretches(files), other.is_ready)
        options, offset = yield from begun.chunks(options)
        if not begun.has_ended:
            order = {"files": [asdict(file) for file in files], "taken": begun.taken, **_options(options)}
            yield from _in_order(other.pieces(order), options, offset)


def chunks_of_messages(
    other: Other, messages: Iterator[Any], options: IntakeOptions, offset: int
) -> Generator[Chunk, None, None]:
    """Texts in chunks, decoded by another process meanwhile.

    Args:
        messages: See `projector.wire.sent`.
        offset: How many bytes of all sources were read before.

    Raises:
        ProcessEnded: that process was killed.
    """
    yield from _in_order(other.pieces(_options(options), messages), options, offset)


def _options(options: IntakeOptions) -> Order:
    return {
        "dropped": sorted(options.dropped),
        "keys": options.keys_file,
        "dictionary": options.dictionary,
        "fits": options.fits,
        "with_rows": options.with_rows,
    }


def _in_order(pieces: Iterable[Any], options: IntakeOptions, offset: int) -> Iterator[Chunk]:
    """The chunks that came, all of their events packed; an empty one where none came for a while."""
    packing = Packing(options.dictionary)
    for piece in pieces:
        chunk = Chunk(offset=offset) if piece is None else _chunk(piece)
        offset = chunk.offset
        for dictionary in chunk.dictionaries:
            packing = Packing(dictionary)
        chunk.pack(packing)
        yield chunk


def main() -> None:
    """What the other process does."""
    process.serve(_work)


def _work(order: Order, starter: Starter) -> Iterator[tuple[Any, ...]]:
    options = evolve(
        IntakeOptions.asked(order["dropped"], order["keys"]),
        dictionary=order["dictionary"],
        fits=order["fits"],
        with_rows=order["with_rows"],
    )
    if (files := order.get("files")) is not None:
        stretches = behind(read_stretches([File(**file) for file in files]), order["taken"])
    else:
        stretches = as_stretches(starter.messages())
    yield from map(_piece, chunks(stretches, options, lambda: starter.untaken() > _FEW))


def _piece(chunk: Chunk) -> tuple[Any, ...]:
    refused = [(source, position, r.reason, r.raw, r.length, r.sha256) for source, position, r in chunk.refused]
    files = [(file.path, file.size, file.modified_at, file.sha256) for file in chunk.files]
    return chunk.events.plain(), refused, files, {name: getattr(chunk, name) for name in _PLAIN}


def _chunk(piece: tuple[Any, ...]) -> Chunk:
    columns, refused, files, plain = piece
    refusals = [(s, p, Refusal(reason=why, raw=raw, length=n, sha256=h)) for s, p, why, raw, n, h in refused]
    read = [FileRead(path=path, size=n, modified_at=at, sha256=h) for path, n, at, h in files]
    return Chunk(events=Columns.of_plain(columns), refused=refusals, files=read, **plain)
