"""Which tenant an event belongs to, by the pairs and aliases that are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from attrs import evolve, field, frozen
from rpds import HashTrieMap, HashTrieSet

from projector.domain.ids import local_id, long_id, shard_of
from projector.domain.pairs import Index, Pairs, RootAccount, noted, values_of


@frozen
class Aliases:
    """Which names are aliases of another one, each mapped to the name that all of them have.

    >>> known = Aliases().with_alias("A", "B").with_alias("B", "C")
    >>> known.meant("A"), sorted(known.names_for("C"))
    ('C', ['A', 'B', 'C'])
    """

    _meant: HashTrieMap[str, str] = field(factory=HashTrieMap)
    _others: Index = field(factory=HashTrieMap)

    def meant(self, name: str) -> str:
        """The name that a name has now."""
        return self._meant.get(name, name)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each name and the one that it has now, in order."""
        return tuple(sorted(self._meant.items()))

    def names_for(self, name: str) -> HashTrieSet[str]:
        """A name and all its aliases."""
        return values_of(self._others, name).insert(name)

    def with_alias(self, other: str, stands_for: str) -> Aliases:
        """The same aliases and one more; the aliases of ``other`` go with it."""
        name, meant, others = self.meant(stands_for), self._meant, self._others.discard(other)
        for one in self.names_for(other):
            meant, others = meant.insert(one, name), noted(others, name, one)
        return Aliases(meant, others)


def _as_pairs(pairs: Iterable[RootAccount]) -> Pairs:
    return pairs if isinstance(pairs, Pairs) else Pairs.of(pairs)


@frozen(kw_only=True)
class Tenancy:
    """What the store's events say of institutions: immutable, so that a view can keep it.

    The cost of learning of an institution depends on what is known of that one, not on how many others there are.
    ``generation`` rises whenever an event already stored may belong to another aggregate from now on. Since the
    generation before, the events under the names in ``renamed`` belong to another tenant; the tenants of the names in
    ``grown`` only gained or lost a shard.

    >>> known = Tenancy(pairs=[("Ab", "21070000000000001"), (None, "21070000000000001")])
    >>> known.tenant_of(None, "21070000000000001"), known.shards("Ab")
    ('Ab', frozenset({2107}))
    """

    generation: int = 0
    pairs: Pairs = field(factory=Pairs, converter=_as_pairs)
    aliases: Aliases = field(factory=Aliases)
    renamed: frozenset[str] = field(default=frozenset(), eq=False)
    grown: frozenset[str] = field(default=frozenset(), eq=False)
    _shards: dict[str, frozenset[int]] = field(factory=dict, init=False, eq=False, repr=False)  # found before

    # one institution

    def tenant_of(self, uuid: str | None, root: str | None) -> str:
        """The tenant of an event with this root account: its uuid, else the id's one uuid, else the id."""
        if uuid is not None:
            return self.aliases.meant(uuid)
        assert root is not None, "an event without a root account is refused at the wire"
        only = None
        for tenant in map(self.aliases.meant, self.pairs.uuids_of(root)):
            if only is not None and tenant != only:
                return self.aliases.meant(root)
            only = tenant
        return self.aliases.meant(root) if only is None else only

    def tenant_meant(self, name: str) -> str:
        """The tenant that a uuid, an alias or a root account's id means, as in an event with that name.

        >>> known = Tenancy(pairs=[("Ab", "21070000000000001")])
        >>> known.tenant_meant("2107~1"), known.tenant_meant("Ab"), known.tenant_meant("Cd")
        ('Ab', 'Ab', 'Cd')
        """
        if self.is_tenant(name):
            return name
        root = long_id(name)
        return name if root is None else self.tenant_of(None, root)

    def is_tenant(self, name: str) -> bool:
        """Whether a tenant has exactly this name."""
        return any(True for _ in self._accounts(name))

    def shards(self, tenant: str) -> frozenset[int]:
        """The shards whose global ids are this tenant's own."""
        if (found := self._shards.get(tenant)) is None:
            shards = (shard_of(root) for _, root in self._accounts(tenant) if root is not None)
            found = self._shards[tenant] = frozenset(shard for shard in shards if shard is not None)
        return found

    def names_of(self, tenant: str) -> tuple[str, ...]:
        """The names by which events call one institution."""
        return tuple(sorted({_name(account) for account in self._accounts(tenant)}))

    def roots_of(self, tenant: str) -> tuple[str, ...]:
        """The root accounts of one institution, as its own ids."""
        shards = self.shards(tenant)
        return tuple(sorted({local_id(root, shards) for _, root in self._accounts(tenant) if root is not None}))

    def _accounts(self, tenant: str) -> Iterator[RootAccount]:
        """The pairs of one institution, some of them twice."""
        if self.aliases.meant(tenant) != tenant:
            return
        for name in self.aliases.names_for(tenant):
            roots = self.pairs.roots_of(name)
            yield from ((name, root) for root in roots)
            if (name, None) in self.pairs:
                yield name, None
            for root in (name, *roots):
                if (None, root) in self.pairs and self.tenant_of(None, root) == tenant:
                    yield None, root

    # all of them

    @cached_property
    def tenants(self) -> tuple[str, ...]:
        """The names of all tenants, in order."""
        return tuple(sorted({self.tenant_of(uuid, root) for uuid, root in self.pairs}))

    # knowing more

    def with_pairs(self, pairs: Iterable[RootAccount]) -> Tenancy:
        """The same tenancy with these pairs; the generation rises where that can move a stored event."""
        new = [pair for pair in pairs if pair not in self.pairs]
        after = evolve(self, pairs=self.pairs.with_all(new))
        return self._moved(after, {*new, *((None, root) for _, root in new if root is not None)})

    def with_alias(self, other: str, stands_for: str) -> Tenancy:
        """The same tenancy with one more alias; the generation rises where that moves a stored event."""
        after = evolve(self, aliases=self.aliases.with_alias(other, stands_for))
        names = self.aliases.names_for(other)
        return self._moved(
            after,
            {
                *((name, None) for name in (*names, stands_for)),
                *((None, root) for name in names for root in self.pairs.roots_of(name)),
            },
        )

    def _moved(self, after: Tenancy, accounts: Iterable[RootAccount]) -> Tenancy:
        """What is known after, with what moves the events of the institutions that these accounts belong to."""
        renamed, grown = set[str](), set[str]()
        for tenant in {known.tenant_of(*account) for known in (self, after) for account in accounts}:
            resharded = self.shards(tenant) != after.shards(tenant)
            for account in self._accounts(tenant):
                if after.tenant_of(*account) != tenant:
                    renamed.add(_name(account))
                elif resharded:
                    grown.add(_name(account))
        generation = self.generation + bool(renamed or grown)
        return evolve(after, generation=generation, renamed=frozenset(renamed), grown=frozenset(grown - renamed))


def _name(account: RootAccount) -> str:
    """The name by which events of an account call their institution."""
    uuid, root = account
    return uuid or root or ""
