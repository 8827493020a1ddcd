"""Pins, which bound what a question knows, and the small records that readings return."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple, Self

from attrs import evolve, field, frozen

from projector.domain.recorded import Recorded
from projector.domain.settings import Setting
from projector.domain.tenancy import Tenancy

Part = tuple[str, str, str | None, str | None, str | None]  # id, status, title, parent, outcome

StandingRow = tuple[str, int, str, bytes, int, int | None, bool]
"""The event in effect of one of many aggregates, a plain tuple, for it is made as often as there are aggregates: id,
``event_time``, name, the event as it is kept, its time of recording, when the next one begins, ``has_title`` as in
`Winner`."""


class Timeline(NamedTuple):
    """Events of aggregates by column, by id and in the order that decides; instants in microseconds since 1970."""

    ids: Sequence[str] = ()
    event_times: Sequence[int] = ()
    positions: Sequence[int] = ()
    names: Sequence[str] = ()
    packed: Sequence[bytes] = ()

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]]) -> Self:
        """The columns of rows."""
        return cls(*zip(*rows, strict=True)) if rows else cls()

    def part(self, indexes: range) -> Self:
        """The events of a range."""
        return type(self)._make(column[indexes.start : indexes.stop] for column in self)

    def chosen(self, indexes: Sequence[int]) -> Self:
        """Some of these events, in this order."""
        return type(self)._make([column[index] for index in indexes] for column in self)


@frozen(kw_only=True)
class TimelinePage:
    """Whole timelines of some aggregates, by id.

    ``titled`` are the results some event of which has a title. ``long`` names one that has more events than a page.
    ``after`` is the id behind which the next page begins; None: there is none.
    """

    events: Timeline = field(repr=False)
    titled: frozenset[str]
    long: str | None
    after: str | None


@frozen(kw_only=True)
class Received:
    """The earliest and latest ``event_time`` of a tenant, and the number of its events."""

    first: int
    last: int
    events: int


@frozen(kw_only=True)
class Pin:
    """What a question knows: everything up to a position of the log.

    ``recorded_at`` None: nothing yet. ``head`` (a position), ``tenancy`` and ``settings`` are what there is
    when the pin is made.
    """

    position: int
    batch: int
    recorded_at: int | None
    head: int
    tenancy: Tenancy
    settings: tuple[Setting, ...] = ()
    recalled: dict[str, Received | None] = field(factory=dict, eq=False, repr=False)  # what was asked of tenants before
    _fingerprints: dict[str, str] = field(factory=dict, init=False, eq=False, repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """A text that differs wherever answers to one question may differ."""
        aliases, settings = self.tenancy.aliases.pairs, self.settings
        parts = (self.position, self.batch, self.recorded_at, self.tenancy.generation, aliases, settings)
        return sha256(repr(parts).encode()).hexdigest()

    def fingerprint_of(self, tenant: str) -> str:
        """The same with what answers about one institution rest on beside."""
        if (found := self._fingerprints.get(tenant)) is None:
            parts = (self.fingerprint, tenant, self.tenancy.names_of(tenant), self.tenancy.roots_of(tenant))
            found = self._fingerprints[tenant] = sha256(repr(parts).encode()).hexdigest()
        return found

    def earlier(self, batch: int, position: int, recorded_at: int) -> Pin:
        """The same store, with knowledge up to an earlier position."""
        return evolve(self, batch=batch, position=position, recorded_at=recorded_at, recalled={})


@frozen
class Winner:
    """The event in effect at an instant, the runner-up, and when the next one begins.

    ``has_title``: some event of the aggregate has a title that later ones may lack.
    """

    event: Recorded
    runner_up: Recorded | None
    next_at: int | None
    has_title: bool
