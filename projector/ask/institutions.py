"""The institutions of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projector.ask.texts import tenant_asked
from projector.domain.arguments import shown
from projector.domain.errors import AmbiguousTenant, BadQuestion
from projector.domain.instants import to_datetime
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


def tenant_named(tenant: str | None, pin: Pin) -> str:
    """The institution that is meant, by its uuid, an alias, or its root account's id; "" where there is none to mean.

    Raises:
        AmbiguousTenant: several institutions and none named.
        BadQuestion: no event names that institution.
    """
    if tenant is None:
        known = pin.tenancy.tenants
        if len(known) > 1:
            raise AmbiguousTenant(known)
        return known[0] if known else ""
    meant = pin.tenancy.tenant_meant(tenant_asked(tenant))
    if not pin.tenancy.is_tenant(meant):
        known = pin.tenancy.tenants
        there = f"this store holds {', '.join(known)}" if known else "this store holds no institution yet"
        raise BadQuestion(f"no event names the institution {shown(tenant)}; {there}")
    return meant
