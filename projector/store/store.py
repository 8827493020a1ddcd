"""A store: a log, and in the same file and the same transactions the index that follows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from sqlite3 import Cursor

from attrs import define, field

from projector.domain.upkeep import Rebuilt
from projector.store.index.following import SqliteFollower
from projector.store.index.mentions import TargetNumbers
from projector.store.index.reading import Reading
from projector.store.index.tenancy import Known, read_known
from projector.store.interfaces import Head
from projector.store.log.connections import Location
from projector.store.log.institutions import read_settings
from projector.store.log.kept import KeptLog
from projector.store.log.log import EventLog
from projector.store.pins import Pin

__all__ = ["Reading", "Store"]


@define(kw_only=True)
class Store:
    """An open store; ``notices`` and ``rebuilt`` are what its user should know of its opening."""

    location: Location
    clock: Callable[[], datetime]
    notices: tuple[str, ...] = ()
    rebuilt: Rebuilt | None = None
    log: EventLog = field(init=False)
    _known: Known | None = field(default=None, init=False)  # as of some commit: never what a transaction only wrote

    _targets: TargetNumbers = field(factory=TargetNumbers, init=False)

    def __attrs_post_init__(self) -> None:
        self.log = EventLog(self.location, self._follower, self.clock)

    def close(self) -> None:
        """Close it; asking afterwards fails."""
        self.log.close()

    def pin(self, known_at: int | None = None) -> Pin:
        """The pin of the head, or of an instant; None, or later than the head, is the head."""
        with self.log.reader() as reader:
            version = reader.data_version()
            if reader.version != version:
                reader.remembered, reader.version = self._newest_pin(reader.connection.cursor()), version
            newest: Pin = reader.remembered
            if known_at is None or newest.recorded_at is None or known_at >= newest.recorded_at:
                return newest
            return newest.earlier(*KeptLog(reader.connection).end_at(known_at), known_at)

    def _newest_pin(self, cursor: Cursor) -> Pin:
        head = KeptLog(cursor).head()
        return Pin(
            position=head.position,
            batch=head.batch,
            recorded_at=head.recorded_at if head.batch else None,
            head=head.position,
            tenancy=self._read(cursor).tenancy,
            settings=read_settings(cursor),
        )

    def reading(self, pin: Pin, tenant: str) -> Reading:
        """A short read transaction of an institution, under a pin; one within another of a thread is part of it."""
        return Reading(self.log.reader(), pin, tenant)

    def _follower(self, cursor: Cursor, head: Head) -> SqliteFollower:
        """What takes new batches in, where a writing transaction begins."""
        known = self._read(cursor)
        return SqliteFollower.at_end(cursor, KeptLog(cursor), head, known, self._targets)

    def _read(self, cursor: Cursor) -> Known:
        self._known = known = read_known(cursor, KeptLog(cursor), self._known)
        return known
