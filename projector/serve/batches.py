"""Chunks of decoded inputs into the log, batch by batch."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from time import monotonic
from typing import Final

from attrs import define, field

from projector.domain.columns import Columns
from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.domain.files import FileRead
from projector.domain.reports import OnProgress, Progress, Report, ShouldStop, never
from projector.serve.tally import Tally
from projector.store.log.appending import Appending
from projector.store.log.log import EventLog
from projector.wire.chunks import Chunk
from projector.wire.options import IntakeOptions
from projector.wire.signed import needs_keys
from projector.wire.splitting import pieces
from projector.wire.wrappers import decoded

MOST_EVENTS: Final = 32_768  # of a batch
FEWEST_EVENTS: Final = 4096  # of a batch that is committed while more are being decoded,
PART: Final = 1 / 16  # and the part of all events so far that it has at least: larger batches write fewer pages
MOST_BYTES: Final = 16 * 2**20  # packed
LONGEST: Final = 1.0  # seconds that an event waits for its batch to fill


@define
class Batch:
    """What is to be committed at one instant; ``sources`` says at which event each source begins."""

    events: Columns = field(factory=Columns)
    dictionaries: list[bytes] = field(factory=list)
    files: list[FileRead] = field(factory=list)
    sources: list[tuple[int, str]] = field(factory=list)
    refused: list[tuple[str, int, Refusal]] = field(factory=list)
    size: int = 0
    began: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.events or self.refused or self.files)

    def is_worth_a_commit(self, before: int) -> bool:
        """Whether it may be committed while nothing else is at hand, behind so many events before."""
        return len(self.events) >= max(FEWEST_EVENTS, before * PART)

    def is_full(self) -> bool:
        """Whether it is to be committed before anything is added."""
        full = len(self.events) + len(self.refused) >= MOST_EVENTS or self.size >= MOST_BYTES
        return full or (bool(self) and monotonic() - self.began > LONGEST)

    def appending(self) -> Appending:
        """What is to be appended."""
        return Appending(
            events=self.events,
            sources=self.sources,
            refused=self.refused,
            files=self.files,
            dictionaries=self.dictionaries,
        )

    def add(self, chunk: Chunk) -> None:
        """Take a chunk."""
        if not self:
            self.size, self.began = 0, monotonic()
        self.sources += [(len(self.events) + index, source) for index, source in chunk.sources]
        self.events = self.events.joined(chunk.events)
        self.dictionaries += chunk.dictionaries
        self.files += chunk.files
        self.refused += chunk.refused
        self.size += chunk.size


def append_chunks(
    log: EventLog,
    chunks: Iterable[Chunk],
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop = never,
) -> Report:
    """Append chunks to the log, one batch after the other, and report what became of their inputs.

    Args:
        chunks: Of any sources. An empty one, sent where nothing arrived for a while, commits a batch
            that is due.
        should_stop: Called after every chunk; where it returns True, the rest is not read.
    """
    started, tally, batch, stopped = monotonic(), Tally(), Batch(), False

    def commit() -> None:
        nonlocal batch
        if batch:
            tally.add(log.submit(batch.appending()))
            batch = Batch()
        else:  # its dictionaries are those of events that are still to come
            batch = Batch(dictionaries=batch.dictionaries)

    with _manual_collection() as collect:
        for chunk in chunks:
            tally.note(chunk)
            batch.add(chunk)
            stopped = should_stop()
            idle = not chunk and batch.is_worth_a_commit(tally.read)
            if stopped or idle or not batch or batch.is_full():
                commit()
                collect()
                if on_progress is not None:
                    on_progress(Progress(offset=chunk.offset, read=tally.read))
            if stopped:
                break
        commit()
    return tally.report(monotonic() - started, interrupted=stopped)


@contextmanager
def _manual_collection() -> Iterator[Callable[[], object]]:
    """Disable automatic garbage collection during intake; yield a function that collects generation 0.

    Automatic collection cost about 10 % of the time of a replay.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield partial(gc.collect, 0) if was else gc.isenabled
    finally:
        if was:
            gc.enable()


def retry(log: EventLog, options: IntakeOptions) -> Report:
    """Append what can be taken now of the inputs in quarantine that were kept whole, cut and decoded once more.

    Of an input that holds events, what is still refused is kept by itself. What keys refused is not taken without keys.
    """
    started, tally = monotonic(), Tally()
    for kept in log.quarantined():
        waits = not kept.complete or (options.keys is None and needs_keys(kept.reason))
        items = [] if waits else list(_items(kept.raw, options))
        events = [item for item in items if isinstance(item, LiveEvent)]
        refused = [(kept.source, kept.position, item) for item in items if isinstance(item, Refusal)]
        others = [item.name for item in items if isinstance(item, Ignored)]
        if events or others:
            tally.add(log.append(events, kept.source, refused=refused, retried=[kept.sha256]))
            tally.ignore(others)
        else:
            tally.read += 1
            tally.quarantined += 1
    return tally.report(monotonic() - started)


def _items(raw: bytes, options: IntakeOptions) -> Iterator[LiveEvent | Refusal | Ignored]:
    """What an input that was refused as one consists of."""
    for piece in pieces(BytesIO(raw)):
        if piece is not None and isinstance(piece[1], bytes):
            yield from decoded(piece[1], options.keys, options.dropped)
        elif piece is not None and isinstance(piece[1], Refusal):
            yield piece[1]
