"""Questions to the tables, each a few index seeks, all under one pin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import frozen
from eventsourcing.sqlite import SQLiteCursor

from projector.domain.events import Recorded
from projector.domain.instants import ALWAYS, SECOND
from projector.domain.kinds import KINDS, PAGE, Kind
from projector.domain.settings import Setting
from projector.domain.tenancy import Tenancy
from projector.store.deriving import FAMILIES
from projector.store.packing import unpack


@frozen(kw_only=True)
class Pin:
    """What the store knew at one moment: everything up to a position of its log.

    ``recorded_at`` None: nothing yet. ``head`` (a position), ``tenancy`` and ``settings`` are what there is
    when the pin is made.
    """

    position: int
    batch: int
    recorded_at: int | None
    head: int
    tenancy: Tenancy
    settings: tuple[Setting, ...] = ()


@frozen(kw_only=True)
class Heard:
    """An institution's latest and earliest ``event_time``, and how many events of it there were."""

    until: int
    since: int
    events: int


Part = tuple[str, str, str | None, str | None, str | None]  # id, status, title, parent, outcome


@frozen(kw_only=True)
class Neighbours:
    """The event that stands at an instant, the next best one, and when the next one begins."""

    winner: Recorded
    beaten: Recorded | None
    next_at: int | None


HOUR: Final = 3600 * SECOND

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
_AT_ONCE: Final = 500
_BODIES: Final = """
    SELECT a.id, a.streams, (SELECT e.state FROM stored_events e WHERE e.rowid = (
        SELECT t.position FROM timeline t WHERE t.stream = a.stream AND t.event_time <= ? AND t.position <= ?
        ORDER BY t.event_time DESC, t.updated DESC, t.updated_at DESC, t.digest DESC LIMIT 1))
    FROM (
        SELECT id, count(*) AS streams, min(stream) AS stream FROM aggregate
        WHERE tenant = ? AND kind = ? AND id IN ({marks}) AND since <= ? AND until > ? GROUP BY id
    ) a
"""
_PARTS: Final = """
    SELECT id, status, title, parent, outcome FROM part
    WHERE tenant = ? AND context = ? AND kind = ? AND event_time <= ? AND position <= ? AND since <= ? AND until > ?
    ORDER BY id, event_time, updated, updated_at, digest
"""
_NEVER_HEARD: Final = """
    SELECT m.what, m.id, min(m.kind), m.named_by FROM mention m
    WHERE m.tenant = ?1 AND m.what IN ('outcome', 'group', 'account', 'Account', 'Course') AND NOT EXISTS (
        SELECT 1 FROM aggregate a JOIN timeline t ON t.stream = a.stream
        WHERE a.tenant = ?1 AND a.id = m.id AND a.since <= ?2 AND a.until > ?3 AND t.position <= ?4
        AND a.kind = CASE lower(m.what) WHEN 'outcome' THEN 0 WHEN 'group' THEN 1 WHEN 'course' THEN 8 ELSE 9 END
    )
    GROUP BY lower(m.what), m.id ORDER BY lower(m.what), m.id
"""
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
        return self._streams(tenant, kind, id)

    def _streams(self, tenant: str, family: str, id: str) -> list[int]:
        number = self.pin.tenancy.number
        rows = self._rows(_STREAMS, self._institution(tenant), FAMILIES.index(family), id, number, number)
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

    def bodies(self, tenant: str, kind: Kind, ids: Sequence[str], as_of: int) -> Iterator[tuple[str, bytes | None]]:
        """The text of the event that stands, for many ids at once; None where an id's events lie in several streams."""
        number, institution = self.pin.tenancy.number, self._institution(tenant)
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            statement = _BODIES.format(marks=", ".join("?" * len(some)))
            values = (as_of, self.pin.position, institution, FAMILIES.index(kind), *some, number, number)
            for id, streams, state in self._rows(statement, *values):
                if streams > 1:
                    yield id, None
                elif state is not None:
                    yield id, unpack(state)[1]

    def ids(self, tenant: str, kind: Kind, after: str, limit: int) -> list[str]:
        """A page of the ids of a kind, in order, from behind one; also of aggregates with no event yet known."""
        number = self.pin.tenancy.number
        rows = self._rows(_IDS, self._institution(tenant), FAMILIES.index(kind), after, number, number, limit)
        return [id for (id,) in rows]

    def naming(self, tenant: str, what: str, id: str, kind: Kind) -> list[str]:
        """The ids of the aggregates of a kind that ever named something: a superset, to be filtered."""
        rows = self._rows(
            "SELECT named_by FROM mention WHERE tenant = ? AND what = ? AND id = ? AND kind = ?",
            self._institution(tenant),
            what,
            id,
            FAMILIES.index(kind),
        )
        return [named_by for (named_by,) in rows]

    def page_event(self, tenant: str, course: str, as_of: int) -> Recorded | None:
        """The last event that happened on a course's page and named the course's account."""
        found = self.neighbours(self._streams(tenant, PAGE, course), "course", as_of)
        return found.winner if found else None

    def heard(self, tenant: str) -> Heard | None:
        """How far an institution had been heard; None where it was not."""
        names = self.pin.tenancy.names_of(tenant)
        rows = [
            row
            for name in names
            for row in self._rows(
                "SELECT until, since, events FROM heard WHERE institution = ? AND batch <= ?"
                " ORDER BY batch DESC LIMIT 1",
                self._institution(name),
                self.pin.batch,
            )
        ]
        if not rows:
            return None
        untils, sinces, events = zip(*rows, strict=True)
        return Heard(until=max(untils), since=min(sinces), events=sum(events))

    def parts(self, tenant: str, context: str, kind: Kind, as_of: int) -> Iterator[Part]:
        """The outcomes, groups or links of a context: every version up to the instant, an id's last one last."""
        number, known = self.pin.tenancy.number, self.pin.position
        place = self._institution(tenant), context, FAMILIES.index(kind)
        return self._each(_PARTS, *place, as_of, known, number, number)

    def _each(self, statement: str, *values: Any) -> Iterator[Any]:
        """Rows one by one, of a cursor of their own: other questions may be asked meanwhile."""
        rows = self._cursor.sqlite_cursor.connection.cursor()
        rows.row_factory = None
        return rows.execute(statement, values)

    def wanderers(self, tenant: str) -> list[tuple[Kind, str]]:
        """The outcomes, groups and links whose versions do not all lie in one context."""
        rows = self._rows("SELECT kind, id FROM wanderer WHERE tenant = ?", self._institution(tenant))
        return [(KINDS[kind], id) for kind, id in rows]

    def repeats(self, position: int) -> tuple[int, int] | None:
        """How often an event was heard again, and when last; None for never."""
        rows = self._rows("SELECT times, last_at FROM repeat WHERE position = ?", position)
        return (rows[0][0], rows[0][1]) if rows else None

    def source_of(self, position: int) -> str:
        """Where an event was read from."""
        source: str = self._rows("SELECT source FROM batch WHERE last >= ? ORDER BY last LIMIT 1", position)[0][0]
        return source

    def hours(self, tenant: str) -> list[tuple[int, int, int, int]]:
        """Every hour (since 1970) with events of an institution: their count, the first and the last ``event_time``."""
        numbers = [self._institution(name) for name in self.pin.tenancy.names_of(tenant)]
        marks = ", ".join("?" * len(numbers))
        return [
            tuple(row)
            for row in self._rows(
                f"SELECT t.event_time / {HOUR}, count(*), min(t.event_time), max(t.event_time)"
                " FROM stream s JOIN timeline t ON t.stream = s.number"
                f" WHERE s.institution IN ({marks}) AND s.kind < {len(KINDS)} AND t.position <= ?"
                " GROUP BY 1 ORDER BY 1",
                *numbers,
                self.pin.position,
            )
        ]

    def never_heard_of(self, tenant: str) -> Iterator[tuple[str, str, Kind, str]]:
        """What was named, yet never told of: (kind, id), and the kind and id of one that names it."""
        number = self.pin.tenancy.number
        for what, id, kind, named_by in self._each(
            _NEVER_HEARD, self._institution(tenant), number, number, self.pin.position
        ):
            yield what.lower(), id, KINDS[kind], named_by
