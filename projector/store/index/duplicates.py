"""Finds which events a log has already: only those can be that are not later than all that came of an institution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sqlite3 import Cursor
from typing import Final

from projector.domain.canonical import write_json
from projector.domain.instants import BEFORE_ALL
from projector.store.index.parts import precedence_at
from projector.store.index.received import last_received
from projector.store.interfaces import AggregateKey, Placed

_EXIST: Final = """
    SELECT value FROM json_each(?3)
    WHERE EXISTS (SELECT 1 FROM {}timeline WHERE tenant = ?1 AND kind = ?2 AND id = value)
"""
_RANKED: Final = """
    SELECT position FROM {}timeline WHERE tenant = ? AND kind = ? AND id = ?
    AND event_time = ? AND updated = ? AND updated_at = ? AND digest = ? AND to_generation IS NULL
"""


def known_positions(
    cursor: Cursor, prefix: str, placed: Placed, streams_known: Sequence[bool], *, has_moved: bool
) -> dict[bytes, int]:
    """The positions, by digest, of those events that the log has already.

    Args:
        streams_known: Of each event, whether the log has its stream: equal events are in one stream.
        has_moved: Events may have moved since they were put into their streams, or have ids that are spelled otherwise
            by now: then each aggregate is looked for.
    """
    received = [last_received(cursor, owner.number, prefix) for owner in placed.owners]
    latest = [BEFORE_ALL if so_far is None else so_far.last for so_far in received]
    accounts, times = placed.events.account, placed.events.times
    sought = [index for index in range(len(placed)) if times[index] <= latest[accounts[index]]]
    if has_moved:
        existing = _existing(cursor, prefix, map(placed.key, sought))
        ids = placed.ids  # json_each ends a text at NUL
        sought = [index for index in sought if placed.key(index) in existing or "\0" in ids[index]]
    else:
        sought = [index for index in sought if streams_known[index]]
    ranked, found = _RANKED.format(prefix), dict[bytes, int]()
    for index in sought:
        row = cursor.execute(ranked, (*placed.key(index), *precedence_at(placed.events, index))).fetchone()
        if row is not None:
            found[placed.events.digests[index]] = row[0]
    return found


def _existing(cursor: Cursor, prefix: str, keys: Iterable[AggregateKey]) -> set[AggregateKey]:
    """Those aggregates that have events."""
    asked: dict[tuple[int, int], list[str]] = {}
    for tenant, kind, id in keys:
        asked.setdefault((tenant, kind), []).append(id)
    exist = _EXIST.format(prefix)
    return {
        (tenant, kind, id)
        for (tenant, kind), ids in asked.items()
        for (id,) in cursor.execute(exist, (tenant, kind, write_json(ids).decode()))
    }
