"""How events name their institution: the uuid of a root account, its id, or both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import TypeAlias

from attrs import field, frozen
from rpds import HashTrieMap, HashTrieSet

RootAccount = tuple[str | None, str | None]  # (root account's uuid, root account's id) as events pair them
Index: TypeAlias = "HashTrieMap[str, HashTrieSet[str]]"

_NOTHING: HashTrieSet[str] = HashTrieSet()


def values_of(index: Index, key: str) -> HashTrieSet[str]:
    """The values of an index under a key; none where it is not there."""
    return index.get(key, _NOTHING)


def noted(index: Index, key: str, value: str) -> Index:
    """An index with one more value under a key."""
    return index.insert(key, values_of(index, key).insert(value))


@frozen
class Pairs:
    """Every pair that some event named, by either half.

    Immutable. One with more pairs shares its parts with the one before: it costs by the pairs that are new.

    >>> known = Pairs.of([("Ab", "1"), ("Ab", "2"), (None, "1")])
    >>> sorted(known.roots_of("Ab")), list(known.uuids_of("1")), ("Ab", None) in known
    (['1', '2'], ['Ab'], False)
    """

    _all: HashTrieSet[RootAccount] = field(factory=HashTrieSet)
    _roots: Index = field(factory=HashTrieMap)
    _uuids: Index = field(factory=HashTrieMap)

    @classmethod
    def of(cls, pairs: Iterable[RootAccount]) -> Pairs:
        """These pairs."""
        return cls().with_all(pairs)

    def __contains__(self, pair: RootAccount) -> bool:
        return pair in self._all

    def __iter__(self) -> Iterator[RootAccount]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def roots_of(self, uuid: str) -> HashTrieSet[str]:
        """The ids of root accounts that are paired with a uuid."""
        return values_of(self._roots, uuid)

    def uuids_of(self, root: str) -> HashTrieSet[str]:
        """The uuids that are paired with the id of a root account."""
        return values_of(self._uuids, root)

    def with_all(self, pairs: Iterable[RootAccount]) -> Pairs:
        """These pairs and more of them."""
        return reduce(Pairs._with, pairs, self)

    def _with(self, pair: RootAccount) -> Pairs:
        uuid, root = pair
        if uuid is None or root is None:
            return Pairs(self._all.insert(pair), self._roots, self._uuids)
        return Pairs(self._all.insert(pair), noted(self._roots, uuid, root), noted(self._uuids, root, uuid))
