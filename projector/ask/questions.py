"""Makes the questions that are asked of a store: as of when, known when, of which institution, in which zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from projector.ask.instants import Instant, instant_asked, zone_named
from projector.ask.institutions import SEES_ALL, Sight, tenant_named
from projector.ask.question import Question
from projector.domain.instants import AFTER_ALL

if TYPE_CHECKING:
    from projector.store.pins import Pin
    from projector.store.store import Store


@frozen
class Questions:
    """Makes questions of a store for someone who may see its institutions, or some of them."""

    store: Store
    sight: Sight = SEES_ALL

    def pin(self, known_at: Instant | None = None, tz: str = "UTC") -> Pin:
        """What is known at an instant; None, or an instant later than the head, is the head now."""
        zone_named(tz)
        return self.store.pin(None if known_at is None else instant_asked(known_at, tz))

    def one(
        self, as_of: Instant | None, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> Question:
        """A question of one institution.

        Args:
            as_of: Valid time; None: no bound.
            known_at: As in `pin`.
            tenant: May be left out while only one institution may be seen.
            tz: The zone in which dates are read.

        Raises:
            BadQuestion: an instant, a zone or a tenant cannot be understood or is not there.
            AmbiguousTenant: several institutions and none named.
        """
        return self.under(self.pin(known_at, tz), as_of, tenant, tz)

    def under(self, pin: Pin, as_of: Instant | None, tenant: str | None = None, tz: str = "UTC") -> Question:
        """A question of one institution under a pin; see `one`."""
        return self._question(pin, tenant_named(tenant, pin, self.sight), as_of, tz)

    def each(
        self, as_of: Instant | None, known_at: Instant | None = None, tenant: str | None = None, tz: str = "UTC"
    ) -> Iterator[Question]:
        """A question of one institution, or where none is named of each that may be seen; see `one`."""
        return self.each_under(self.pin(known_at, tz), as_of, tenant, tz)

    def each_under(
        self, pin: Pin, as_of: Instant | None, tenant: str | None = None, tz: str = "UTC"
    ) -> Iterator[Question]:
        """The same under a pin."""
        named = self.sight.tenants(pin.tenancy) if tenant is None else (tenant_named(tenant, pin, self.sight),)
        if as_of is not None:
            instant_asked(as_of, tz)
        return (self._question(pin, name, as_of, tz) for name in named)

    def _question(self, pin: Pin, tenant: str, as_of: Instant | None, tz: str) -> Question:
        instant = AFTER_ALL if as_of is None else instant_asked(as_of, tz)
        return Question(store=self.store, pin=pin, tenant=tenant, as_of=instant, tz=tz)
