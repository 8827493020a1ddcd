"""What may be missing from a store: silences, and things that are referenced but were never received."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from projector.domain.answers import Answer
from projector.domain.catalogue import Kind


@frozen(kw_only=True)
class Silence(Answer):
    """A stretch without events; ``until`` is None while it lasts.

    ``hours`` is its length; ``expected`` how many events are usual in these hours, by the median of the same weekday
    and hour of the other weeks.
    """

    since: datetime
    until: datetime | None
    hours: float
    expected: float


@frozen(kw_only=True)
class DanglingReference(Answer):
    """An aggregate that events name, while no event of its own was received.

    ``named_by`` is the kind and id of one aggregate that names it.
    """

    kind: Kind
    id: str
    named_by: tuple[Kind, str]
