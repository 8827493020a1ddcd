"""Index of result rows by (outcome, created_at): finds the row with an id that continues a guessed one.

The index begins with the first result without an id, and then takes in all results before it, once. Producers since
2024 send every id, so many stores never need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from sqlite3 import Cursor
from typing import Any, Final

from attrs import define, field

from projector.domain.catalogue import NAMES_OF
from projector.domain.columns import ResultRow, result_row
from projector.domain.facts import event_kept
from projector.store.interfaces import AggregateKey, Placed

_RESULT_ROW: Final = "INSERT OR IGNORE INTO {}result_row VALUES (?, ?, ?, ?, ?, ?, ?)"


@define
class ResultRows:
    """The rows of one transaction."""

    cursor: Cursor
    prefix: str = ""
    noted: bool = field(init=False)  # whether some result came without an id so far
    _rows: list[tuple[Any, ...]] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        self.noted = has_result_rows(self.cursor, self.prefix)

    def add(self, key: AggregateKey, row: ResultRow, event_time: int) -> None:
        """Add a result by its row."""
        self._rows.append((key[0], *row, event_time, key[2]))

    def write(self) -> None:
        """Write the gathered rows."""
        if self._rows:
            self._rows.sort()  # they are written in the order in which they lie
            self.cursor.executemany(_RESULT_ROW.format(self.prefix), self._rows)
            self._rows.clear()


def has_result_rows(cursor: Cursor, prefix: str = "") -> bool:
    """Whether the index has begun."""
    return cursor.execute(f"SELECT 1 FROM {prefix}result_row LIMIT 1").fetchone() is not None


def rows_of(placed: Placed) -> Iterator[tuple[int, ResultRow]]:
    """The rows of the results among events, each with the index of its event."""
    events = placed.events
    rows: Mapping[int, ResultRow] = events.rows
    if not events.rows_known:
        names = NAMES_OF["result"]
        missing = [index for index, name in enumerate(events.names) if name in names and index not in rows]
        read = ((index, event_kept(events.packed[index])) for index in missing)
        rows = {**rows, **{index: result_row(event.row, event.id) for index, event in read if event.row is not None}}
    for index, row in rows.items():
        if index not in placed.apart:
            yield index, row
    for index, event in placed.apart.items():
        if event.row is not None:
            yield index, result_row(event.row, event.id, placed.owner(index).shards)
