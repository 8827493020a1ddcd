"""Why an aggregate has its state: every event of it, with a verdict."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from attrs import frozen

from projector.domain.answers import Answer, Shape
from projector.domain.catalogue import Kind
from projector.domain.recorded import By, Event
from projector.domain.versions import Basis, DecidedBy

Verdict = Literal["stands", "beaten", "later than as_of", "not yet known"]


@frozen(kw_only=True)
class EventVerdict(Answer):
    """One event of an aggregate and its part in the answer.

    ``verdict``: ``stands`` for the event in effect, ``beaten`` for one that a later event superseded. ``changed_at``:
    the body's ``updated_at``, None where it has none; ``event.event_time`` is when Canvas announced the change.
    ``duplicates``: how often the event was received again, and when last. ``contradiction``: an event with an earlier
    ``event_time`` has a later ``updated_at``. ``unread``: instants that were to decide against the event in effect
    and could not be read.
    """

    event: Event
    source: str
    verdict: Verdict
    beaten_by: Event | None = None
    decided_by: DecidedBy | None = None
    changed_at: datetime | None = None
    duplicates: tuple[int, datetime] | None = None
    contradiction: bool = False
    unread: tuple[str, ...] = ()

    @property
    def by(self) -> By:
        """Who caused the event, as its metadata says."""
        return self.event.by


@frozen(kw_only=True)
class Explanation(Answer):
    """Every event of an aggregate, in the order that decides; empty where no event of it was received."""

    tenant: str
    kind: Kind
    id: str
    testimonies: tuple[EventVerdict, ...]
    basis: Basis

    @property
    def in_effect(self) -> EventVerdict | None:
        """The event in effect, or None."""
        return next((one for one in self.testimonies if one.verdict == "stands"), None)

    def to_dict(self, *, raw: bool = False) -> Shape:
        """The explanation as ``projector why --json`` prints it.

        Args:
            raw: Each event with its metadata and body too, as ``event``.
        """
        shape = super().to_dict()
        if raw:
            events: list[dict[str, Any]] = shape["events"]
            for one, testimony in zip(events, self.testimonies, strict=True):
                one["event"] = {"metadata": testimony.event.metadata, "body": testimony.event.body}
        return shape
