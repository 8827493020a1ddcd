"""The log decoded by a second process, while this one rebuilds."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final

from attrs import define, field

from projector.domain.events import LiveEvent
from projector.domain.facts import event_kept
from projector.store.index.following import EventsInParallel
from projector.store.log.kept import states_of
from projector.store.log.log import EventLog
from projector.wire import process
from projector.wire.process import Columns, Order, columns_of, events_of

_USUAL: Final = 256  # bytes of an event in the log


@define
class _ParallelEvents:
    """Hands out events of the log by position, as long as the other process sends them."""

    pieces: Generator[Columns | None, None, None]
    _waiting: list[LiveEvent] = field(factory=list)
    _next: int = 1

    def __call__(self, first: int, last: int) -> list[LiveEvent] | None:
        """The events of the next positions; None where they must be read here."""
        while len(self._waiting) < last - first + 1:
            try:
                if (piece := next(self.pieces)) is not None:
                    self._waiting += events_of(piece)
            except (StopIteration, process.ProcessEnded):
                return None
        if first != self._next:
            return None
        taken, self._waiting = self._waiting[: last - first + 1], self._waiting[last - first + 1 :]
        self._next = last + 1
        return taken


@contextmanager
def events_in_parallel(log: EventLog) -> Iterator[EventsInParallel | None]:
    """What hands out the events of a log that another process decodes meanwhile; None where that would not pay."""
    if log.location.path is None or not process.can_start() or log.head().position * _USUAL < process.WORTHWHILE:
        yield None
        return
    pieces = process.parallel_pieces(__name__, {"store": log.location.reading_url})
    try:
        yield _ParallelEvents(pieces)
    finally:
        pieces.close()


def main() -> None:
    """What the other process does."""
    process.serve(_work)


def _work(order: Order) -> Iterator[Columns]:
    for states in states_of(order["store"]):
        events = [event_kept(state)._replace(packed=b"") for state in states]
        yield columns_of(events)
