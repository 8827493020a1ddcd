"""The eventsourcing library's SQLite connections, with immediate write locks and readers of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import Lock, local
from typing import Any, Final
from weakref import WeakSet

from attrs import frozen
from eventsourcing.persistence import ConnectionPoolClosedError, InterfaceError, OperationalError
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

WAIT_FOR_LOCK: Final = 30  # seconds that a writer waits for another one
_STATEMENTS: Final = 256  # that a connection keeps prepared
PAGE_SIZE: Final = 8192  # bytes, of new stores
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -32768",
    "PRAGMA wal_autocheckpoint = 8000",  # pages: a page that many batches write to goes to its place but once
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA secure_delete = FAST",  # what must be gone for good says so: `quarantine drop`, `people forget`
)


class Mode(StrEnum):
    """How a database is opened; SQLite's own words."""

    MEMORY = "memory"
    WRITE = "rw"
    READ = "ro"
    STILL = "ro&immutable=1"  # it needs no locks: nobody can write to it


@frozen
class Location:
    """A database and how it is opened: a file, or by a name one in memory."""

    file: Path | str
    mode: Mode

    @property
    def path(self) -> Path | None:
        """The file; None in memory."""
        return self.file if isinstance(self.file, Path) else None

    @property
    def url(self) -> str:
        """The name by which SQLite opens it."""
        return self._url(self.mode)

    @property
    def reading_url(self) -> str:
        """The name by which it is opened to be read only."""
        return self._url(Mode.READ if self.mode is Mode.WRITE else self.mode)

    def _url(self, mode: Mode) -> str:
        if isinstance(self.file, Path):
            return f"{self.file.absolute().as_uri()}?mode={mode}"
        return f"file:{self.file}?mode={mode}&cache=shared"


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

    The library's own keep one statement; to prepare each statement again would cost several times its execution.
    """

    def __init__(self, location: Location) -> None:
        self._mode = location.mode
        super().__init__(db_name=location.url, lock_timeout=WAIT_FOR_LOCK, pool_timeout=WAIT_FOR_LOCK)

    # the pool of the library asks for its connections by this name: there is no public one
    def _create_connection(self) -> SQLiteConnection:
        connection = self.connect()
        connection.row_factory = sqlite3.Row
        return StoreConnection(connection, self.max_age)

    def connect(self) -> sqlite3.Connection:
        """A connection beside the pool."""
        if self.closed:
            raise ConnectionPoolClosedError
        try:
            connection = sqlite3.connect(
                self.db_name,
                uri=True,
                check_same_thread=False,
                isolation_level=None,
                cached_statements=_STATEMENTS,
                timeout=WAIT_FOR_LOCK,
            )
            if self._mode is Mode.MEMORY:
                connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")  # as a backup of it is to have
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            if self._mode is Mode.WRITE:
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        return connection


class Reader:
    """A connection of one thread that only reads, and what it remembers until something is committed."""

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
    """A reader over a connection that its owner closes."""

    def __del__(self) -> None:
        pass


class StoreDatastore(SQLiteDatastore):
    """A datastore with text stream ids over such connections."""

    pool: StoreConnectionPool

    def __init__(self, location: Location) -> None:
        self.pool = StoreConnectionPool(location)
        self.location = location
        self.single_row_tracking = True
        self.originator_id_type = "text"
        self._own = local()
        self._readers: WeakSet[Reader] = WeakSet()
        self._lock = Lock()

    @property
    def in_memory(self) -> bool:
        """Whether readers and writers exclude each other, as they do in a shared cache."""
        return self.location.mode is Mode.MEMORY

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
