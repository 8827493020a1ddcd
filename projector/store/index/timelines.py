"""Whole timelines of a kind, in order, for what follows the store: each page from one read transaction."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import Any, Final

from attrs import frozen

from projector.domain.catalogue import Kind
from projector.domain.instants import BEFORE_ALL
from projector.domain.recorded import Precedence
from projector.store.index.deriving import NUMBERS
from projector.store.log.kept import LOGGED, NAME, STATE
from projector.store.pins import Pin, Timeline, TimelinePage

_TENANT: Final = "(SELECT number FROM institution WHERE name = ?1)"
_HERE: Final = (
    f"t.tenant = {_TENANT} AND t.kind = ?2 AND t.from_generation <= ?3"
    " AND (t.to_generation IS NULL OR t.to_generation > ?3) AND t.position <= ?4"
)
_ORDER: Final = "ORDER BY t.id, t.event_time, t.updated, t.updated_at, t.digest"
_EVENT: Final = f"t.id, t.event_time, t.position, {NAME}, {STATE}"
_PRECEDENCE: Final = "t.event_time, t.updated, t.updated_at, t.digest"
_FROM: Final = f"FROM timeline t {LOGGED} t.position WHERE {_HERE}"
_BEHIND: Final = f"SELECT {_EVENT} {_FROM} AND t.id > ?5 {_ORDER}"
_OF: Final = f"SELECT {_EVENT} {_FROM} AND t.id = ?5 {_ORDER}"
_PART: Final = (
    f"SELECT {_EVENT}, {_PRECEDENCE} {_FROM} AND t.id = ?5 AND ({_PRECEDENCE}) > (?6, ?7, ?8, ?9) {_ORDER} LIMIT ?10"
)
_MARKS: Final = f"SELECT t.id, t.event_time, t.position, '', x'' FROM timeline t WHERE {_HERE} AND t.id = ?5 {_ORDER}"
_TITLED: Final = f"SELECT id FROM has_title WHERE tenant = {_TENANT} AND kind = ?2 AND id >= ?3 AND id <= ?4"
_ROW_KEYS: Final = f"""
    SELECT DISTINCT created_at, outcome FROM result_row
    WHERE tenant = {_TENANT} AND (created_at, outcome) > (?2, ?3) AND generation > 0
    ORDER BY created_at, outcome LIMIT ?4
"""
_OF_ROW_KEY: Final = f"""
    SELECT id, max(generation) FROM result_row WHERE tenant = {_TENANT} AND created_at = ?2 AND outcome = ?3
    GROUP BY id ORDER BY id
"""
_ROWS_AT_ONCE: Final = 64
_PACKED_AT_ONCE: Final = 8 * 2**20  # bytes


@frozen
class Timelines:
    """The timelines of an institution within one read transaction, under a pin."""

    _connection: Connection
    _pin: Pin
    _tenant: str

    def page(self, kind: Kind, after: str, limit: int) -> TimelinePage:
        """The events of the aggregates of a kind behind an id, in order: whole aggregates, of about so many events.

        Where the first one has more events than that, there are none, and the page names it as ``long``.
        """
        events, more = self._some(_BEHIND, limit, *self._here(kind), after)
        ids, long = events.ids, None
        if more:  # the last aggregate may have further events
            last = ids[-1]
            whole = bisect_left(ids, last)
            long = None if whole else last
            events = events.part(range(whole))
        end = (events.ids[-1] if events.ids else long) if more else None
        of_results = kind == "result" and events.ids
        titled = self._titled(events.ids[0], events.ids[-1]) if of_results else frozenset[str]()
        return TimelinePage(events=events, titled=titled, long=long, after=end)

    def of(self, kind: Kind, ids: Iterable[str], limit: int) -> tuple[Timeline, str | None]:
        """The events of aggregates, one after the other, until these are about so many.

        Returns:
            Them, and the id of the last aggregate where it may have further ones: none of its events are among them.
        """
        here, found, size = self._here(kind), _columns(), 0
        for id in ids:
            events, more = self._some(_OF, limit, *here, id)
            if more:
                return Timeline(*found), id
            _extend(found, events)
            size += sum(map(len, events.packed))
            if len(found[0]) >= limit or size >= _PACKED_AT_ONCE:
                break
        return Timeline(*found), None

    def part(self, kind: Kind, id: str, after: Precedence, limit: int) -> tuple[Timeline, Precedence | None]:
        """So many events of an aggregate, behind one in the order that decides; and the last of them, None: no more."""
        rows = self._connection.execute(_PART, (*self._here(kind), id, *after, limit)).fetchall()
        events = Timeline.of([row[:5] for row in rows])
        return events, rows[-1][5:] if len(rows) == limit else None

    def marks(self, kind: Kind, id: str) -> Timeline:
        """Every event of an aggregate, without names and texts."""
        return Timeline.of(self._connection.execute(_MARKS, (*self._here(kind), id)).fetchall())

    def titled(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of some results that have an event with a title, which later ones may lack."""
        return frozenset(id for id in ids if self._titled(id, id))

    def row_keys(self, after: tuple[str, int] | None, limit: int) -> list[tuple[str, int]]:
        """A page of the row keys (outcome, time of creation) of results without an id, from behind one."""
        outcome, created_at = ("", BEFORE_ALL) if after is None else after
        rows = self._connection.execute(_ROW_KEYS, (self._tenant, created_at, outcome, limit))
        return [(outcome, created_at) for created_at, outcome in rows]

    def of_row_key(self, key: tuple[str, int]) -> dict[str, bool]:
        """The ids of all results that ever named a row key, and whether some event without an id did."""
        outcome, created_at = key
        rows = self._connection.execute(_OF_ROW_KEY, (self._tenant, created_at, outcome))
        return {id: bool(guessed) for id, guessed in rows}

    def _here(self, kind: Kind) -> tuple[str, int, int, int]:
        return self._tenant, NUMBERS[kind], self._pin.tenancy.generation, self._pin.position

    def _titled(self, first: str, last: str) -> frozenset[str]:
        rows = self._connection.execute(_TITLED, (self._tenant, NUMBERS["result"], first, last))
        return frozenset(id for (id,) in rows)

    def _some(self, statement: str, limit: int, *values: Any) -> tuple[Timeline, bool]:
        """The first events, a bounded number and size of them, and whether there may be more."""
        cursor, found, size = self._connection.execute(statement, values), _columns(), 0
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            events = Timeline.of(rows)
            _extend(found, events)
            size += sum(map(len, events.packed))
            if len(found[0]) >= limit or size >= _PACKED_AT_ONCE:
                return Timeline(*found), True
        return Timeline(*found), False


def _columns() -> tuple[list[Any], ...]:
    return tuple([] for _ in Timeline._fields)


def _extend(columns: Sequence[list[Any]], events: Timeline) -> None:
    """Add events to columns: rows that live long would be looked through by the garbage collector."""
    for column, values in zip(columns, events, strict=True):
        column.extend(values)
