"""The institutions of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from projector.ask.texts import tenant_asked
from projector.domain.arguments import shown
from projector.domain.errors import AmbiguousTenant, BadQuestion
from projector.domain.instants import to_datetime
from projector.domain.tenancy import Tenancy
from projector.domain.upkeep import Institution

if TYPE_CHECKING:
    from projector.store.pins import Pin
    from projector.store.store import Reading


def institution_of(reading: Reading) -> Institution:
    """An institution with its events, first and last."""
    tenant, tenancy, received = reading.tenant, reading.pin.tenancy, reading.received()
    return Institution(
        tenant=tenant,
        names=tenancy.names_of(tenant),
        roots=tenancy.roots_of(tenant),
        events=received.events if received else 0,
        first=to_datetime(received.first) if received else None,
        last=to_datetime(received.last) if received else None,
    )


@frozen
class Sight:
    """Which institutions may be seen: all, or those that have these names or of which these are aliases."""

    names: frozenset[str] | None = None

    def tenants(self, tenancy: Tenancy) -> tuple[str, ...]:
        """The institutions of a store that may be seen, in order."""
        if self.names is None:
            return tenancy.tenants
        return tuple(sorted(tenant for tenant in self._meant(tenancy) if tenancy.is_tenant(tenant)))

    def sees(self, tenant: str, tenancy: Tenancy) -> bool:
        """Whether this institution may be seen."""
        return self.names is None or tenant in self._meant(tenancy)

    def alone(self, tenancy: Tenancy) -> str:
        """The institution that is meant where none is named and no event of one that may be seen was received."""
        meant = () if self.names is None else self._meant(tenancy)
        return min(meant) if len(meant) == 1 else ""

    def _meant(self, tenancy: Tenancy) -> frozenset[str]:
        return frozenset(map(tenancy.tenant_meant, self.names or ()))


SEES_ALL: Final = Sight()


def tenant_named(tenant: str | None, pin: Pin, sight: Sight = SEES_ALL) -> str:
    """The institution that is meant, by its uuid, an alias, or its root account's id; "" where there is none to mean.

    Args:
        sight: One that it does not show is answered as if no event named it.

    Raises:
        AmbiguousTenant: several institutions and none named.
        BadQuestion: no event names that institution.
    """
    known = sight.tenants(pin.tenancy)
    if tenant is None:
        if len(known) > 1:
            raise AmbiguousTenant(known)
        return known[0] if known else sight.alone(pin.tenancy)
    meant = pin.tenancy.tenant_meant(tenant_asked(tenant))
    if not pin.tenancy.is_tenant(meant) or not sight.sees(meant, pin.tenancy):
        there = f"this store holds {', '.join(known)}" if known else "this store holds no institution yet"
        raise BadQuestion(f"no event names the institution {shown(tenant)}; {there}")
    return meant
