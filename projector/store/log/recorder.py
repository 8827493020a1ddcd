"""The eventsourcing library's recorder, which writes a batch and all that belongs to it in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import count
from sqlite3 import Cursor
from typing import Any, Final

from attrs import define
from eventsourcing.persistence import ProgrammingError, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteFactory
from eventsourcing.utils import Environment

from projector.store.interfaces import Follower, Head, Placed
from projector.store.log.appending import Appending
from projector.store.log.connections import Location, StoreDatastore
from projector.store.log.dictionaries import write_dictionaries
from projector.store.log.files import note_files
from projector.store.log.quarantine import keep_refused, mark_retried
from projector.store.log.writing import Spans, note_duplicates, write_batch

KEPT: Final = tuple(  # the statements that make the tables beside the library's
    filter(str.strip, files(__package__).joinpath("tables.sql").read_text(encoding="utf-8").split(";\n"))
)


@define(kw_only=True)
class Intake:
    """What goes into the log in one transaction; ``moment`` is when that is recorded.

    ``placed`` are the events of the request that are new; ``streams`` and ``versions`` say in which stream each is, and
    its number there. ``duplicates`` are the positions of events that were received again.
    """

    head: Head
    moment: int
    index: Follower
    request: Appending
    placed: Placed | None = None
    streams: Sequence[str] = ()
    versions: Sequence[int] = ()
    sources: Spans = ()
    duplicates: Sequence[int] = ()


class PositionRecorder(SQLiteApplicationRecorder):
    """Gives out positions without a gap from 1, so that a position is also the number of events up to it."""

    datastore: StoreDatastore

    # the library calls this within a transaction of its own, and has no public name for it; likewise below
    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        first = (self._max_notification_id(c) or 0) + 1
        rows = [(e.originator_id, e.originator_version, e.topic, e.state) for e in stored_events]
        self.insert_rows(c.sqlite_cursor, ((position, *row) for position, row in enumerate(rows, first)))
        return list(range(first, first + len(rows)))

    def insert_rows(self, cursor: Cursor, rows: Iterable[tuple[int, Any, int, str, bytes | bytearray]]) -> None:
        """Insert events: position, stream, version there, topic and state of each."""
        cursor.executemany(
            f"INSERT INTO {self.events_table_name} (rowid, originator_id, originator_version, topic, state)"
            " VALUES (?, ?, ?, ?, ?)",
            rows,
        )


class LogRecorder(PositionRecorder):
    """The event log and, in the same database, the tables beside it."""

    def construct_create_table_statements(self) -> list[str]:
        """The statements that make the tables that are kept."""
        return [*super().construct_create_table_statements(), *KEPT]

    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        raise ProgrammingError(
            "nothing was written: an event of this log comes with its batch, its source and its place in the index;"
            " hand it to Projector.append or Projector.replay"
        )

    def write(self, cursor: Cursor, intake: Intake) -> None:
        """Write the events of an intake and all that goes with them: batch, index, duplicates, quarantine, files.

        Args:
            cursor: Within a transaction that began with the write lock.
        """
        request = intake.request
        write_dictionaries(cursor, request.dictionaries)
        note_duplicates(cursor, intake.duplicates, intake.moment)
        if (placed := intake.placed) is not None and placed:
            events, positions = placed.events, count(intake.head.position + 1)
            packed = map(bytearray, events.packed)  # of bytes, sqlite3 looks for an adapter first
            rows = zip(positions, intake.streams, intake.versions, events.names, packed, strict=False)
            self.insert_rows(cursor, rows)
            batch = write_batch(cursor, intake.head, intake.moment, events.digests, intake.sources)
            intake.index.take(batch, placed, intake.versions)
            intake.index.write()
        keep_refused(cursor, request.refused, intake.moment)
        mark_retried(cursor, request.retried, intake.moment)
        note_files(cursor, request.files, intake.moment)


class StoreFactory(SQLiteFactory):
    """The library's factory, over our datastore and recorder."""

    application_recorder_class = LogRecorder

    def __init__(self, env: Environment, location: Location) -> None:
        super().__init__(env)
        self.datastore.close()
        self.datastore: StoreDatastore = StoreDatastore(location)
