"""Maps the eventsourcing library's stored events to log entries."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from eventsourcing.persistence import Mapper, StoredEvent

from projector.domain.canonical import read_json
from projector.domain.packing import kept_digest, pack, unpack

if TYPE_CHECKING:
    from cattrs import Converter


@frozen(kw_only=True)
class LogEntry:
    """A Live Event in the stream where it was put on arrival: the library's domain event."""

    originator_id: str
    originator_version: int
    event_name: str
    digest: bytes
    text: bytes = field(repr=False)
    reduced: bool  # the digest is of more than the text: parts were dropped at intake
    metadata: dict[str, Any] = field(repr=False)
    body: dict[str, Any] = field(repr=False)


class LogEntryMapper(Mapper[str]):
    """The library's mapper over the log's own layout; topics are event names."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """A log entry as the recorder keeps it."""
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.event_name,
            state=pack(domain_event.digest, domain_event.text, reduced=domain_event.reduced),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """What the recorder kept, as a log entry."""
        digest, text = unpack(stored_event.state)
        event = read_json(text)
        parts = {
            "originator_id": stored_event.originator_id,
            "originator_version": stored_event.originator_version,
            "event_name": stored_event.topic,
            "digest": digest,
            "text": text,
            "reduced": kept_digest(stored_event.state) is not None,
            "metadata": event.get("metadata", event.get("attributes")),
            "body": event["body"],
        }
        return _converter().structure(parts, LogEntry)


@cache
def _converter() -> Converter:
    from cattrs import Converter  # only exports and rebuilds need it: starting up should not pay for it

    return Converter()
