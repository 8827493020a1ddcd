"""The events of a log as it keeps them, one after the other, for whoever reads all of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final

_AT_ONCE: Final = 1000


def states_of(location: str) -> Iterator[list[bytes]]:
    """The events, as the log keeps them, by position from 1 without a gap, a page at a time.

    Args:
        location: The database's name, as the reading URL of its location.
    """
    with closing(sqlite3.connect(location, uri=True, isolation_level=None)) as connection:
        first = 1
        while True:
            rows = connection.execute(
                "SELECT rowid, state FROM stored_events WHERE rowid >= ? ORDER BY rowid LIMIT ?", (first, _AT_ONCE)
            ).fetchall()
            whole = [state for position, (rowid, state) in enumerate(rows, first) if rowid == position]
            if whole:
                yield whole
            if len(whole) < _AT_ONCE:
                return
            first += _AT_ONCE
