"""What an answer is made of: a version of an aggregate, and the basis it stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from attrs import field, frozen

from projector.domain.catalogue import Kind
from projector.domain.states import Aggregate
from projector.domain.typed import typed

State = Mapping[str, Any]
Changes = Mapping[str, tuple[Any, Any]]
DecidedBy = Literal["only", "event_time", "verb", "updated_at", "content"]
Guessed = bool | Literal["doubtful"]


@frozen(kw_only=True)
class Basis:
    """What an answer rests on; instants are aware datetimes in UTC.

    ``as_of`` None: no bound, the latest. ``known_at`` None: the store was empty. ``heard_until``: the
    tenant's latest ``event_time`` known then. ``decided_by``: what let the standing event win, None
    where several aggregates answer or none does.
    """

    as_of: datetime | None
    known_at: datetime | None
    tz: str
    rules: int
    heard_until: datetime | None
    decided_by: DecidedBy | None = None
    assumed: tuple[str, ...] = ()


def _nothing_before() -> Changes:
    return {}


@frozen(kw_only=True)
class Version:
    """An aggregate's state from one event's ``event_time`` until the next one's.

    Instants are aware datetimes in UTC. ``valid_to`` is None while it lasts. ``recorded_at`` is
    when the store came to know the version's event. ``state`` is the event's body as it was sent.
    ``guessed`` and ``continued_by`` matter for results without an id only.
    """

    tenant: str
    kind: Kind
    id: str
    status: str
    valid_from: datetime
    valid_to: datetime | None
    recorded_at: datetime
    event_name: str
    state: State
    guessed: Guessed = False
    continued_by: str | None = None
    basis: Basis
    _find_changes: Callable[[], Changes] = field(default=_nothing_before, alias="find_changes", eq=False, repr=False)

    @cached_property
    def aggregate(self) -> Aggregate:
        """The state as the kind's own class, such as `Outcome`."""
        return typed(self.kind, self.state)

    @cached_property
    def changes(self) -> Changes:
        """What this version changed: top-level member to (old, new), ``{}`` for the first."""
        return self._find_changes()
