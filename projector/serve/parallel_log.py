"""The log decoded by a second process, while this one derives from it again."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

from attrs import define, field

from projector.domain.columns import Columns, Slices
from projector.domain.packing import ask_for_dictionaries
from projector.store.index.following import EventsInParallel
from projector.store.interfaces import KeptEvents
from projector.store.log.auditing import fault_among
from projector.store.log.kept import dictionaries_in, entries_in
from projector.store.log.log import EventLog
from projector.wire import process
from projector.wire.kept import KeptDecoder
from projector.wire.process import Order, Starter

_USUAL: Final = 256  # bytes of an event in the log


@define
class _Page:
    """Events that were sent together, of which the first few were taken."""

    kept: KeptEvents
    slices: Slices
    taken: int = 0

    def left(self) -> int:
        return len(self.kept.events) - self.taken

    def take(self, count: int) -> KeptEvents:
        first, last = self.taken, self.taken + count
        self.taken = last
        streams, versions = self.kept.streams[first:last], self.kept.versions[first:last]
        reduced = self.kept.reduced if last == len(self.kept.events) else 0  # counted with the last of them
        at, text = self.kept.fault or (0, "")
        fault = (at - first, text) if text and first <= at < last else None
        return KeptEvents(self.slices.stretch(first, last), streams, versions, reduced, fault)


@define
class _ParallelEvents:
    """Hands out events of the log by position, as long as the other process sends them."""

    pieces: Generator[Any, None, None]
    _pages: list[_Page] = field(factory=list, init=False)
    _next: int = field(default=1, init=False)

    def __call__(self, first: int, last: int) -> KeptEvents | None:
        """The events of the next positions; None where they must be read here."""
        count = last - first + 1
        while sum(page.left() for page in self._pages) < count:
            try:
                if (piece := next(self.pieces)) is not None:
                    columns, *others = piece
                    kept = KeptEvents(Columns.of_plain(columns), *others)
                    self._pages.append(_Page(kept, Slices(kept.events)))
            except (StopIteration, process.ProcessEnded):
                return None
        if first != self._next:
            return None
        self._next = last + 1
        return _joined(list(self._taken(count)))

    def _taken(self, count: int) -> Iterator[KeptEvents]:
        while count:
            page = self._pages[0]
            taken = page.take(min(count, page.left()))
            count -= len(taken.events)
            if not page.left():
                self._pages.pop(0)
            yield taken


def _joined(parts: list[KeptEvents]) -> KeptEvents:
    if len(parts) == 1:
        return parts[0]
    events = Columns()
    for part in parts:
        events.extend(part.events)
    return KeptEvents(
        events,
        [stream for part in parts for stream in part.streams],
        [version for part in parts for version in part.versions],
        sum(part.reduced for part in parts),
        next((part.fault for part in parts if part.fault), None),
    )


@contextmanager
def events_in_parallel(log: EventLog, *, checked: bool = False) -> Iterator[EventsInParallel | None]:
    """What hands out the events of a log that another process decodes meanwhile; None where that would not pay.

    Args:
        checked: They are checked too.
    """
    if log.location.path is None or not process.can_start() or log.head().position * _USUAL < process.WORTHWHILE:
        yield None
        return
    order = {"store": log.location.reading_url, "checked": checked}
    pieces = process.parallel_pieces(__name__, order)
    try:
        yield _ParallelEvents(pieces)
    finally:
        pieces.close()


def main() -> None:
    """What the other process does."""
    process.serve(_work)


def _work(order: Order, _: Starter) -> Iterator[tuple[Any, ...]]:
    ask_for_dictionaries(lambda: dictionaries_in(order["store"]))
    decoder = KeptDecoder(order["checked"])
    for entries in entries_in(order["store"]):
        try:
            found = decoder.decode([entry.state for entry in entries])
        except Exception:  # one can be read no longer: the process that waits reads on, and says which
            return
        streams, versions = [entry.stream for entry in entries], [entry.version for entry in entries]
        fault = fault_among(entries, found.events.names, found.altered) if decoder.checked else None
        yield found.events.plain(), streams, versions, found.reduced, fault
