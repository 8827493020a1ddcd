"""An event at its place in the log: `Recorded` for the rules, `Event` for users."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from attrs import field, frozen

from projector.domain.answers import Answer
from projector.domain.canonical import read_body, read_json
from projector.domain.catalogue import Kind
from projector.domain.instants import to_datetime
from projector.domain.packing import unpack

Precedence = tuple[int, bool, int, bytes]


class _Columns(NamedTuple):
    kind: Kind
    name: str
    event_time: int
    updated_at: int
    digest: bytes
    position: int
    recorded_at: int
    packed: bytes


class Recorded(_Columns):
    """A Live Event at its place in the log, as the rules read it; instants in microseconds since 1970."""

    @property
    def created(self) -> bool:
        """Whether its name ends in ``_created``; everything else counts as an update."""
        return self.name.endswith("_created")

    @property
    def precedence(self) -> Precedence:
        """Its place in the order of its aggregate's events; the last in this order gives the state."""
        return self.event_time, not self.created, self.updated_at, self.digest

    @property
    def text(self) -> bytes:
        """The event as it was received, as JSON."""
        return unpack(self.packed)[1]

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The metadata as it was received."""
        metadata: dict[str, Any] = parts_of(self.packed)["metadata"]
        return metadata

    @cached_property
    def body(self) -> dict[str, Any]:
        """The body as it was received."""
        return body_of(self.packed)


@frozen(kw_only=True)
class Event(Answer):
    """An event of the log.

    ``position`` counts from 1 without a gap; ``tenant`` and ``id`` say which aggregate the event belongs to by what
    is known now; ``digest`` is the SHA-256 of its canonical JSON, in hex.
    """

    position: int
    recorded_at: datetime
    tenant: str
    kind: Kind
    id: str
    event_name: str
    event_time: datetime
    digest: str
    _packed: bytes = field(repr=False, eq=False)

    @classmethod
    def of(cls, recorded: Recorded, tenant: str, id: str) -> Event:
        """A recorded event of an aggregate."""
        return cls(
            position=recorded.position,
            recorded_at=to_datetime(recorded.recorded_at),
            tenant=tenant,
            kind=recorded.kind,
            id=id,
            event_name=recorded.name,
            event_time=to_datetime(recorded.event_time),
            digest=recorded.digest.hex(),
            packed=recorded.packed,
        )

    @cached_property
    def _parts(self) -> dict[str, Any]:
        return parts_of(self._packed)

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata as it was received, without the members that were dropped at intake."""
        metadata: dict[str, Any] = self._parts["metadata"]
        return metadata

    @property
    def body(self) -> dict[str, Any]:
        """The body as it was received."""
        body: dict[str, Any] = self._parts["body"]
        return body


def parts_of(packed: bytes) -> dict[str, Any]:
    """``metadata`` (so named also when it came as ``attributes``) and ``body`` of an event as the log keeps it."""
    event = read_json(unpack(packed)[1])
    return {"metadata": event["metadata"] if "metadata" in event else event["attributes"], "body": event["body"]}


def body_of(packed: bytes) -> dict[str, Any]:
    """The body, as it was received, of an event as the log keeps it."""
    return read_body(unpack(packed)[1])
