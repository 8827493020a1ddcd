"""Questions to the tables, each a few index seeks, all under one pin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import frozen
from eventsourcing.sqlite import SQLiteCursor

from projector.domain.events import Recorded
from projector.domain.instants import ALWAYS
from projector.domain.kinds import KINDS, Kind
from projector.domain.tenancy import Tenancy
from projector.store.packing import unpack


@frozen(kw_only=True)
class Pin:
    """What the store knew at one moment: everything up to a position of its log.

    ``recorded_at`` None: nothing yet. ``tenancy`` is what it knows when the pin is made.
    """

    position: int
    batch: int
    recorded_at: int | None
    tenancy: Tenancy


@frozen(kw_only=True)
class Neighbours:
    """The event that stands at an instant, the next best one, and when the next one begins."""

    winner: Recorded
    beaten: Recorded | None
    next_at: int | None


_EVENTS: Final = """
    SELECT t.event_time, t.updated_at, t.digest, t.position, e.topic, e.state,
           (SELECT b.recorded_at FROM batch b WHERE b.last >= t.position ORDER BY b.last LIMIT 1) AS recorded_at
    FROM timeline t CROSS JOIN stored_events e ON e.rowid = t.position
    WHERE t.stream = ? AND t.event_time <= ? AND t.position <= ?
    ORDER BY t.event_time DESC, t.updated DESC, t.updated_at DESC, t.digest DESC LIMIT ?
"""
_NEXT: Final = """
    SELECT event_time FROM timeline WHERE stream = ? AND event_time > ? AND position <= ?
    ORDER BY event_time LIMIT 1
"""
_STREAMS: Final = "SELECT stream FROM aggregate WHERE tenant = ? AND kind = ? AND id = ? AND since <= ? AND until > ?"
_IDS: Final = """
    SELECT DISTINCT id FROM aggregate
    WHERE tenant = ? AND kind = ? AND id > ? AND since <= ? AND until > ? ORDER BY id LIMIT ?
"""


class Reading:
    """One short read transaction of the store, under a pin."""

    def __init__(self, cursor: SQLiteCursor, pin: Pin) -> None:
        self._cursor = cursor
        self.pin = pin

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        self._cursor.execute(statement, values)
        rows: list[Any] = self._cursor.fetchall()
        return rows

    def _institution(self, name: str) -> int:
        rows = self._rows("SELECT number FROM institution WHERE name = ?", name)
        return rows[0][0] if rows else -1

    def streams(self, tenant: str, kind: Kind, id: str) -> list[int]:
        """The streams whose events make up an aggregate."""
        number = self.pin.tenancy.number
        rows = self._rows(_STREAMS, self._institution(tenant), KINDS.index(kind), id, number, number)
        return [stream for (stream,) in rows]

    def neighbours(self, streams: Sequence[int], kind: Kind, as_of: int) -> Neighbours | None:
        """Which event of these streams stands at an instant; None before the first."""
        best = [event for stream in streams for event in self._latest(stream, kind, as_of, 2)]
        if not best:
            return None
        best.sort(key=lambda event: event.precedence, reverse=True)
        return Neighbours(
            winner=best[0],
            beaten=best[1] if len(best) > 1 else None,
            next_at=self._next_at(streams, as_of) if as_of < ALWAYS else None,
        )

    def _latest(self, stream: int, kind: Kind, as_of: int, limit: int) -> Iterator[Recorded]:
        for event_time, updated_at, digest, position, topic, state, recorded_at in self._rows(
            _EVENTS, stream, as_of, self.pin.position, limit
        ):
            yield Recorded(
                kind=kind,
                name=topic,
                event_time=event_time,
                updated_at=updated_at,
                digest=digest,
                position=position,
                recorded_at=recorded_at,
                text=unpack(state)[1],
            )

    def _next_at(self, streams: Sequence[int], as_of: int) -> int | None:
        found = [row[0] for stream in streams for row in self._rows(_NEXT, stream, as_of, self.pin.position)]
        return min(found, default=None)

    def events(self, streams: Sequence[int], kind: Kind, as_of: int = ALWAYS) -> list[Recorded]:
        """Every event of these streams up to an instant, in no order."""
        return [event for stream in streams for event in self._latest(stream, kind, as_of, -1)]

    def titled(self, streams: Sequence[int]) -> bool:
        """Whether some event of these streams has a title that later ones may lack."""
        return any(self._rows("SELECT 1 FROM timeline WHERE stream = ? AND titled LIMIT 1", s) for s in streams)

    def ids(self, tenant: str, kind: Kind, after: str, limit: int) -> list[str]:
        """A page of the ids of a kind, in order, from behind one; also of aggregates with no event yet known."""
        number = self.pin.tenancy.number
        rows = self._rows(_IDS, self._institution(tenant), KINDS.index(kind), after, number, number, limit)
        return [id for (id,) in rows]

    def naming(self, tenant: str, what: str, id: str, kind: Kind) -> list[str]:
        """The ids of the aggregates of a kind that ever named something: a superset, to be filtered."""
        rows = self._rows(
            "SELECT named_by FROM mention WHERE tenant = ? AND what = ? AND id = ? AND kind = ?",
            self._institution(tenant),
            what,
            id,
            KINDS.index(kind),
        )
        return [named_by for (named_by,) in rows]

    def heard_until(self, tenant: str) -> int | None:
        """The latest ``event_time`` that was known of an institution."""
        tenancy = self.pin.tenancy
        names = {uuid or id or "" for uuid, id in tenancy.pairs if tenancy.tenant_of(uuid, id) == tenant}
        found = [
            row[0]
            for name in names
            for row in self._rows(
                "SELECT until FROM heard WHERE institution = ? AND batch <= ? ORDER BY batch DESC LIMIT 1",
                self._institution(name),
                self.pin.batch,
            )
        ]
        return max(found, default=None)
