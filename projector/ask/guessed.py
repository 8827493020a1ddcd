"""Results without an id: whether an identity is guessed as of an instant, and which one continues it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, tee
from typing import TYPE_CHECKING

from attrs import define, field

from projector.domain.columns import G1, G2, WITH_ID
from projector.domain.events import Row
from projector.domain.facts import row_of
from projector.domain.recorded import Recorded
from projector.domain.versions import Guessed
from projector.fold.continuation import NEVER, Identity, RowKey, identity_of, successor_of_g1, successor_of_g2

if TYPE_CHECKING:
    from projector.store.store import Reading


@define
class Guesses:
    """What is known of the identities of an institution's results within one reading; each is read once."""

    reading: Reading
    shards: frozenset[int]
    _identities: dict[str, Identity] = field(factory=dict, init=False)
    _successors: dict[str, tuple[int, str] | None] = field(factory=dict, init=False)  # of g2 identities
    _rows_named: dict[tuple[RowKey, int], Iterator[tuple[int, str]]] = field(factory=dict, init=False)

    def of(self, id: str, as_of: int, events: Iterable[Recorded] | None = None) -> tuple[Guessed, str | None]:
        """Whether an identity is guessed as of an instant, and which one then continues it.

        Args:
            events: All of its events that are known, where they are at hand.
        """
        one = self._identity(id, events)
        guessed = one.guessed_at(as_of)
        return guessed, self._successor(one, as_of) if guessed else None

    def _identity(self, id: str, events: Iterable[Recorded] | None = None) -> Identity:
        if id not in self._identities:
            known = self.reading.events("result", id) if events is None else events
            events_and_rows = [(event, row_of(event.body)) for event in known]
            self._identities[id] = identity_of(id, events_and_rows, self.shards)
        return self._identities[id]

    def _successor(self, one: Identity, as_of: int) -> str | None:
        assert one.row is not None, "a guessed identity is made from its row"
        if one.row.user_uuid is None:
            return self._successor_of_g1(one, one.row.key(self.shards), as_of)
        return self._successor_of_g2(one.id, one.row, as_of)

    def _successor_of_g2(self, g2: str, row: Row, as_of: int) -> str | None:
        if g2 not in self._successors:
            ids = self.reading.rows_of_fingerprint(*row.key(self.shards), row.fingerprint(self.shards))
            self._successors[g2] = successor_of_g2(g2, map(self._identity, ids))
        found = self._successors[g2]
        return found[1] if found is not None and found[0] <= as_of else None

    def _successor_of_g1(self, g1: Identity, key: RowKey, as_of: int) -> str | None:
        rivals = (one for one in self._guessed(key, G1, as_of) if one.id != g1.id)
        g2s = (one for one in self._guessed(key, G2, as_of) if self._successor(one, as_of) is None)
        return successor_of_g1(rivals, chain(self._rows(key, as_of), g2s))

    # identities of one row key, each read when it is needed: often a few are enough

    def _guessed(self, key: RowKey, generation: int, as_of: int) -> Iterator[Identity]:
        """The identities that are guessed as of an instant."""
        for time, id in self._named_by(key, generation):
            if time > as_of:  # these come in the order of time
                return
            if (one := self._identity(id)).guessed_at(as_of):
                yield one

    def _rows(self, key: RowKey, as_of: int) -> Iterator[Identity]:
        """The rows with an id as of an instant."""
        seen = set[str]()
        for time, id in self._named_by(key, WITH_ID):
            if time <= as_of and id not in seen and (one := self._identity(id)).has_row_at(key, as_of):
                seen.add(id)
                yield one

    def _named_by(self, key: RowKey, generation: int) -> Iterator[tuple[int, str]]:
        """Identities by the time of the first event that names them, each read from the store once."""
        place = key, generation
        if place not in self._rows_named:
            self._rows_named[place] = _earliest(self.reading.result_rows(*key, generation))
        self._rows_named[place], copy = tee(self._rows_named[place])
        return copy


def _earliest(rows: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The rows, except those whose identity had an earlier time already."""
    known = dict[str, int]()
    for time, id in rows:
        if time < known.get(id, NEVER):
            known[id] = time
            yield time, id
