"""A version of an aggregate, and the basis of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Protocol

from attrs import field, frozen

from projector.domain.answers import Answer, Shown
from projector.domain.catalogue import Kind
from projector.domain.recorded import By
from projector.domain.states import Aggregate
from projector.domain.typed import typed

State = Mapping[str, Any]
Changes = Mapping[str, tuple[Any, Any]]
DecidedBy = Literal["only", "event_time", "verb", "updated_at", "content"]
Guessed = bool | Literal["doubtful"]


@frozen(kw_only=True)
class Basis(Answer):
    """What an answer rests on; instants are aware datetimes in UTC.

    ``as_of`` None: no bound, the latest state. ``known_at`` None: the store was empty. ``heard_until``: the tenant's
    latest ``event_time`` known then. ``decided_by``: what put the event in effect before the next best one, None where
    several aggregates answer or none does. ``assumed``: the defaults and hints that were used.
    """

    as_of: datetime | None
    known_at: datetime | None
    tz: str
    rules: int
    heard_until: datetime | None
    decided_by: DecidedBy | None = None
    assumed: tuple[str, ...] = ()


Because = Literal["never heard of", "first heard of later", "created later", "deleted", "switched off"]


class Origin(Protocol):
    """What made a version, looked up when it is asked for: the state before it, and who caused its event."""

    @property
    def changes(self) -> Changes:
        """What differs from the state before."""

    @property
    def by(self) -> By:
        """Who caused the event."""


class NoOrigin:
    """The origin of a version that no event is known of."""

    __slots__ = ()

    @property
    def changes(self) -> Changes:
        """No change."""
        return {}

    @property
    def by(self) -> By:
        """Nobody."""
        return By()


@frozen(kw_only=True, slots=False)  # with slots it would take twice as long to make one
class Version(Answer, Shown):
    """An aggregate's state from one event's ``event_time`` until the next one's.

    Instants are aware datetimes in UTC. ``valid_to`` is None while it lasts. ``recorded_at`` is when the version's
    event was appended to this store. ``state`` is the event's body as it was sent, ``aggregate`` the same as a typed
    class. ``guessed`` and ``continued_by`` are for results without an id only.
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
    _find_origin: Callable[[], Origin] = field(default=NoOrigin, alias="find_origin", eq=False, repr=False)
    _of_history: bool = field(default=False, alias="of_history", eq=False, repr=False)

    def __repr__(self) -> str:
        end = "" if self.valid_to is None else f" to {self.valid_to.isoformat()}"
        return f"<Version of {self.kind} {self.id}: {self.status} from {self.valid_from.isoformat()}{end}>"

    @cached_property
    def aggregate(self) -> Aggregate:
        """The state as the kind's own class, such as `Outcome`."""
        return typed(self.kind, self.state)

    @cached_property
    def changes(self) -> Changes:
        """What this version changed: top-level member to (old, new), ``{}`` for the first."""
        return self._find_origin().changes

    @cached_property
    def by(self) -> By:
        """Who caused the version's event, as its metadata says."""
        return self._find_origin().by

    @property
    def shows_changes(self) -> bool:
        """Whether `to_dict` has ``changes`` and ``by``: that of a version of a history has them."""
        return self._of_history

    @classmethod
    def of_many(
        cls,
        tenant: str,
        kind: Kind,
        id: str,
        state: State,
        status: str,
        valid_from: datetime,
        valid_to: datetime | None,
        recorded_at: datetime,
        event_name: str,
        basis: Basis,
        find_origin: Callable[[], Origin],
    ) -> Version:
        """A version that is not guessed, made in half the time that ``__init__`` takes."""
        version = cls.__new__(cls)
        members = {
            "tenant": tenant,
            "kind": kind,
            "id": id,
            "status": status,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "recorded_at": recorded_at,
            "event_name": event_name,
            "state": state,
            "guessed": False,
            "continued_by": None,
            "basis": basis,
            "_find_origin": find_origin,
            "_of_history": False,
        }
        object.__setattr__(version, "__dict__", members)
        return version


class History(list[Version], Shown):
    """Every version of an aggregate, oldest first: a list, which a notebook shows as a table."""


@frozen(kw_only=True)
class Unknown(Answer):
    """The answer where an aggregate has no state at an instant, with the reason."""

    tenant: str
    kind: Kind
    id: str | None
    because: Because
    basis: Basis
