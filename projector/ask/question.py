"""What every question has: store, tenant, as-of instant, pinned knowledge and time zone."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from projector.ask.texts import text_asked
from projector.domain.catalogue import Kind
from projector.domain.facts import context_of
from projector.domain.ids import local_id, long_id
from projector.domain.instants import AFTER_ALL, from_datetime, shared_datetime, to_datetime, to_text
from projector.domain.rules import RULES
from projector.domain.settings import Switch, settings_of
from projector.domain.settings import in_force as setting_in_force
from projector.domain.versions import Basis, DecidedBy, State

if TYPE_CHECKING:
    from projector.store.pins import Pin
    from projector.store.store import Store


@frozen(kw_only=True)
class Question:
    """What every question has: ``as_of`` in microseconds since 1970, AFTER_ALL for no bound.

    `projector.ask.asking.Asking` opens it.
    """

    store: Store = field(repr=False)
    pin: Pin = field(repr=False)
    tenant: str
    as_of: int
    tz: str

    @cached_property
    def shards(self) -> frozenset[int]:
        """The shards whose global ids are the institution's own."""
        return self.pin.tenancy.shards(self.tenant)

    # what answers rest on

    @cached_property
    def basis(self) -> Basis:
        """What answers rest on, before it is known what decided them."""
        received = self.received
        return Basis(
            as_of=None if self.as_of == AFTER_ALL else to_datetime(self.as_of),
            known_at=None if self.pin.recorded_at is None else shared_datetime(self.pin.recorded_at),
            tz=self.tz,
            rules=RULES,
            heard_until=None if received is None else received[1],
        )

    @cached_property
    def _bases(self) -> dict[DecidedBy, Basis]:
        return {}

    def basis_decided(self, by: DecidedBy) -> Basis:
        """What one answer rests on, and what decided it."""
        if by not in self._bases:
            self._bases[by] = evolve(self.basis, decided_by=by)
        return self._bases[by]

    @property
    def received(self) -> tuple[datetime, datetime] | None:
        """The institution's earliest and latest ``event_time``; None where there is none."""
        if self.tenant in self.pin.recalled:
            found = self.pin.recalled[self.tenant]
        else:
            with self.store.reading(self.pin, self.tenant) as reading:
                found = reading.received()
        return None if found is None else (shared_datetime(found.first), shared_datetime(found.last))

    def setting(self, name: str) -> tuple[Switch, str]:
        """A flag as of the instant, and how an answer says that it used it."""
        made = setting_in_force(settings_of(self.pin.settings, self.pin.tenancy, self.tenant), name, self.as_of)
        if made is None:
            return "on", f"{name}=on (default)"
        since = "always" if made.valid_from is None else f"from {to_text(from_datetime(made.valid_from))}"
        return made.value, f"{name}={made.value} (set {since})"

    # ids

    def own_id(self, id: str | int) -> str:
        """An asked id as the institution's own aggregates carry it.

        Raises:
            BadQuestion: it is not UTF-8 text.
        """
        long = long_id(text_asked(id, "the id"))
        return "" if long is None else local_id(long, self.shards)

    def local(self, id: str | None) -> str | None:
        """An id that an event names, as the institution's own aggregates carry it."""
        return None if id is None else local_id(id, self.shards)

    def context_of(self, kind: Kind, state: State) -> str | None:
        """The context that a state lies in, such as ``Course/565``; None where it names none."""
        return context_of(kind, state, self.shards)
