"""From inputs to the log, batch by batch."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import Final

from attrs import define, field, frozen

from projector.domain.events import LiveEvent, Refusal
from projector.serve.report import Report, Tally
from projector.store.log import EventLog
from projector.wire.chunks import Chunk, Terms
from projector.wire.envelopes import decoded
from projector.wire.signed import needs_keys

MOST_EVENTS: Final = 8192  # of a batch
MOST_BYTES: Final = 12 * 2**20
LONGEST: Final = 1.0  # seconds that an event waits for its batch to fill


@frozen(kw_only=True)
class Progress:
    """How far a replay has come; ``offset`` counts bytes of the sources."""

    offset: int
    read: int


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


def never() -> bool:
    return False


@define
class _Batch:
    """What is to be committed at one instant, all of one source."""

    source: str = ""
    events: list[LiveEvent] = field(factory=list)
    refused: list[tuple[int, Refusal]] = field(factory=list)
    size: int = 0
    began: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.events or self.refused)

    def is_full(self) -> bool:
        full = len(self.events) + len(self.refused) >= MOST_EVENTS or self.size >= MOST_BYTES
        return full or (bool(self) and monotonic() - self.began > LONGEST)

    def add(self, chunk: Chunk) -> None:
        if not self:
            self.source, self.size, self.began = chunk.source, 0, monotonic()
        self.events += chunk.events
        self.refused += chunk.refused
        self.size += chunk.size


def take(
    log: EventLog,
    chunks: Iterable[Chunk],
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop = never,
) -> Report:
    """What became of the inputs, each batch of them committed before the next is gathered.

    Args:
        should_stop: Asked after every chunk; the rest is left where it is.
    """
    started, tally, batch, stopped = monotonic(), Tally(), _Batch(), False

    def commit() -> None:
        nonlocal batch
        if batch:
            tally.add(log.append(batch.events, batch.source, refused=batch.refused))
        batch = _Batch()

    with _collecting_young_only() as collect:
        for chunk in chunks:
            if batch and chunk.source != batch.source:
                commit()
            tally.note(chunk)
            batch.add(chunk)
            stopped = should_stop()
            if stopped or not batch or batch.is_full():
                commit()
                collect()
                if on_progress is not None:
                    on_progress(Progress(offset=chunk.offset, read=tally.read))
            if stopped:
                break
        commit()
    return tally.report(monotonic() - started, interrupted=stopped)


@contextmanager
def _collecting_young_only() -> Iterator[Callable[[], object]]:
    """Garbage in circles is looked for once a batch, among what is new; else a tenth of the time would go there."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield partial(gc.collect, 0) if was else gc.isenabled
    finally:
        if was:
            gc.enable()


def retry(log: EventLog, terms: Terms) -> Report:
    """What became of the inputs in quarantine that were kept whole, decoded once more.

    Of a wrapper what is still refused is kept by itself. What keys refused is not taken without keys.
    """
    started, tally = monotonic(), Tally()
    for kept in log.quarantined():
        waits = not kept.complete or (terms.keys is None and needs_keys(kept.reason))
        items = [] if waits else decoded(kept.raw, terms.keys, terms.dropped)
        events = [item for item in items if isinstance(item, LiveEvent)]
        refused = [(kept.position, item) for item in items if isinstance(item, Refusal)]
        if events:
            tally.add(log.append(events, kept.source, refused=refused, retried=[kept.sha256]))
        else:
            tally.read += 1
            tally.quarantined += 1
    return tally.report(monotonic() - started)
