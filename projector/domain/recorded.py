"""An event at its place in the log: `Recorded` for the rules, `Event` for users; and `By`, who caused it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from attrs import field, frozen

from projector.domain.answers import Answer
from projector.domain.canonical import read_body, read_json
from projector.domain.catalogue import Kind
from projector.domain.ids import learner_of
from projector.domain.instants import to_datetime
from projector.domain.packing import unpack

Precedence = tuple[int, bool, int, bytes]


@frozen(kw_only=True)
class By(Answer):
    """Who caused an event, as its metadata says: a user, or a background job of Canvas.

    ``user_id`` is the user's id as it was sent, a number as its digits. A member is None where the metadata has none,
    a blank one or one of another type, and where it was dropped at intake.
    """

    user_id: str | None = None
    user_login: str | None = None
    job_tag: str | None = None

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> By:
        """Who caused the event with this metadata.

        >>> By.of({"user_id": 21070000000000012, "user_login": "ana.lima", "job_tag": None})
        By(user_id='21070000000000012', user_login='ana.lima', job_tag=None)
        """
        login, job = metadata.get("user_login"), metadata.get("job_tag")
        return cls(user_id=learner_of(metadata.get("user_id")), user_login=_said(login), job_tag=_said(job))


def _said(text: object) -> str | None:
    """A text as it was sent; None for a blank one, and for what is not text."""
    return text if isinstance(text, str) and text and not text.isspace() else None


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
    def by(self) -> By:
        """Who caused the event, as its metadata says."""
        return By.of(self.metadata)

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
