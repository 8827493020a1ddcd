"""How far an aggregate's ``event_time`` had come by some positions, so that old knowledge is found without a search.

A view that knows only the first few of an aggregate's ten thousand events would have to pass over all the later ones;
a milestone, written at every 32nd event of a stream, says from which ``event_time`` on there is nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Cursor
from typing import Final

from attrs import define

from projector.store.interfaces import AggregateKey

EVERY: Final = 32
_NOTE: Final = """
    INSERT OR IGNORE INTO {prefix}milestone
    SELECT tenant, kind, id, ?5, event_time FROM {prefix}timeline
    WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND until IS NULL AND position <= ?4 ORDER BY event_time DESC LIMIT 1
"""


@define
class HighWater:
    """Those of one transaction."""

    cursor: Cursor
    prefix: str = ""

    def set(self, reached: Iterable[tuple[int, AggregateKey]]) -> None:
        """Write those of these positions, whose events' rows are written; each with the key of its aggregate."""
        for position, key in reached:
            self.cursor.execute(_NOTE.format(prefix=self.prefix), (*key, position, position))

    def forget(self, key: AggregateKey) -> None:
        """Remove an aggregate's: events that moved to it may be later than they say."""
        self.cursor.execute(f"DELETE FROM {self.prefix}milestone WHERE tenant = ? AND kind = ? AND id = ?", key)
