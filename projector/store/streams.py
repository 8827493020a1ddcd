"""Where the library's table puts an event on arrival: a stream with a readable id, and a version in it."""

from __future__ import annotations

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteCursor

from projector.domain.events import LiveEvent
from projector.store.deriving import Place
from projector.store.packing import pack


class Versions:
    """The next version in each stream id of the library's table."""

    def __init__(self, cursor: SQLiteCursor) -> None:
        self._cursor = cursor
        self._last: dict[str, int] = {}

    def next(self, originator_id: str) -> int:
        """The version after the stream's last one, given out once."""
        if (last := self._last.get(originator_id)) is None:
            self._cursor.execute(
                "SELECT coalesce(max(originator_version), 0) FROM stored_events WHERE originator_id = ?",
                (originator_id,),
            )
            last = self._cursor.fetchone()[0]
        self._last[originator_id] = last + 1
        return last + 1


def stored_event(event: LiveEvent, place: Place, versions: Versions) -> StoredEvent:
    """An event as the library's recorder keeps it, in the stream of the aggregate it now belongs to."""
    originator_id = f"{event.uuid or event.root_account}/{place.family}/{place.id}"
    return StoredEvent(
        originator_id=originator_id,
        originator_version=versions.next(originator_id),
        topic=event.name,
        state=pack(event.digest, event.text),
    )
