"""Queries of the index and the log within one read transaction, under one pin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final, Literal, Self

from projector.domain.canonical import read_json, write_json
from projector.domain.catalogue import ACCOUNT_HINT, Kind
from projector.domain.columns import WITH_ID
from projector.domain.instants import AFTER_ALL, SECOND
from projector.domain.packing import unpack
from projector.domain.recorded import Recorded
from projector.store.index.deriving import KIND_OF_NUMBER, NUMBERS
from projector.store.index.mentions import SEGMENT
from projector.store.index.timelines import Timelines
from projector.store.log.connections import Reader
from projector.store.log.kept import LOGGED, NAME, RECORDED_AT, STATE, STATE_AT, KeptLog
from projector.store.pins import Part, Pin, Received, StandingRow, Winner

HOUR: Final = 3600 * SECOND

_TENANT: Final = "(SELECT number FROM institution WHERE name = ?1)"
_IN_GENERATION: Final = "t.from_generation <= {0} AND (t.to_generation IS NULL OR t.to_generation > {0})"
_HERE: Final = f"t.tenant = {_TENANT} AND t.kind = ?2 AND {_IN_GENERATION.format('?3')}"
_OF: Final = f"{_HERE} AND t.position <= ?4 AND t.id = ?5"
_LATEST_FIRST: Final = "ORDER BY t.event_time DESC, t.updated DESC, t.updated_at DESC, t.digest DESC"
_RECORDED: Final = f"t.event_time, t.updated_at, t.digest, t.position, {NAME}, {STATE}, {RECORDED_AT}"
_EVENTS: Final = f"""
    SELECT {_RECORDED} FROM timeline t {LOGGED} t.position
    WHERE {_OF} AND t.event_time <= ?6 {_LATEST_FIRST}
"""
_WINNER_AND_NEXT: Final = f"""
    SELECT {_RECORDED},
    (SELECT t.event_time FROM timeline t WHERE {_OF} AND t.event_time > ?6 AND t.event_time <= ?7
     ORDER BY t.event_time LIMIT 1),
    EXISTS (SELECT 1 FROM has_title n WHERE n.tenant = t.tenant AND n.kind = t.kind AND n.id = t.id)
    FROM timeline t {LOGGED} t.position
    WHERE {_OF} AND t.event_time <= min(?6, ?7) {_LATEST_FIRST} LIMIT 2
"""
_HIGH_WATER: Final = f"""
    SELECT event_time FROM high_water WHERE tenant = {_TENANT} AND kind = ?2 AND id = ?3 AND position >= ?4
    ORDER BY position LIMIT 1
"""
_WINNER: Final = f"""
    SELECT t.position FROM timeline t
    WHERE {_HERE} AND t.position <= ?4 AND t.id = value AND t.event_time <= ?6 {_LATEST_FIRST} LIMIT 1
"""
_BODIES: Final = f"SELECT value, {STATE_AT.format(_WINNER)} FROM json_each(?5)"
_TIMES: Final = f"""
    SELECT t.id, t.event_time, t.position FROM timeline t
    WHERE {_HERE} AND t.position <= ?4 AND t.id > ?5
    ORDER BY t.id, t.event_time, t.updated, t.updated_at, t.digest LIMIT ?6
"""
_AT: Final = f"SELECT {NAME}, {STATE}, {RECORDED_AT} FROM json_each(?) {LOGGED} value"
_TITLED: Final = f"""
    SELECT id FROM has_title WHERE tenant = {_TENANT} AND kind = ?2 AND id > ?3 AND (?4 IS NULL OR id <= ?4)
"""
_EVENTS_AT_ONCE: Final = 2000
_PARTS: Final = f"""
    SELECT t.id, t.status, t.title, t.parent, t.outcome FROM part t
    WHERE {_HERE} AND t.position <= ?4 AND t.context = ?5 AND t.event_time <= ?6
    ORDER BY t.id, t.event_time, t.updated, t.updated_at, t.digest
"""
_IDS: Final = f"SELECT DISTINCT t.id FROM timeline t WHERE {_HERE} AND t.id > ?4 ORDER BY t.id LIMIT ?5"
_SEGMENTS: Final = (
    "WITH RECURSIVE segment (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM segment WHERE number < ?2)"
)
_NAMING: Final = f"""
    {_SEGMENTS} SELECT m.ids FROM segment CROSS JOIN mention m ON m.segment = segment.number
    WHERE m.target = (SELECT number FROM mention_target WHERE tenant = {_TENANT} AND what = ?3 AND id = ?4)
    AND m.kind = ?5
"""
_TARGETS: Final = f"""
    SELECT id FROM mention_target WHERE tenant = {_TENANT} AND what = ?2 AND id >= ?3 ORDER BY id LIMIT ?4
"""
_RESULT_ROWS: Final = f"""
    SELECT event_time, id FROM result_row
    WHERE tenant = {_TENANT} AND created_at = ?2 AND outcome = ?3 AND generation = ?4
"""
_CASES: Final = " ".join(f"WHEN '{kind}' THEN {NUMBERS[kind]}" for kind in ("outcome", "group", "course", "account"))
_WITH_EVENTS: Final = "'outcome', 'group', 'account', 'Account', 'Course'"
_DANGLING: Final = f"""
    SELECT n.what, n.id, n.number FROM mention_target n
    WHERE n.tenant = {_TENANT} AND n.what IN ({_WITH_EVENTS}) AND NOT EXISTS (
        SELECT 1 FROM timeline t WHERE t.tenant = n.tenant AND t.id = n.id
        AND {_IN_GENERATION.format("?2")} AND t.position <= ?3
        AND t.kind = CASE lower(n.what) {_CASES} END
    )
    ORDER BY lower(n.what), n.id, n.what
"""
_NAMERS: Final = f"""
    {_SEGMENTS} SELECT m.kind, m.ids FROM segment CROSS JOIN mention m ON m.segment = segment.number
    WHERE m.target = ?1 ORDER BY m.kind
"""


class Reading:
    """One short read transaction of the store, of an institution, under a pin, for a ``with`` statement."""

    __slots__ = ("_connection", "_reader", "pin", "tenant")

    def __init__(self, reader: AbstractContextManager[Reader], pin: Pin, tenant: str) -> None:
        self._reader = reader
        self.pin: Pin = pin
        self.tenant: str = tenant

    def __enter__(self) -> Self:
        self._connection = self._reader.__enter__().connection
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._reader.__exit__(kind, error, at)

    @property
    def log(self) -> KeptLog:
        """The log within the same transaction."""
        return KeptLog(self._connection)

    @property
    def derivation(self) -> int:
        """A number that changes where the index is rebuilt."""
        number: int = self._connection.execute("PRAGMA schema_version").fetchone()[0]
        return number

    @property
    def timelines(self) -> Timelines:
        """Whole timelines within the same transaction."""
        return Timelines(self._connection, self.pin, self.tenant)

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _here(self, family: str) -> tuple[str, int, int]:
        return self.tenant, NUMBERS[family], self.pin.tenancy.generation

    # one aggregate

    def winner(self, kind: Kind, id: str, as_of: int) -> Winner | None:
        """The event of an aggregate in effect at an instant; None before the first."""
        return self._winner(kind, kind, id, as_of)

    def _winner(self, family: str, kind: Kind, id: str, as_of: int) -> Winner | None:
        pin = self.pin
        bound = AFTER_ALL if pin.position >= pin.head else self._high_water(family, id)
        rows = self._rows(
            _WINNER_AND_NEXT, self.tenant, NUMBERS[family], pin.tenancy.generation, pin.position, id, as_of, bound
        )
        if not rows:
            return None
        runner_up = _recorded(kind, rows[1][:7]) if len(rows) > 1 else None
        return Winner(_recorded(kind, rows[0][:7]), runner_up, rows[0][7], bool(rows[0][8]))

    def _high_water(self, family: str, id: str) -> int:
        """An instant that no event of the aggregate is later than, of those known."""
        rows = self._rows(_HIGH_WATER, self.tenant, NUMBERS[family], id, self.pin.position)
        return rows[0][0] if rows else AFTER_ALL

    def events(self, kind: Kind, id: str, as_of: int = AFTER_ALL) -> list[Recorded]:
        """Every event of an aggregate up to an instant, the last in winning order first."""
        rows = self._rows(_EVENTS, *self._here(kind), self.pin.position, id, as_of)
        return [_recorded(kind, row) for row in rows]

    def account_hint_event(self, course: str, as_of: int) -> Recorded | None:
        """The last event that happened on a course's page and named the course's account."""
        found = self._winner(ACCOUNT_HINT, "course", course, as_of)
        return found.event if found else None

    # many aggregates

    def ids(self, kind: Kind | Literal["account_hint"], after: str, limit: int) -> list[str]:
        """A page of the ids of a kind, in order, from behind one; also of aggregates with no event yet known."""
        return [id for (id,) in self._rows(_IDS, *self._here(kind), after, limit)]

    def bodies(self, kind: Kind, ids: Sequence[str], as_of: int) -> Iterator[tuple[str, bytes]]:
        """The text of the event in effect, for many ids at once."""
        asked = write_json([id for id in ids if "\0" not in id]).decode()
        for id, state in self._each(_BODIES, *self._here(kind), self.pin.position, asked, as_of):
            if state is not None:
                yield id, unpack(state)[1]
        for id in ids:
            if "\0" in id and (found := self.winner(kind, id, as_of)) is not None:  # json_each ends there
                yield id, found.event.text

    def standing(self, kind: Kind, as_of: int, after: str) -> tuple[list[StandingRow], str | None]:
        """A page of the events in effect of a kind, by id from behind one.

        Returns:
            The page, and the id behind which the next one begins; None: no more.
        """
        rows = self._rows(_TIMES, *self._here(kind), self.pin.position, after, _EVENTS_AT_ONCE)
        page_end = rows[-1][0] if len(rows) == _EVENTS_AT_ONCE else None
        if page_end is not None:  # there may be more events of the last id
            last, rows = page_end, [row for row in rows if row[0] != page_end]
            if not rows:  # of which there are more than a page holds
                return self._long_one(kind, last, as_of), last
            page_end = rows[-1][0]
        standing = {row[0]: row for row in rows if row[1] <= as_of}  # of each id its last row
        until = {} if as_of == AFTER_ALL else {id: time for id, time, _ in reversed(rows) if time > as_of}
        titled = {id for (id,) in self._rows(_TITLED, self.tenant, NUMBERS[kind], after, page_end)}
        logged = self._rows(_AT, write_json([position for _, _, position in standing.values()]).decode())
        return [
            (id, time, *log, until.get(id), id in titled)
            for (id, time, _), log in zip(standing.values(), logged, strict=True)
        ], page_end

    def _long_one(self, kind: Kind, id: str, as_of: int) -> list[StandingRow]:
        """One aggregate with more events than a page holds."""
        if (found := self.winner(kind, id, as_of)) is None:
            return []
        event, next_at, has_title = found.event, found.next_at, found.has_title
        return [(id, event.event_time, event.name, event.packed, event.recorded_at, next_at, has_title)]

    def parts(self, context: str, kind: Kind, as_of: int) -> Iterator[Part]:
        """The outcomes, groups or links of a context: every version up to the instant, an id's last one last."""
        return self._each(_PARTS, *self._here(kind), self.pin.position, context, as_of)

    def multi_context_parts(self) -> list[tuple[Kind, str]]:
        """The outcomes, groups and links whose versions do not all lie in one context."""
        rows = self._rows(f"SELECT kind, id FROM multi_context_part WHERE tenant = {_TENANT}", self.tenant)
        return [(KIND_OF_NUMBER[kind], id) for kind, id in rows]

    # what names what

    def naming(self, what: str, id: str, kind: Kind) -> list[str]:
        """The ids, in order, of the aggregates of a kind that ever named something: a superset, to be filtered."""
        rows = self._rows(_NAMING, self.tenant, self.pin.position >> SEGMENT, what, id, NUMBERS[kind])
        return sorted(set().union(*(read_json(ids) for (ids,) in rows)))

    def targets(self, what: str, first: str, limit: int) -> list[str]:
        """A page of what was ever named, such as learners: ids in order, from one on."""
        return [id for (id,) in self._rows(_TARGETS, self.tenant, what, first, limit)]

    def result_rows(self, outcome: str, created_at: int, generation: int) -> Iterator[tuple[int, str]]:
        """The times and ids of results of one row key and generation, each read when it is needed.

        Guessed identities come in the order of time.
        """
        rows = self._each(_RESULT_ROWS, self.tenant, created_at, outcome, generation)
        return ((event_time, id) for event_time, id in rows)

    def rows_of_fingerprint(self, outcome: str, created_at: int, number: int) -> set[str]:
        """The ids of results of one row key whose rows have this fingerprint."""
        rows = self._rows(f"{_RESULT_ROWS} AND fingerprint = ?5", self.tenant, created_at, outcome, WITH_ID, number)
        return {id for _, id in rows}

    def dangling_references(self) -> Iterator[tuple[str, str, Kind, str]]:
        """What is referenced but was never received: kind and id, and kind and id of one that references it."""
        segments, seen = self.pin.head >> SEGMENT, set[tuple[str, str]]()
        for what, id, target in self._each(_DANGLING, self.tenant, self.pin.tenancy.generation, self.pin.position):
            if (key := (what.lower(), id)) not in seen:
                seen.add(key)
                rows = self._rows(_NAMERS, target, segments)
                named_by = min(min(read_json(ids)) for kind, ids in rows if kind == rows[0][0])
                yield *key, KIND_OF_NUMBER[rows[0][0]], named_by

    def _each(self, statement: str, *values: Any) -> Iterator[Any]:
        """Rows one by one, of a cursor of their own: other questions may be asked meanwhile."""
        return self._connection.execute(statement, values)

    # about the log

    def received(self) -> Received | None:
        """The events of a tenant: first, last and count; None without any."""
        if self.tenant not in (recalled := self.pin.recalled):
            recalled[self.tenant] = self._received()
        return recalled[self.tenant]

    def _received(self) -> Received | None:
        rows = [
            row
            for name in self.pin.tenancy.names_of(self.tenant)
            for row in self._rows(
                f"SELECT last, first, events FROM received WHERE institution = {_TENANT} AND batch <= ?2"
                " ORDER BY batch DESC LIMIT 1",
                name,
                self.pin.batch,
            )
        ]
        if not rows:
            return None
        lasts, firsts, events = zip(*rows, strict=True)
        return Received(first=min(firsts), last=max(lasts), events=sum(events))

    def hours(self) -> list[tuple[int, int, int, int]]:
        """Every hour (since 1970) with events of an institution: their count, the first and the last ``event_time``."""
        return self._rows(
            f"SELECT event_time / {HOUR}, count(*), min(event_time), max(event_time) FROM timeline t"
            f" WHERE tenant = {_TENANT} AND kind <> {NUMBERS[ACCOUNT_HINT]}"
            f" AND {_IN_GENERATION.format('?2')} AND position <= ?3 GROUP BY 1 ORDER BY 1",
            self.tenant,
            self.pin.tenancy.generation,
            self.pin.position,
        )


def _recorded(kind: Kind, row: Sequence[Any]) -> Recorded:
    event_time, updated_at, digest, position, topic, state, recorded_at = row
    return Recorded(kind, topic, event_time, updated_at, digest, position, recorded_at, state)
