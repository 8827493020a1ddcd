"""Connections to tables files that can read these, and nothing else, in one time zone each.

A session is a DuckDB instance in memory that has the file attached read-only: instances of one file may differ in
their zone, which a connection to the file itself could not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Final, Self

import duckdb
from attrs import define, field, frozen

from projector.domain.errors import BadQuestion
from projector.lake.failures import FAILURES, DamagedTables, in_short
from projector.lake.interrupting import stopping_at_ctrl_c
from projector.lake.layout import text_in_sql
from projector.lake.processes import TemporaryFolder, leave_to_the_parent

Configuration = dict[str, str | bool | int | float | list[str]]

_MEMORY: Final = 1 << 30  # bytes that a query may use before it spills; less on a small machine
_IDLE: Final = 4  # sessions that are kept for the next question
NO_EXTENSIONS: Final[Configuration] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_CONFIGURATION: Final[Configuration] = {**NO_EXTENSIONS, "python_enable_replacements": "false"}


@frozen
class SessionKey:
    """A file as it is now, and a zone: another file under the same name is another one."""

    path: Path
    identity: tuple[int, int, int]
    zone: str

    @classmethod
    def of(cls, path: Path, zone: str) -> Self:
        """The key of a file.

        Raises:
            DamagedTables: there is no file, or it cannot be looked at.
        """
        try:
            stat = path.stat()
        except OSError as error:
            raise DamagedTables(f"the tables file {path} cannot be read: {error.strerror}") from error
        return cls(path.absolute(), (stat.st_dev, stat.st_ino, stat.st_mtime_ns), zone)

    def is_current(self) -> bool:
        """Whether the file is still the one of this name."""
        try:
            return SessionKey.of(self.path, self.zone) == self
        except DamagedTables:
            return False


class Session:
    """A locked DuckDB instance with one tables file attached; each query has a connection of its own."""

    def __init__(self, key: SessionKey) -> None:
        self.key: SessionKey = key
        self.is_sound: bool = True  # whether it can answer another query
        self._process = os.getpid()
        self._folder = TemporaryFolder("projector-sql-")  # empty until a query spills
        self._instance = duckdb.connect(":memory:", config=_CONFIGURATION | _limits(self._folder.path))
        try:
            self._lock()
        except BaseException:
            self.close()
            raise

    @property
    def is_of_this_process(self) -> bool:
        """Whether it was opened here, not before a fork: its threads are not in a forked process."""
        return self._process == os.getpid()

    def _lock(self) -> None:
        attach(self._instance, self.key.path)
        try:
            self._instance.execute(f"SET GLOBAL TimeZone = '{self.key.zone}'")
        except duckdb.Error as error:
            raise BadQuestion(f"DuckDB has no time zone {self.key.zone}; name another, such as UTC") from error
        self._instance.execute("SET enable_external_access = false")
        self._instance.execute("SET lock_configuration = true")

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A connection for one query, in a transaction that only reads; close it afterwards."""
        connection = self._instance.cursor()
        try:
            connection.execute("USE tables")
            connection.execute("BEGIN TRANSACTION READ ONLY")
        except duckdb.Error as error:
            self.close()
            raise DamagedTables(f"the tables file {self.key.path} cannot be read: {in_short(str(error))}") from error
        return connection

    def close(self) -> None:
        """Close the instance and remove what queries spilled."""
        self.is_sound = False
        self._instance.close()
        self._folder.remove()


def _limits(folder: Path) -> Configuration:
    memory = min(_MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
    return {"memory_limit": f"{memory >> 20}MiB", "temp_directory": str(folder)}


def attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Open a tables file for reading, as the database ``tables``.

    Raises:
        DamagedTables: it is missing, damaged or foreign.
    """
    try:
        connection.execute(f"ATTACH {text_in_sql(str(path))} AS tables (READ_ONLY)")
    except duckdb.Error as error:
        raise DamagedTables(f"the tables file {path} cannot be read: {in_short(str(error))}") from error


@define
class SessionPool:
    """Sessions that wait for the next question; each is used by one query at a time."""

    _idle: list[Session] = field(factory=list)
    _returned: SimpleQueue[Session] = field(factory=SimpleQueue)  # to which a garbage collection may add at any moment
    _lock: Lock = field(factory=Lock)

    def take(self, path: Path, zone: str) -> Session:
        """A session for a file and a zone: one that waits, else a new one.

        Raises:
            DamagedTables: the file is missing, damaged or foreign.
            BadQuestion: DuckDB does not know the zone.
            StoreError: there is no room for a temporary folder.
        """
        key = SessionKey.of(path, zone)
        with self._lock:
            dropped = self._sort_out()
            session = next((one for one in self._idle if one.key == key), None)
            if session is not None:
                self._idle.remove(session)
        _close(dropped)
        return session or Session(key)

    def give_back(self, session: Session) -> None:
        """Let a session wait for the next question; close those of files that are gone, and the oldest of too many."""
        self._returned.put(session)
        self.tidy()

    def tidy(self) -> None:
        """Close sessions that answer no further question, unless the pool is in use at this moment."""
        if self._lock.acquire(blocking=False):
            try:
                dropped = self._sort_out()
            finally:
                self._lock.release()
            _close(dropped)

    def close(self) -> None:
        """Close the sessions that wait."""
        with self._lock:
            dropped = [*self._sort_out(), *self._idle]
            self._idle = []
        _close(dropped)

    def _sort_out(self) -> list[Session]:
        """Let the sessions that were given back wait with the others, and take out those to be closed."""
        with suppress(Empty):
            while True:
                self._idle.append(self._returned.get_nowait())
        kept = [one for one in self._idle if one.is_sound and one.key.is_current()][-_IDLE:]
        dropped = [one for one in self._idle if one not in kept]
        self._idle = kept
        return dropped

    def start_again(self) -> None:
        """Forget the sessions of the process that this one was forked from."""
        leave_to_the_parent(self._idle, self._returned)
        self._idle, self._returned, self._lock = [], SimpleQueue(), Lock()


def _close(sessions: Iterable[Session]) -> None:
    for one in sessions:
        one.close()


POOL: Final = SessionPool()
os.register_at_fork(after_in_child=POOL.start_again)


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a tables file in UTC, for queries of this package.

    Raises:
        DamagedTables: the file is missing, damaged or foreign, or what is read of it is.
    """
    session = POOL.take(path, "UTC")
    try:
        with stopping_at_ctrl_c(), closing(session.connection()) as connection:
            yield connection
    except FAILURES as error:
        session.is_sound = False
        raise DamagedTables(f"the tables file {path} cannot be read: {in_short(str(error))}") from error
    finally:
        POOL.give_back(session)
