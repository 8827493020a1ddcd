"""High-water marks: the latest ``event_time`` of an aggregate up to some positions, for quick questions about the past.

A view that is pinned to the first few of an aggregate's ten thousand events would otherwise skip all the later ones.
A mark, written at every 32nd event of a stream, says after which ``event_time`` there is nothing to find.
"""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Cursor
from typing import Final

from attrs import define

from projector.store.interfaces import AggregateKey

EVERY: Final = 32
_NOTE: Final = """
    INSERT OR IGNORE INTO {prefix}high_water
    SELECT tenant, kind, id, ?5, event_time FROM {prefix}timeline
    WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND to_generation IS NULL AND position <= ?4
    ORDER BY event_time DESC LIMIT 1
"""


@define
class HighWater:
    """The marks of one transaction."""

    cursor: Cursor
    prefix: str = ""

    def set(self, reached: Iterable[tuple[int, AggregateKey]]) -> None:
        """Write marks at these positions, each with the key of its aggregate; the events' rows are written already."""
        for position, key in reached:
            self.cursor.execute(_NOTE.format(prefix=self.prefix), (*key, position, position))

    def forget(self, key: AggregateKey) -> None:
        """Remove an aggregate's marks: events that moved to it may be later."""
        self.cursor.execute(f"DELETE FROM {self.prefix}high_water WHERE tenant = ? AND kind = ? AND id = ?", key)
