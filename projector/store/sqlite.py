"""The eventsourcing library's SQLite recorder, bent where this store needs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Final

from eventsourcing.persistence import OperationalError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
    SQLiteTransaction,
)

SCHEMA: Final = files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
WAIT_FOR_LOCK: Final = 30  # seconds that a writer waits for another one
_PRAGMAS: Final = ("PRAGMA synchronous = FULL", "PRAGMA cache_size = -32768")


class ImmediateTransaction(SQLiteTransaction):
    """A transaction that takes the write lock when it begins, not when it first writes.

    A plain ``BEGIN`` fails at once, without waiting, when another writer came between its reading and its writing.
    """

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error
        return cursor


class StoreConnection(SQLiteConnection):
    """A connection whose writing transactions begin with the write lock."""

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """A cursor within a transaction."""
        with ImmediateTransaction(self, commit=commit) as cursor, cursor:
            yield cursor


class StoreConnectionPool(SQLiteConnectionPool):
    """Connections that wait for other writers and are durable at every commit."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()._sqlite_conn
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return StoreConnection(connection, self.max_age)


class StoreDatastore(SQLiteDatastore):
    """A datastore with text stream ids over such connections."""

    def __init__(self, db_name: str, **_: Any) -> None:
        self.pool = StoreConnectionPool(db_name=db_name, lock_timeout=WAIT_FOR_LOCK, pool_timeout=WAIT_FOR_LOCK)
        self.single_row_tracking = True
        self.originator_id_type = "text"


class LogRecorder(SQLiteApplicationRecorder):
    """The event log and, in the same database, the tables beside it.

    Positions are given out without a gap from 1, so that a position is also the number of events up to it.
    """

    def construct_create_table_statements(self) -> list[str]:
        """The statements that make every table of the store."""
        beside = [statement for statement in SCHEMA.split(";\n") if statement.strip()]
        return [*super().construct_create_table_statements(), *beside]

    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        first = (self._max_notification_id(c) or 0) + 1
        c.executemany(
            f"INSERT INTO {self.events_table_name} (rowid, originator_id, originator_version, topic, state)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (position, str(event.originator_id), event.originator_version, event.topic, event.state)
                for position, event in enumerate(stored_events, first)
            ],
        )
        return list(range(first, first + len(stored_events)))


class StoreFactory(SQLiteFactory):
    """The library's factory, over our datastore and recorder."""

    application_recorder_class = LogRecorder

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.datastore.close()
        self.datastore = StoreDatastore(self.env.get(self.SQLITE_DBNAME) or "")
