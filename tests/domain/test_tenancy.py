"""What is known of institutions: learned bit by bit it says what everything at once says."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.ids import local_id, shard_of
from projector.domain.tenancy import Aliases, Tenancy

Account = tuple[str | None, str | None]

UUIDS = ["Ab", "Cd", "Ef", "7"]  # the last is also the id of a root account
ROOTS = ["21070000000000001", "21070000000000002", "99990000000000001", "7"]
accounts = st.one_of(
    st.tuples(st.sampled_from(UUIDS), st.none() | st.sampled_from(ROOTS)),
    st.tuples(st.none(), st.sampled_from(ROOTS)),
)
lessons = st.one_of(
    st.lists(accounts, min_size=1, max_size=3),
    st.tuples(st.just("alias"), st.sampled_from([*UUIDS, *ROOTS]), st.sampled_from([*UUIDS, *ROOTS])),
)


class Plainly:
    """The same rules, recomputed from all pairs and aliases for every question."""

    def __init__(self, pairs: frozenset[Account], aliases: dict[str, str]) -> None:
        self.pairs, self.aliases = pairs, aliases

    def tenant_of(self, uuid: str | None, root: str | None) -> str:
        """The uuid, else the one that goes with the root account, else that account's id."""
        if uuid is not None:
            return self.aliases.get(uuid, uuid)
        uuids = {self.aliases.get(u, u) for u, r in self.pairs if u is not None and r == root}
        return uuids.pop() if len(uuids) == 1 else self.aliases.get(str(root), str(root))

    def shards(self, tenant: str) -> frozenset[int]:
        """Those of its root accounts."""
        shards = {shard_of(r) for u, r in self.pairs if r is not None and self.tenant_of(u, r) == tenant}
        return frozenset(shard for shard in shards if shard is not None)

    def names_of(self, tenant: str) -> tuple[str, ...]:
        """As events call it."""
        return tuple(sorted({u or r or "" for u, r in self.pairs if self.tenant_of(u, r) == tenant}))

    def roots_of(self, tenant: str) -> tuple[str, ...]:
        """Its root accounts, as its own ids."""
        roots = {r for u, r in self.pairs if r is not None and self.tenant_of(u, r) == tenant}
        return tuple(sorted({local_id(root, self.shards(tenant)) for root in roots}))

    def moved(self, after: Plainly) -> tuple[frozenset[str], frozenset[str]]:
        """The names that become another tenant's, and those that only gain or lose a shard."""
        renamed, grown = set(), set()
        for uuid, root in self.pairs:
            was, now, name = self.tenant_of(uuid, root), after.tenant_of(uuid, root), uuid or root or ""
            if was != now:
                renamed.add(name)
            elif self.shards(was) != after.shards(now):
                grown.add(name)
        return frozenset(renamed), frozenset(grown - renamed)


@given(st.lists(lessons, max_size=8))
def test_what_is_learned_bit_by_bit_is_as_plainly_recomputed(learned: list[Any]) -> None:
    """Tenants, their names, shards and root accounts, and what each lesson moves."""
    known, plain = Tenancy(), Plainly(frozenset(), {})
    for lesson in learned:
        pairs, aliases = plain.pairs, plain.aliases
        if isinstance(lesson, list):
            after, pairs = known.with_pairs(lesson), pairs.union(lesson)
        else:
            _, other, name = lesson
            if known.aliases.meant(other) != other or known.aliases.meant(name) == other:
                continue  # these are one already
            name = aliases.get(name, name)
            after = known.with_alias(other, name)
            aliases = {one: name if of == other else of for one, of in aliases.items()} | {other: name}
        before, plain = plain, Plainly(pairs, aliases)
        renamed, grown = before.moved(plain)
        assert (after.renamed, after.grown) == (renamed, grown)
        assert after.generation == known.generation + bool(renamed or grown)
        known = after
    assert set(known.pairs) == plain.pairs
    assert known.tenants == tuple(sorted({plain.tenant_of(*pair) for pair in plain.pairs}))
    for tenant in (*UUIDS, *ROOTS):
        assert known.shards(tenant) == plain.shards(tenant)
        assert known.names_of(tenant) == plain.names_of(tenant)
        assert known.roots_of(tenant) == plain.roots_of(tenant)
        assert known.is_tenant(tenant) == (tenant in known.tenants)
        assert known.tenant_of(None, tenant) == plain.tenant_of(None, tenant)


def test_knowledge_that_grows_leaves_what_was_known_as_it_was() -> None:
    """A view keeps it."""
    before = Tenancy(pairs=[(None, "21070000000000001")])
    after = before.with_pairs([("Ab", "21070000000000001")]).with_alias("Ab", "Cd")
    assert (before.tenants, after.tenants) == (("21070000000000001",), ("Cd",))
    assert (before.generation, after.generation) == (0, 2)


@given(st.lists(accounts, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_pairs_never_matters(pairs: list[Account], random: Random) -> None:
    """What is known in the end is the same; to learn the same again changes nothing."""
    shuffled = pairs[:]
    random.shuffle(shuffled)
    one, other = Tenancy(), Tenancy()
    for pair in pairs:
        one = one.with_pairs([pair])
    other = other.with_pairs(shuffled)
    assert one.tenants == other.tenants
    assert [one.tenant_of(*pair) for pair in pairs] == [other.tenant_of(*pair) for pair in pairs]
    again = one.with_pairs(shuffled)
    assert (again.generation, again.renamed, again.grown) == (one.generation, frozenset(), frozenset())


@pytest.mark.parametrize(
    ("name", "tenant"),
    [
        ("Ab", "Ab"),
        ("Cd", "Ab"),
        ("21070000000000001", "Ab"),
        ("2107~1", "Ab"),
        ("7", "7"),
        ("Ef", "Ef"),
        (" ", " "),
    ],
)
def test_an_institution_is_meant_by_any_of_its_names(name: str, tenant: str) -> None:
    """Its uuid, an alias, its root account in any spelling; another name means itself."""
    known = Tenancy(pairs=[("Ab", "21070000000000001"), ("Cd", None)]).with_alias("Cd", "Ab")
    assert known.tenant_meant(name) == tenant


def test_a_root_account_of_two_uuids_is_an_institution_of_its_own() -> None:
    """Until an alias makes the two one."""
    pairs = [("Ab", "7"), ("Cd", "7"), (None, "7")]
    known = Tenancy(pairs=pairs)
    assert (known.tenant_of(None, "7"), known.tenants) == ("7", ("7", "Ab", "Cd"))
    after = known.with_alias("Cd", "Ab")
    assert (after.tenant_of(None, "7"), after.tenants) == ("Ab", ("Ab",))
    assert after.renamed == {"7", "Cd"}


def test_aliases_of_aliases_mean_the_last_name() -> None:
    """In whatever order they are declared."""
    forwards = Aliases().with_alias("A", "B").with_alias("B", "C")
    backwards = Aliases().with_alias("B", "C").with_alias("A", "B")
    for known in (forwards, backwards):
        assert [known.meant(name) for name in "ABCD"] == ["C", "C", "C", "D"]
        assert sorted(known.names_for("C")) == ["A", "B", "C"]
