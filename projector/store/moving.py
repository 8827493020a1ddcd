"""What has to move when the store learns more of an institution: whose uuid an id is, which shards are its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from eventsourcing.sqlite import SQLiteCursor

from projector.domain.events import LiveEvent
from projector.domain.tenancy import Tenancy
from projector.store.deriving import Derivation
from projector.store.packing import unpack

Reread = Callable[[bytes, bytes], LiveEvent]  # an event's text and digest, as the log has them

_ALL = "SELECT number, kind FROM stream WHERE institution = ? AND number > ? ORDER BY number LIMIT 1000"
_ABROAD = "SELECT number, kind FROM stream WHERE institution = ? AND number > ? AND abroad ORDER BY number LIMIT 1000"


def derivation_after(cursor: SQLiteCursor, before: Tenancy, after: Tenancy, reread: Reread) -> Derivation:
    """Where derived rows are gathered, with everything moved that new knowledge of institutions moves."""
    derivation = Derivation(cursor, after)
    if after.number != before.number:
        _move_streams(cursor, before, derivation, reread)
    return derivation


def _move_streams(cursor: SQLiteCursor, before: Tenancy, derivation: Derivation, reread: Reread) -> None:
    """Let every stream that what is now known moves belong where it belongs now.

    The cost grows with the streams of institutions that were renamed or gained a shard: once in an institution's life.
    """
    for institution, statement in _affected(before, derivation).items():
        for stream, family in _streams(cursor, institution, statement):
            derivation.move(stream, family, _events(cursor, stream, reread), before)
    derivation.parts.write()


def _affected(before: Tenancy, derivation: Derivation) -> dict[int, str]:
    after, found = derivation.tenancy, dict[int, str]()
    for uuid, root in before.pairs:
        was, now = before.tenant_of(uuid, root), after.tenant_of(uuid, root)
        if was != now:
            found[derivation.institution(uuid or root or "")] = _ALL
        elif before.shards(was) != after.shards(now):
            found.setdefault(derivation.institution(uuid or root or ""), _ABROAD)
    return found


def _streams(cursor: SQLiteCursor, institution: int, statement: str) -> Iterator[tuple[int, int]]:
    last = 0
    while True:
        cursor.execute(statement, (institution, last))
        page = [(number, family) for number, family in cursor.fetchall()]
        yield from page
        if not page:
            return
        last = page[-1][0]


def _events(cursor: SQLiteCursor, stream: int, reread: Reread) -> list[tuple[int, LiveEvent]]:
    cursor.execute(
        "SELECT t.position, e.state FROM timeline t JOIN stored_events e ON e.rowid = t.position WHERE t.stream = ?",
        (stream,),
    )
    packed = [(position, unpack(state)) for position, state in cursor.fetchall()]
    return [(position, reread(text, digest)) for position, (digest, text) in packed]
