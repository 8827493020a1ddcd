"""Which aggregates mention an outcome, a learner, a context …: appended in segments, read in a few seeks."""

from __future__ import annotations

from sqlite3 import Cursor
from typing import Final

from attrs import define, field

from projector.store.interfaces import AggregateKey

SEGMENT: Final = 16  # bits: the mentions of 65,536 positions are stored together, so that writes touch few pages
_KNOWN: Final = "SELECT number FROM {}mention_target WHERE tenant = ? AND what = ? AND id = ?"
_NEW: Final = "INSERT INTO {}mention_target (tenant, what, id) VALUES (?, ?, ?) RETURNING number"
_MENTION: Final = "INSERT OR IGNORE INTO {}mention VALUES (?, ?, ?, ?)"

MentionTarget = tuple[int, tuple[str, str]]  # tenant, (what, id)


@define
class Mentions:
    """The rows of one transaction."""

    cursor: Cursor
    prefix: str = ""
    _numbers: dict[MentionTarget, int] = field(factory=dict, init=False)
    _rows: list[tuple[int, int, int, str]] = field(factory=list, init=False)

    def add(self, key: AggregateKey, mentions: tuple[tuple[str, str], ...], position: int) -> None:
        """Add what an aggregate mentions at a position of the log."""
        tenant, kind, id = key
        segment, numbers = position >> SEGMENT, self._numbers
        self._rows += [
            (segment, numbers.get(target := (tenant, mentioned)) or self._number(target), kind, id)
            for mentioned in mentions
        ]

    def write(self) -> None:
        """Write the gathered rows."""
        self._rows.sort()
        self.cursor.executemany(_MENTION.format(self.prefix), self._rows)
        self._rows.clear()

    def _number(self, target: MentionTarget) -> int:
        tenant, mentioned = target
        row = self.cursor.execute(_KNOWN.format(self.prefix), (tenant, *mentioned)).fetchone()
        if row is None:
            row = self.cursor.execute(_NEW.format(self.prefix), (tenant, *mentioned)).fetchone()
        number: int = row[0]
        self._numbers[target] = number
        return number
