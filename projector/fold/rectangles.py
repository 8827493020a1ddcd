"""The versions of one aggregate on both clocks: when each is in effect, and when that is what is known. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from attrs import define

from projector.domain.recorded import Precedence


class Arrival(NamedTuple):
    """An event of an aggregate: what the spans of versions are made from."""

    precedence: Precedence
    recorded_at: int
    position: int  # in the log
    has_title: bool  # of a result, whether its body has a title of its own; True for every other kind


class Rectangle(NamedTuple):
    """A version on both clocks, in effect at T by what is known at K.

    That is where ``valid_from <= T < valid_to`` and ``known_from <= K < known_to``; an end of None is open. The spans
    are never empty.
    """

    position: int  # of the event that gives the state
    titled_by: int | None  # of the earlier event whose title the state keeps; None: its own, or none
    valid_from: int
    valid_to: int | None
    known_from: int
    known_to: int | None


def rectangles(arrivals: Iterable[Arrival]) -> Iterator[Rectangle]:
    """Every version of an aggregate on both clocks; at each pair of instants at most one applies.

    When an event is recorded, it ends the row of its predecessor, which begins again shortened unless nothing of it is
    left, and begins a row of its own: at most two rows an event, in n log n steps. A late title also renews the rows
    of the later events that keep it. Events that were recorded together are one step.

    Args:
        arrivals: All events of the aggregate, in any order.

    Returns:
        Those that are no longer known, in the order in which they ended; then the others by ``valid_from``.

    >>> first, late = Arrival((5, True, 0, b"a"), 1, 1, True), Arrival((3, True, 0, b"b"), 2, 2, True)
    >>> [(row.position, *row[2:]) for row in rectangles([first, late])]
    [(2, 3, 5, 2, None), (1, 5, None, 1, None)]
    """
    events = sorted(arrivals, key=lambda event: event.precedence)
    recorded = [event.recorded_at for event in events]
    order = sorted(range(len(events)), key=recorded.__getitem__)
    known = _Known.nothing_of(events, order)
    for recorded_at, batch in groupby(order, key=recorded.__getitem__):
        yield from known.take(list(batch), recorded_at)
    yield from known.rows()


@define
class _Known:
    """The events known so far as a list linked in precedence; each is named by its place among all of them.

    The place behind the last is that of both ends of the list. It has no time, so that the last version does not end,
    and it has a title, so that a search for the next title ends.
    """

    events: Sequence[Arrival]
    times: Sequence[int | None]
    titled: Sequence[bool]
    before: list[int]
    after: list[int]
    # of the row of each that is known now; since None: there is none
    since: list[int | None]
    valid_to: list[int | None]
    titled_by: list[int | None]

    @classmethod
    def nothing_of(cls, events: Sequence[Arrival], order: Sequence[int]) -> _Known:
        """Nothing is known yet.

        Args:
            order: The places of the events in the order in which they will be taken.
        """
        end = len(events)
        before, after = [end, *range(end)], [*range(1, end + 1), 0]
        for at in reversed(order):  # each keeps its neighbours of when it is taken: no place is searched for
            earlier, later = before[at], after[at]
            after[earlier], before[later] = later, earlier
        times = [*(event.precedence[0] for event in events), None]
        titled = [*(event.has_title for event in events), True]
        return cls(events, times, titled, before, after, [None] * end, [None] * end, [None] * end)

    def take(self, batch: Sequence[int], recorded_at: int) -> Iterator[Rectangle]:
        """Take the events of a batch, given in precedence; returns the rows that end then."""
        before, after = self.before, self.after
        for at in batch:
            after[before[at]] = before[after[at]] = at
        for at in batch:
            for changed in (before[at], at, *self._keepers(at)):
                if changed < len(self.events) and (row := self._renew(changed, recorded_at)) is not None:
                    yield row

    def rows(self) -> Iterator[Rectangle]:
        """The rows that are known now."""
        return (self._row(at, since, None) for at, since in enumerate(self.since) if since is not None)

    def _keepers(self, at: int) -> Iterator[int]:
        """The events that keep the title of this one, if it has any."""
        if self.titled[at]:
            while not self.titled[at := self.after[at]]:
                yield at

    def _renew(self, at: int, recorded_at: int) -> Rectangle | None:
        """Make the row of an event what its neighbours now make it; returns the one that ends, if any."""
        valid_to, titled_by, since = self.times[self.after[at]], self._title_kept_by(at), self.since[at]
        if since is not None and valid_to == self.valid_to[at] and titled_by == self.titled_by[at]:
            return None
        ended = None if since is None else self._row(at, since, recorded_at)
        self.since[at] = None if valid_to == self.times[at] else recorded_at
        self.valid_to[at], self.titled_by[at] = valid_to, titled_by
        return ended

    def _title_kept_by(self, at: int) -> int | None:
        """The position of the nearest earlier event with a title, for one that has none itself."""
        if self.titled[at] or (before := self.before[at]) == len(self.events):
            return None
        return self.events[before].position if self.titled[before] else self.titled_by[before]

    def _row(self, at: int, known_from: int, known_to: int | None) -> Rectangle:
        event = self.events[at]
        valid_from, valid_to = event.precedence[0], self.valid_to[at]
        return Rectangle(event.position, self.titled_by[at], valid_from, valid_to, known_from, known_to)
