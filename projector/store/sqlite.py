"""The eventsourcing library's SQLite recorder, bent where this store needs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from threading import Lock, local
from typing import Any, Final
from weakref import WeakSet

from eventsourcing.persistence import ConnectionPoolClosedError, InterfaceError, OperationalError, StoredEvent
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
_STATEMENTS: Final = 256  # that a connection keeps prepared
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -32768",
    "PRAGMA wal_autocheckpoint = 16000",  # pages: a page that many batches write to goes to its place but once
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA secure_delete = FAST",  # what must be gone for good says so: `quarantine drop`, `people forget`
)


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
    """Connections that wait for other writers, are durable at every commit, and keep their statements.

    The library's own keep one statement; to prepare each question anew would cost several times the question.
    """

    def _create_connection(self) -> SQLiteConnection:
        try:
            connection = sqlite3.connect(
                self.db_name,
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                cached_statements=_STATEMENTS,
                timeout=WAIT_FOR_LOCK,
            )
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            if "?mode=rw" in self.db_name:
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        connection.row_factory = sqlite3.Row
        return StoreConnection(connection, self.max_age)

    def connect(self) -> sqlite3.Connection:
        """A connection beside the pool."""
        if self.closed:
            raise ConnectionPoolClosedError
        connection = self._create_connection()._sqlite_conn
        connection.row_factory = None
        return connection


class Reader:
    """A connection of one thread that only reads, and what it remembers until somebody commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.depth = 0  # of readings within readings
        self.version: int | None = None  # of the data, as of which `remembered` holds
        self.remembered: Any = None

    def data_version(self) -> int:
        """A number that changes whenever another connection has committed."""
        version: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def __del__(self) -> None:
        self.connection.close()


class BorrowedReader(Reader):
    """A reader over a connection that somebody else closes."""

    def __del__(self) -> None:
        pass


class StoreDatastore(SQLiteDatastore):
    """A datastore with text stream ids over such connections."""

    pool: StoreConnectionPool

    def __init__(self, db_name: str, **_: Any) -> None:
        self.pool = StoreConnectionPool(db_name=db_name, lock_timeout=WAIT_FOR_LOCK, pool_timeout=WAIT_FOR_LOCK)
        self.single_row_tracking = True
        self.originator_id_type = "text"
        self._own = local()
        self._readers: WeakSet[Reader] = WeakSet()
        self._lock = Lock()

    @property
    def in_memory(self) -> bool:
        """Whether readers and writers exclude each other, as they do in a shared cache."""
        return self.pool.is_sqlite_memory_mode

    def reader(self) -> Reader:
        """This thread's reader: to be given one by the pool each time would cost as much as the question."""
        reader: Reader | None = getattr(self._own, "reader", None)
        if reader is None or self.pool.closed:
            reader = self._own.reader = Reader(self.pool.connect())
            with self._lock:
                self._readers.add(reader)
        return reader

    def close(self) -> None:
        """Close every connection."""
        super().close()
        for reader in list(getattr(self, "_readers", ())):
            reader.connection.close()


class LogRecorder(SQLiteApplicationRecorder):
    """The event log and, in the same database, the tables beside it.

    Positions are given out without a gap from 1, so that a position is also the number of events up to it.
    """

    datastore: StoreDatastore

    def construct_create_table_statements(self) -> list[str]:
        """The statements that make the tables that are kept; `store.derived.tables` makes the derived ones."""
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
