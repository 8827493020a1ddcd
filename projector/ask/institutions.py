"""The institutions of a store."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from projector.ask.texts import text_asked
from projector.domain.errors import AmbiguousTenant
from projector.domain.ids import long_id
from projector.domain.instants import to_datetime
from projector.store.pins import Pin
from projector.store.reading import Reading


@frozen(kw_only=True)
class Institution:
    """An institution and what was heard of it; ``names`` are the ones its events use, ``roots`` its root accounts."""

    tenant: str
    names: tuple[str, ...]
    roots: tuple[str, ...]
    events: int
    first: datetime | None
    last: datetime | None


def institution(reading: Reading, tenant: str) -> Institution:
    """What was heard of an institution."""
    tenancy, heard = reading.pin.tenancy, reading.heard(tenant)
    return Institution(
        tenant=tenant,
        names=tenancy.names_of(tenant),
        roots=tenancy.roots_of(tenant),
        events=heard.events if heard else 0,
        first=to_datetime(heard.since) if heard else None,
        last=to_datetime(heard.until) if heard else None,
    )


def tenant_named(tenant: str | None, pin: Pin) -> str:
    """The institution that is meant, by its uuid, an alias, or its root account's id.

    Raises:
        AmbiguousTenant: several institutions and none named.
        BadQuestion: the name is not UTF-8 text.
    """
    known = pin.tenancy.tenants
    if tenant is None:
        if len(known) > 1:
            raise AmbiguousTenant(known)
        return known[0] if known else ""
    if text_asked(tenant, "the tenant") in known:
        return tenant
    root = long_id(tenant)
    return pin.tenancy.tenant_of(None, root) if root is not None else tenant
