"""Transactions of the store: writing ones, short reading ones, and those of a long work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from sqlite3 import Connection, Cursor
from threading import local
from typing import cast

from eventsourcing.application import Application
from eventsourcing.utils import EnvType

from projector.store.failures import advised
from projector.store.sqlite import BorrowedReader, LogRecorder, Reader

Step = Callable[[], AbstractContextManager[None]]


class Transactions(Application[str]):
    """An application of the eventsourcing library, with the transactions of its database."""

    def __init__(self, env: EnvType) -> None:
        super().__init__(env)
        self._in_memory = local()  # the reader of a read transaction that this thread has open

    @property
    def _recorder(self) -> LogRecorder:
        return cast(LogRecorder, self.recorder)

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[Cursor]:
        """A cursor in a transaction; one that commits begins with the write lock."""
        with advised(), self._recorder.datastore.transaction(commit=commit) as cursor:
            yield cursor.sqlite_cursor

    @contextmanager
    def _reader(self) -> Iterator[Reader]:
        """A reader within a read transaction; one within another, of the same thread, is part of it."""
        datastore = self._recorder.datastore
        if datastore.in_memory:
            with self._reader_in_memory() as reader:
                yield reader
            return
        with advised():
            reader = datastore.reader()
            if reader.depth:
                yield reader
                return
            reader.connection.execute("BEGIN")
            reader.depth += 1
            try:
                yield reader
            finally:
                reader.depth -= 1
                reader.connection.rollback()

    @contextmanager
    def _reader_in_memory(self) -> Iterator[Reader]:
        """There a writer waits for all readers: a reader that waited for a second connection would wait for ever."""
        outer: Reader | None = getattr(self._in_memory, "reader", None)
        if outer is not None:
            yield outer
            return
        with self.transaction(commit=False) as cursor:
            reader = self._in_memory.reader = BorrowedReader(cursor.connection)
            try:
                yield reader
            finally:
                self._in_memory.reader = None

    @property
    def location(self) -> str:
        """The database's name, to be read only."""
        return self._recorder.datastore.pool.db_name.replace("?mode=rw", "?mode=ro")

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection of one's own; in memory the one of a transaction that waits for no other."""
        if self._recorder.datastore.in_memory:
            with self.transaction(commit=False) as cursor:
                yield cursor.connection
            return
        with advised(), closing(self._recorder.datastore.pool.connect()) as connection:
            yield connection

    @contextmanager
    def steps(self) -> Iterator[tuple[Cursor, Step]]:
        """A cursor for a long work, and what begins each transaction of it; in memory it is all one."""
        if self._recorder.datastore.in_memory:
            with self.transaction(commit=True) as cursor:
                yield cursor, nullcontext
            return
        with self.connection() as connection:
            yield connection.cursor(), partial(_immediate, connection)


@contextmanager
def _immediate(connection: Connection) -> Iterator[None]:
    """A transaction that begins with the write lock."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.rollback()
