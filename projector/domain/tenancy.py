"""Which institution an event belongs to, by what the store knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import field, frozen

from projector.domain.ids import shard_of

Account = tuple[str | None, str | None]  # (root account's uuid, root account's id) as events pair them


def _as_set(pairs: Iterable[Account]) -> frozenset[Account]:
    return frozenset(pairs)


@frozen(kw_only=True)
class Tenancy:
    """What the store's events say of institutions: immutable, so that a view can keep it.

    ``number`` rises whenever an event already stored may have come to belong to another aggregate.

    >>> known = Tenancy(pairs=[("Ab", "21070000000000001"), (None, "21070000000000001")])
    >>> known.tenant_of(None, "21070000000000001"), known.shards("Ab")
    ('Ab', frozenset({2107}))
    """

    number: int = 0
    pairs: frozenset[Account] = field(default=frozenset(), converter=_as_set)
    aliases: Mapping[str, str] = field(factory=dict)  # the other uuid -> the one that stands for both

    def _stands_for(self, tenant: str) -> str:
        return self.aliases.get(tenant, tenant)

    @cached_property
    def _by_root(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for uuid, root in self.pairs:
            if root is not None and uuid is not None:
                found.setdefault(root, set()).add(self._stands_for(uuid))
        return found

    @cached_property
    def _shards(self) -> dict[str, frozenset[int]]:
        found: dict[str, set[int]] = {}
        for uuid, root in self.pairs:
            if root is not None and (shard := shard_of(root)) is not None:
                found.setdefault(self.tenant_of(uuid, root), set()).add(shard)
        return {tenant: frozenset(shards) for tenant, shards in found.items()}

    def tenant_of(self, uuid: str | None, root: str | None) -> str:
        """The tenant of an event with this root account: its uuid, else the id's one uuid, else the id."""
        if uuid is not None:
            return self._stands_for(uuid)
        assert root is not None, "an event without a root account is refused at the wire"
        uuids = self._by_root.get(root, ())
        return next(iter(uuids)) if len(uuids) == 1 else self._stands_for(root)

    def shards(self, tenant: str) -> frozenset[int]:
        """The shards whose global ids are this tenant's own."""
        return self._shards.get(tenant, frozenset())

    @cached_property
    def tenants(self) -> tuple[str, ...]:
        """Every institution the store has heard of, by name."""
        return tuple(sorted({self.tenant_of(uuid, root) for uuid, root in self.pairs}))

    def with_pairs(self, pairs: Iterable[Account]) -> Tenancy:
        """The same knowledge and these pairs; the number rises where that can move a stored event."""
        grown = Tenancy(number=self.number, pairs=self.pairs | frozenset(pairs), aliases=self.aliases)
        moved = any(
            grown.tenant_of(*pair) != self.tenant_of(*pair)
            or grown.shards(self.tenant_of(*pair)) != self.shards(self.tenant_of(*pair))
            for pair in self.pairs
        )
        return Tenancy(number=self.number + moved, pairs=grown.pairs, aliases=self.aliases)
