"""Transactions of the store: for writing, for short reads, and for the steps of long work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from functools import partial
from sqlite3 import Connection, Cursor
from sqlite3 import Error as SqliteError
from threading import local
from types import TracebackType
from typing import Any

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType

from projector.domain.errors import StoreError
from projector.domain.packing import ask_for_dictionaries
from projector.store.failures import FAILURES, advice, advised
from projector.store.log.connections import BorrowedReader, Location, Reader, StoreDatastore
from projector.store.log.kept import dictionaries_in
from projector.store.log.recorder import LogRecorder, StoreFactory

Step = Callable[[], AbstractContextManager[None]]


class Transactions(Application[str]):
    """An application of the eventsourcing library, with the transactions of its database."""

    def __init__(self, location: Location, env: EnvType) -> None:
        self.location = location
        super().__init__(env)
        self._forget = ask_for_dictionaries(self._dictionaries)
        self._in_memory = local()  # the reader of a read transaction that this thread has open

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """The library's factory over the database at this location."""
        return StoreFactory(env, self.location)

    def close(self) -> None:
        """Close every connection."""
        self._forget()
        super().close()

    def _dictionaries(self) -> list[bytes]:
        """The dictionaries of a store in a file: those of one in memory were written by this process."""
        if self.location.path is None:
            return []
        try:
            return dictionaries_in(self.location.reading_url)
        except SqliteError:  # its file is gone, or damaged: reading an event of it says so
            return []

    @property
    def _recorder(self) -> LogRecorder:
        assert isinstance(self.recorder, LogRecorder), "the factory makes no other"
        return self.recorder

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[Cursor]:
        """A cursor in a transaction; one that commits begins with the write lock."""
        with advised(), self._recorder.datastore.transaction(commit=commit) as cursor:
            yield cursor.sqlite_cursor

    def reader(self) -> AbstractContextManager[Reader]:
        """A reader within a read transaction; one within another, of the same thread, is part of it."""
        datastore = self._recorder.datastore
        return self._reader_in_memory() if datastore.in_memory else _ReadTransaction(datastore)

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


class _ReadTransaction:
    """A read transaction of this thread's own reader; a class, as every question begins one."""

    __slots__ = ("_datastore", "_reader")

    def __init__(self, datastore: StoreDatastore) -> None:
        self._datastore = datastore

    def __enter__(self) -> Reader:
        try:
            reader = self._reader = self._datastore.reader()
            if not reader.depth:
                reader.connection.execute("BEGIN")
        except FAILURES as error:
            raise StoreError(advice(error)) from error
        reader.depth += 1
        return reader

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        reader = self._reader
        reader.depth -= 1
        if not reader.depth:
            with suppress(*FAILURES):  # what there was to say of it was said before
                reader.connection.rollback()
        if isinstance(error, FAILURES):
            raise StoreError(advice(error)) from error


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
