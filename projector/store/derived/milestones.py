"""How far an aggregate's ``event_time`` had come by some positions, so that old knowledge is found without a search.

A view that knows only the first few of an aggregate's ten thousand events would have to pass over all the later ones;
a milestone, written at every 32nd event of a stream, says from which ``event_time`` on there is nothing for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Cursor
from typing import Final

from attrs import define

from projector.store.derived.parts import AggregateKey

EVERY: Final = 32
_DUE: Final = "SELECT rowid FROM stored_events WHERE rowid BETWEEN ? AND ? AND originator_version % {} = 0"
_NOTE: Final = """
    INSERT OR IGNORE INTO {prefix}milestone
    SELECT tenant, kind, id, ?5, event_time FROM {prefix}timeline
    WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND until IS NULL AND position <= ?4 ORDER BY event_time DESC LIMIT 1
"""


@define
class Milestones:
    """Those of one transaction."""

    cursor: Cursor
    prefix: str = ""

    def set(self, first: int, keys: Sequence[AggregateKey]) -> None:
        """Write those that are due among events that were just entered; ``keys`` are theirs, from a position on."""
        self.cursor.execute(_DUE.format(EVERY), (first, first + len(keys) - 1))
        for (position,) in self.cursor.fetchall():
            self.cursor.execute(_NOTE.format(prefix=self.prefix), (*keys[position - first], position, position))

    def forget(self, key: AggregateKey) -> None:
        """Remove an aggregate's: events that moved to it may be later than they say."""
        self.cursor.execute(f"DELETE FROM {self.prefix}milestone WHERE tenant = ? AND kind = ? AND id = ?", key)
