"""What has to move when the store learns more of an institution: whose uuid an id is, which shards are its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from sqlite3 import Cursor
from typing import Final

from projector.domain.events import LiveEvent
from projector.domain.kinds import PAGE
from projector.domain.tenancy import Tenancy
from projector.store.derived.deriving import NUMBERS, Derivation

Reread = Callable[[bytes], LiveEvent]  # of an event as the log keeps it
Placed = tuple[int, int, LiveEvent]  # family, position in the log, and the event there

_AT_ONCE: Final = 1000
_ABROAD: Final = """
    SELECT kind, position FROM {}timeline WHERE abroad AND institution = ? AND until IS NULL AND position <= ?
"""


def derivation_after(
    cursor: Cursor, before: Tenancy, after: Tenancy, reread: Reread, upto: int, prefix: str = ""
) -> Derivation:
    """Where derived rows are gathered, with everything moved that new knowledge of institutions moves.

    The cost grows with the log where an institution was renamed, and with its events that name foreign shards where
    it gained one: once in an institution's life.

    Args:
        upto: The last position whose event was derived.
    """
    derivation = Derivation(cursor, after, prefix)
    if after.number != before.number:
        renamed, grown = _affected(before, after)
        for events in chain(_events_of(cursor, renamed, upto, reread), _events_abroad(derivation, grown, upto, reread)):
            derivation.move(events, before)
            derivation.write()
    return derivation


def _affected(before: Tenancy, after: Tenancy) -> tuple[set[str], set[str]]:
    """The names of institutions that become another tenant's, and of those that only gain or lose a shard."""
    renamed, grown = set[str](), set[str]()
    for uuid, root in before.pairs:
        was, now, name = before.tenant_of(uuid, root), after.tenant_of(uuid, root), uuid or root or ""
        if was != now:
            renamed.add(name)
        elif before.shards(was) != after.shards(now):
            grown.add(name)
    return renamed, grown - renamed


def _events_of(cursor: Cursor, names: set[str], upto: int, reread: Reread) -> Iterator[list[Placed]]:
    """The events of these institutions, a page at a time."""
    for first in range(1, upto + 1 if names else 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, upto)
        rows = cursor.execute("SELECT rowid, state FROM stored_events WHERE rowid BETWEEN ? AND ?", (first, last))
        read = [(position, reread(packed)) for position, packed in rows.fetchall()]
        yield [
            placed
            for position, event in read
            if (event.uuid or event.root_account) in names
            for placed in _places(position, event)
        ]


def _places(position: int, event: LiveEvent) -> list[Placed]:
    itself = (NUMBERS[event.kind], position, event)
    return [itself] if event.page is None else [itself, (NUMBERS[PAGE], position, event)]


def _events_abroad(derivation: Derivation, names: set[str], upto: int, reread: Reread) -> Iterator[list[Placed]]:
    """The events of these institutions that hold global ids of other shards, a page at a time."""
    cursor = derivation.cursor
    for name in sorted(names):
        places = cursor.execute(_ABROAD.format(derivation.prefix), (derivation.institution(name), upto)).fetchall()
        for start in range(0, len(places), _AT_ONCE):
            page = list[Placed]()
            for family, position in places[start : start + _AT_ONCE]:
                (packed,) = cursor.execute("SELECT state FROM stored_events WHERE rowid = ?", (position,)).fetchone()
                page.append((family, position, reread(packed)))
            yield page
