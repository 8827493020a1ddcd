"""The log's tables within one transaction, as an index follows them; and SQL to join them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from sqlite3 import Connection, Cursor, connect
from typing import Any, Final

from attrs import frozen

from projector.domain.errors import DamagedLog
from projector.store.interfaces import Alias, BatchSpan, Entry, Head
from projector.store.log.dictionaries import read_dictionaries

LOGGED: Final = "CROSS JOIN stored_events e ON e.rowid ="  # and a column with a position; then these are there:
NAME: Final = "e.topic"
STATE: Final = "e.state"
RECORDED_AT: Final = "(SELECT b.recorded_at FROM batch b WHERE b.last >= e.rowid ORDER BY b.last LIMIT 1)"
STATE_AT: Final = "(SELECT e.state FROM stored_events e WHERE e.rowid = ({}))"  # a position, or what selects one

_AT_ONCE: Final = 1000
_MANY: Final = 2000  # for decoding by column
_COLUMNS: Final = "rowid, originator_id, originator_version, topic, state"
_STREAMS: Final = f"""
    SELECT {_COLUMNS} FROM stored_events
    WHERE (originator_id, originator_version) > (?, ?) AND originator_id < ? AND rowid <= ?
    ORDER BY originator_id, originator_version LIMIT {_AT_ONCE}
"""
_BATCHES: Final = "SELECT number, first, last, recorded_at, hash FROM batch WHERE number > ? ORDER BY number"
_ENTRIES: Final = f"SELECT {_COLUMNS} FROM stored_events WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
_ENTRIES_FROM: Final = f"SELECT {_COLUMNS} FROM stored_events WHERE rowid >= ? ORDER BY rowid LIMIT ?"
_RECORDED: Final = f"""
    SELECT e.rowid, {RECORDED_AT}, {STATE} FROM stored_events e WHERE e.rowid > ? AND e.rowid <= ? ORDER BY e.rowid
"""
_NEWEST: Final = "SELECT state FROM stored_events WHERE rowid <= ? ORDER BY rowid DESC LIMIT ?"
_SOURCE: Final = "SELECT source FROM source_range WHERE first <= ? ORDER BY first DESC LIMIT 1"


@frozen
class KeptLog:
    """The log within one transaction: see `projector.store.interfaces.Log`."""

    _cursor: Cursor | Connection

    def head(self) -> Head:
        """The end of the log."""
        row = self._cursor.execute(
            "SELECT number, last, recorded_at, hash FROM batch ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return Head() if row is None else Head(*row)

    def end_at(self, recorded_at: int) -> tuple[int, int]:
        """The last batch that was recorded by an instant, and its last position; 0 and 0 where none was."""
        row = self._cursor.execute(
            "SELECT number, last FROM batch WHERE recorded_at <= ? ORDER BY recorded_at DESC LIMIT 1", (recorded_at,)
        ).fetchone()
        return (0, 0) if row is None else (row[0], row[1])

    def hash_at(self, position: int) -> bytes | None:
        """The running hash of the log up to a position where a batch ends; None where none does."""
        row = self._cursor.execute("SELECT hash FROM batch WHERE last = ?", (position,)).fetchone()
        return None if row is None else row[0]

    def batch_ends(self, upto: int) -> tuple[Sequence[int], Sequence[int]]:
        """The last positions of all batches up to a number, and when each was recorded."""
        rows = self._cursor.execute("SELECT last, recorded_at FROM batch WHERE number <= ? ORDER BY number", (upto,))
        lasts, times = array("q"), array("q")
        for last, recorded_at in rows:
            lasts.append(last)
            times.append(recorded_at)
        return lasts, times

    def batches(self, after: int, events: int) -> list[BatchSpan]:
        """The next batches behind a number, of about so many events."""
        found: list[BatchSpan] = []
        for row in self._cursor.execute(_BATCHES, (after,)).fetchmany(events):
            number, first, last, recorded_at, hash = row
            found.append(BatchSpan(number=number, first=first, last=last, recorded_at=recorded_at, hash=hash))
            if last - found[0].first >= events:
                break
        return found

    def entries(self, batch: BatchSpan) -> list[Entry]:
        """The events of a batch.

        Raises:
            DamagedLog: one is missing.
        """
        rows = self._cursor.execute(_ENTRIES, (batch.first, batch.last)).fetchall()
        if (missing := _missing(rows, batch.first, batch.last)) is not None:
            raise DamagedLog(f"the event at position {missing}, of batch {batch.number}, is missing; restore a backup")
        return [Entry(*row) for row in rows]

    def entries_of(self, tenant_name: str, upto: int) -> Iterator[list[Entry]]:
        """The events whose streams begin with a name, up to a position, a page at a time."""
        stream, version, end = f"{tenant_name}/", 0, f"{tenant_name}0"  # what follows a slash
        while rows := self._cursor.execute(_STREAMS, (stream, version, end, upto)).fetchall():
            yield [Entry(*row) for row in rows]
            stream, version = rows[-1][1:3]

    def states_named(self, topics: Sequence[str], upto: int) -> Iterator[list[bytes]]:
        """The events of these names, up to a position, a page at a time."""
        marks = ", ".join("?" * len(topics))
        for first in range(1, upto + 1, _AT_ONCE):
            rows = self._cursor.execute(
                f"SELECT state FROM stored_events WHERE rowid BETWEEN ? AND ? AND topic IN ({marks})",
                (first, min(first + _AT_ONCE - 1, upto), *topics),
            )
            yield [state for (state,) in rows.fetchall()]

    def state_at(self, position: int) -> bytes:
        """The event at a position."""
        state: bytes = self._cursor.execute("SELECT state FROM stored_events WHERE rowid = ?", (position,)).fetchone()[
            0
        ]
        return state

    def newest(self, upto: int, limit: int) -> Iterator[bytes]:
        """So many events up to a position, the last one first, each read when it is needed."""
        return (state for (state,) in self._cursor.execute(_NEWEST, (upto, limit)))

    def aliases(self, after: int) -> list[Alias]:
        """The aliases behind a number, in the order in which they were declared."""
        rows = self._cursor.execute(
            "SELECT number, batch, other, stands_for FROM alias WHERE number > ? ORDER BY number", (after,)
        )
        return [Alias(*row) for row in rows.fetchall()]

    # what answers and exports say of an event

    def recorded(self, after: int, last: int) -> list[tuple[int, int, bytes]]:
        """The events behind a position up to another one: position, time of recording, and the event as it is kept.

        Raises:
            DamagedLog: one is missing.
        """
        rows = self._cursor.execute(_RECORDED, (after, last)).fetchall()
        if (missing := _missing(rows, after + 1, last)) is not None:
            raise DamagedLog(f"the event at position {missing} is missing; restore a backup")
        return [(position, recorded_at, state) for position, recorded_at, state in rows]

    def duplicates(self, position: int) -> tuple[int, int] | None:
        """How often an event was received again, and when last; None for never."""
        row = self._cursor.execute("SELECT times, last_at FROM duplicate WHERE position = ?", (position,)).fetchone()
        return None if row is None else (row[0], row[1])

    def source_ranges(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Where, behind a position, events of another source than the one before begin."""
        rows = self._cursor.execute(
            "SELECT first, source FROM source_range WHERE first > ? ORDER BY first LIMIT ?", (after, limit)
        )
        return [(first, source) for first, source in rows.fetchall()]

    def source_of(self, position: int) -> str:
        """Where an event was read from.

        Raises:
            DamagedLog: that is missing.
        """
        row = self._cursor.execute(_SOURCE, (position,)).fetchone()
        if row is None:
            raise DamagedLog(f"the source of the event at position {position} is missing; restore a backup")
        source: str = row[0]
        return source

    def dictionaries(self, after: int) -> list[tuple[int, bytes]]:
        """The dictionaries behind a number, each with its number, in order."""
        return read_dictionaries(self._cursor, after)


def _missing(rows: Sequence[tuple[Any, ...]], first: int, last: int) -> int | None:
    """The first position, of those from one to another, that no row begins with; None where every one is there."""
    due = range(first, last + 1)
    if len(rows) == len(due):
        return None
    return next((p for p, row in zip(due, rows, strict=False) if row[0] != p), first + len(rows))


def entries_in(location: str) -> Iterator[list[Entry]]:
    """The events of a log, by position from 1 without a gap, a page at a time.

    Args:
        location: The database's name, as the reading URL of its location.
    """
    with closing(connect(location, uri=True, isolation_level=None)) as connection:
        first = 1
        while True:
            rows = connection.execute(_ENTRIES_FROM, (first, _MANY)).fetchall()
            whole = [Entry(*row) for position, row in enumerate(rows, first) if row[0] == position]
            if whole:
                yield whole
            if len(whole) < _MANY:
                return
            first += _MANY


def dictionaries_in(location: str) -> list[bytes]:
    """The dictionaries of a log, read beside all other connections.

    Args:
        location: As in `entries_in`.
    """
    with closing(connect(location, uri=True, isolation_level=None)) as connection:
        return [content for _, content in KeptLog(connection).dictionaries(0)]
