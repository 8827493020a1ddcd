"""A store: a log and the index that follows it, as questions read them together."""

from __future__ import annotations

from sqlite3 import Cursor

from attrs import define

from projector.store.index.reading import Reading
from projector.store.index.rebuilding import Rebuilt
from projector.store.index.sqlite import SqliteIndex
from projector.store.log.institutions import read_settings
from projector.store.log.kept import KeptLog
from projector.store.log.log import EventLog
from projector.store.pins import Pin


@define(kw_only=True)
class Store:
    """An open store; ``notices`` and ``rebuilt`` are what its user should know of its opening."""

    log: EventLog
    index: SqliteIndex
    notices: tuple[str, ...] = ()
    rebuilt: Rebuilt | None = None

    def close(self) -> None:
        """Close it; asking afterwards fails."""
        self.log.close()

    def pin(self, known_at: int | None = None) -> Pin:
        """What the store knows now, or knew at an instant; later than the head, or None, is the head."""
        with self.log.reader() as reader:
            version, cursor = reader.data_version(), reader.connection.cursor()
            if reader.version != version:
                reader.remembered, reader.version = self._newest_pin(cursor), version
            newest: Pin = reader.remembered
            if known_at is None or newest.recorded_at is None or known_at >= newest.recorded_at:
                return newest
            return newest.earlier(*KeptLog(cursor).end_at(known_at), known_at)

    def _newest_pin(self, cursor: Cursor) -> Pin:
        log = KeptLog(cursor)
        head = log.head()
        return Pin(
            position=head.position,
            batch=head.batch,
            recorded_at=head.recorded_at if head.batch else None,
            head=head.position,
            tenancy=self.index.tenancy(cursor, log),
            settings=read_settings(cursor),
        )

    def reading(self, pin: Pin, tenant: str) -> Reading:
        """A short read transaction of an institution, under a pin; one within another of a thread is part of it."""
        return self.index.reading(self.log.reader(), pin, tenant)
