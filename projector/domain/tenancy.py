"""Which institution an event belongs to, by what the store knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import evolve, field, frozen

from projector.domain.ids import local_id, shard_of

Account = tuple[str | None, str | None]  # (root account's uuid, root account's id) as events pair them


def joined(aliases: Mapping[str, str], other: str, stands_for: str) -> dict[str, str]:
    """The aliases with one more, each leading straight to the name that stands for all.

    >>> joined({"A": "B"}, "B", "C")
    {'A': 'C', 'B': 'C'}
    """
    stands_for = aliases.get(stands_for, stands_for)
    return {name: stands_for if of == other else of for name, of in aliases.items()} | {other: stands_for}


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

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name by which events call an institution: uuids, and ids of root accounts without one."""
        return tuple(sorted({uuid or root or "" for uuid, root in self.pairs}))

    def names_of(self, tenant: str) -> tuple[str, ...]:
        """The names by which events call one institution."""
        return tuple(sorted({u or r or "" for u, r in self.pairs if self.tenant_of(u, r) == tenant}))

    def roots_of(self, tenant: str) -> tuple[str, ...]:
        """The root accounts of one institution, as its own ids."""
        roots = {r for u, r in self.pairs if r is not None and self.tenant_of(u, r) == tenant}
        return tuple(sorted({local_id(root, self.shards(tenant)) for root in roots}))

    def with_pairs(self, pairs: Iterable[Account]) -> Tenancy:
        """The same knowledge and these pairs; the number rises where that can move a stored event."""
        return self._known(evolve(self, pairs=self.pairs | frozenset(pairs)))

    def with_alias(self, other: str, stands_for: str) -> Tenancy:
        """The same knowledge and that two names are one institution's; the number rises where that moves an event."""
        return self._known(evolve(self, aliases=joined(self.aliases, other, stands_for)))

    def _known(self, grown: Tenancy) -> Tenancy:
        moved = any(
            grown.tenant_of(*pair) != self.tenant_of(*pair)
            or grown.shards(grown.tenant_of(*pair)) != self.shards(self.tenant_of(*pair))
            for pair in self.pairs
        )
        return evolve(grown, number=self.number + moved)
