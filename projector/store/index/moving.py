"""Rows that move to another aggregate when the store learns more of a tenant's names and shards."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import chain
from sqlite3 import Cursor
from typing import Final

from projector.domain.catalogue import ACCOUNT_HINT
from projector.domain.events import LiveEvent
from projector.domain.facts import event_kept
from projector.domain.tenancy import Tenancy
from projector.store.index.deriving import NUMBERS, Derivation
from projector.store.index.mentions import Targets
from projector.store.interfaces import Log

MovingEvent = tuple[int, int, LiveEvent]  # family, position in the log, and the event there

_AT_ONCE: Final = 1000
_UNRESOLVED: Final = """
    SELECT kind, position FROM {}unresolved WHERE institution = ? AND position <= ?
"""


def derivation_after(
    cursor: Cursor,
    log: Log,
    before: Tenancy,
    after: Tenancy,
    upto: int,
    prefix: str = "",
    targets: Targets | None = None,
) -> Derivation:
    """A derivation by new knowledge of tenants, with the rows of every event moved that belongs elsewhere now.

    The cost grows with the events of a tenant that was renamed, or, where it gained a shard, with those of its events
    that hold unresolved global ids. Either happens about once for each tenant.

    Args:
        after: The very next knowledge: what comes of ``before`` by some pairs, or by one alias.
        upto: The last position whose event was derived.
        targets: Numbers of what is mentioned.
    """
    derivation = Derivation(cursor, after, prefix, targets or Targets())
    if after.generation != before.generation:
        moving = _events_of(log, after.renamed, upto), _events_unresolved(derivation, log, after.grown, upto)
        for events in chain(*moving):
            derivation.move(events, before)
            derivation.write()
    return derivation


def _events_of(log: Log, names: Set[str], upto: int) -> Iterator[list[MovingEvent]]:
    """The events of these institutions, a page at a time, by their streams."""
    for name in sorted(names):
        for page in log.entries_of(name, upto):
            read = [(entry.position, event_kept(entry.state)) for entry in page]
            yield [
                placed
                for position, event in read
                if (event.uuid or event.root_account) == name  # the other's may hold a slash
                for placed in _places(position, event)
            ]


def _places(position: int, event: LiveEvent) -> list[MovingEvent]:
    itself = (NUMBERS[event.kind], position, event)
    return [itself] if event.hinted_course is None else [itself, (NUMBERS[ACCOUNT_HINT], position, event)]


def _events_unresolved(derivation: Derivation, log: Log, names: Set[str], upto: int) -> Iterator[list[MovingEvent]]:
    """The events of these institutions that hold global ids of other shards, a page at a time."""
    cursor = derivation.cursor
    for name in sorted(names):
        places = cursor.execute(_UNRESOLVED.format(derivation.prefix), (derivation.name_number(name), upto)).fetchall()
        for start in range(0, len(places), _AT_ONCE):
            page = places[start : start + _AT_ONCE]
            yield [(family, position, event_kept(log.state_at(position))) for family, position in page]
