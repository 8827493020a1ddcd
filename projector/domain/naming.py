"""Which institution a name stands for."""

from __future__ import annotations

from projector.domain.ids import long_id
from projector.domain.tenancy import Tenancy


def tenant_meant(name: str, tenancy: Tenancy) -> str:
    """The institution of a uuid, an alias or a root account's id, as of an event of that name.

    >>> known = Tenancy(pairs=[("Ab", "21070000000000001")])
    >>> tenant_meant("2107~1", known), tenant_meant("Ab", known), tenant_meant("Cd", known)
    ('Ab', 'Ab', 'Cd')
    """
    if is_tenant(name, tenancy):
        return name
    root = long_id(name)
    return name if root is None else tenancy.tenant_of(None, root)


def is_tenant(name: str, tenancy: Tenancy) -> bool:
    """Whether events tell of an institution of exactly this name."""
    return tenancy.is_tenant(name)
