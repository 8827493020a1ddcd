"""What was received of an institution so far."""

from __future__ import annotations

from sqlite3 import Cursor
from typing import Final, NamedTuple

from projector.store.interfaces import Placed

_LAST: Final = "SELECT last, first, events FROM {}received WHERE institution = ? ORDER BY batch DESC LIMIT 1"


class SoFar(NamedTuple):
    """The latest and the earliest ``event_time`` of an institution's events, and how many they are."""

    last: int
    first: int
    events: int


def last_received(cursor: Cursor, institution: int, prefix: str = "") -> SoFar | None:
    """What was received of an institution, by the number of its name, up to the last batch; None where nothing was."""
    row = cursor.execute(_LAST.format(prefix), (institution,)).fetchone()
    return None if row is None else SoFar(*row)


def write_received(cursor: Cursor, placed: Placed, batch: int, prefix: str = "") -> None:
    """Write what was received of the institutions that a batch's events name, up to that batch."""
    times: dict[int, list[int]] = {}
    for account, event_time in zip(placed.events.account, placed.events.times, strict=True):
        times.setdefault(placed.owners[account].number, []).append(event_time)
    for institution, came in times.items():
        last, first, events = max(came), min(came), len(came)
        if (before := last_received(cursor, institution, prefix)) is not None:
            last, first, events = max(last, before.last), min(first, before.first), events + before.events
        cursor.execute(
            f"INSERT INTO {prefix}received VALUES (?, ?, ?, ?, ?)", (institution, batch, last, first, events)
        )
