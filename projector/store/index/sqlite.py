"""The index in the store's own database: what a transaction is given of it, and what questions are asked of."""

from __future__ import annotations

from contextlib import AbstractContextManager
from sqlite3 import Cursor

from attrs import define, field

from projector.domain.tenancy import Tenancy
from projector.store.index.following import SqliteFollower
from projector.store.index.reading import Reading
from projector.store.index.tenancy import Known, read_known
from projector.store.interfaces import Log
from projector.store.log.connections import Reader
from projector.store.pins import Pin


@define
class SqliteIndex:
    """An index in the same file as its log, written in the same transactions, so that it is never behind."""

    _known: Known | None = field(default=None, init=False)  # as of some commit: never what a transaction only wrote

    def tenancy(self, cursor: Cursor, log: Log) -> Tenancy:
        """What is known of institutions where a transaction begins."""
        return self._read(cursor, log).tenancy

    def follower(self, cursor: Cursor, log: Log) -> SqliteFollower:
        """What takes new batches in, where a transaction begins."""
        return SqliteFollower.at_end(cursor, log, self._read(cursor, log))

    def reading(self, reader: AbstractContextManager[Reader], pin: Pin, tenant: str) -> Reading:
        """A short read transaction of an institution, under a pin."""
        return Reading(reader, pin, tenant)

    def _read(self, cursor: Cursor, log: Log) -> Known:
        self._known = known = read_known(cursor, log, self._known)
        return known
