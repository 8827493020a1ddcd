"""From inputs to the log, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Final

from attrs import define, field, frozen

from projector.domain.events import Arrival, Ignored, LiveEvent, Refusal
from projector.serve.report import Report, Tally
from projector.store.log import EventLog
from projector.wire.decode import decode
from projector.wire.sources import Damage, Input

MOST_EVENTS: Final = 1000  # of a batch
MOST_BYTES: Final = 4 * 2**20
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
    source: str = ""
    arrivals: list[Arrival] = field(factory=list)
    size: int = 0
    began: float = 0.0

    def is_full(self) -> bool:
        return len(self.arrivals) >= MOST_EVENTS or self.size >= MOST_BYTES or monotonic() - self.began > LONGEST

    def add(self, source: str, arrival: Arrival) -> None:
        if not self.arrivals:
            self.source, self.size, self.began = source, 0, monotonic()
        self.arrivals.append(arrival)
        item = arrival.item
        self.size += len(item.raw if isinstance(item, Refusal) else item.text)


def take(
    log: EventLog,
    inputs: Iterable[Input | Damage],
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop = never,
) -> Report:
    """What became of the inputs, each batch of them committed before the next is read on.

    Args:
        should_stop: Asked after every batch; the rest is left where it is.
    """
    started, tally, batch = monotonic(), Tally(), _Batch()

    def commit() -> None:
        if batch.arrivals:
            tally.add(log.append(batch.arrivals, batch.source))
            batch.arrivals = []

    for input in inputs:
        match input:
            case Damage(source=source, reason=reason):
                tally.damaged.append(f"{source}: {reason}")
                continue
            case Input(source=source):
                if batch.arrivals and source != batch.source:
                    commit()
        if (arrival := _arrival(input, tally)) is not None:
            batch.add(source, arrival)
        if batch.is_full() if arrival is not None else tally.read % MOST_EVENTS == 0:
            commit()
            if on_progress is not None:
                on_progress(Progress(offset=input.offset, read=tally.read))
            if should_stop():
                return tally.report(monotonic() - started, interrupted=True)
    commit()
    return tally.report(monotonic() - started)


def _arrival(input: Input, tally: Tally) -> Arrival | None:
    """An input decoded; None where it is ignored."""
    item = decode(input.content) if isinstance(input.content, bytes) else input.content
    if isinstance(item, Ignored):
        tally.ignore(item.name)
        return None
    if isinstance(item, LiveEvent):
        for text in item.warnings:
            tally.warn(text, input.source, input.position)
    return Arrival(position=input.position, item=item)


def retry(log: EventLog) -> Report:
    """What became of the inputs in quarantine that were kept whole, decoded once more."""
    started, tally = monotonic(), Tally()
    for kept in log.quarantined():
        item = decode(kept.raw) if kept.complete else None
        if isinstance(item, LiveEvent):
            arrival = Arrival(position=kept.position, item=item)
            tally.add(log.append([arrival], kept.source, retried=[kept.sha256]))
        else:
            tally.read += 1
            tally.quarantined += 1
    return tally.report(monotonic() - started)
