"""What is guessed of the results of one row key, and how that changes as events are recorded. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple

from attrs import define, field

from projector.domain.events import Row
from projector.domain.facts import asset_of, carries_id, row_of
from projector.domain.ids import local_id
from projector.domain.recorded import Precedence, Recorded
from projector.domain.versions import Guessed
from projector.fold.alone import Spans, alone_together
from projector.fold.continuation import NEVER, RowKey

Asset = tuple[Any, str]  # type and id


class Continuation(NamedTuple):
    """From when until when another identity continues a guessed one; one that does not end ends NEVER."""

    begins: int
    ends: int
    by: str


class Guess(NamedTuple):
    """What is guessed of an identity by what is known at some time; an instant is NEVER where there is none.

    Its ``continuations`` are in order and do not overlap; none lasts longer than it is guessed.
    """

    with_id: int  # from then on it is guessed no longer
    doubtful: int
    continuations: tuple[Continuation, ...]

    def guessed_at(self, as_of: int) -> Guessed:
        """Whether the identity is guessed at an instant at which it has a version."""
        if as_of >= self.with_id:
            return False
        return "doubtful" if as_of >= self.doubtful else True


GuessHistory = Sequence[tuple[int, Guess]]  # each with the time from which on it is known, in order


def guess_histories(
    key: RowKey, results: Mapping[str, Iterable[Recorded]], shards: Collection[int]
) -> dict[str, GuessHistory]:
    """What is guessed, by what is known when, of the identities that results of a row key without an id have.

    Args:
        results: Every identity of which some event names the row key, with all its events in any order.
        shards: Those whose global ids are the institution's own.

    Returns:
        By identity, those of which some event without an id names the row key.
    """
    said = [_said(id, event, key, shards) for id, events in results.items() for event in events]
    said.sort(key=lambda one: one.recorded_at)
    known = _Known.nothing_of(results, said, shards)
    histories: dict[str, list[tuple[int, Guess]]] = {one.id: [] for one in known.members if one.generation}
    for recorded_at, batch in groupby(said, key=lambda one: one.recorded_at):
        for member in known.take(batch):
            history, guess = histories[member.id], known.guess_of(member)
            if not history or history[-1][1] != guess:
                history.append((recorded_at, guess))
    return {**histories}


class _Said(NamedTuple):
    """What an event says of its identity."""

    id: str
    recorded_at: int
    precedence: Precedence
    carries_id: bool
    row: Row | None  # None too where it has another row key
    asset: Asset | None


def _said(id: str, event: Recorded, key: RowKey, shards: Collection[int]) -> _Said:
    body = event.body
    row, asset = row_of(body), asset_of(body)
    return _Said(
        id=id,
        recorded_at=event.recorded_at,
        precedence=event.precedence,
        carries_id=carries_id(body),
        row=row if row is not None and row.key(shards) == key else None,
        asset=None if asset is None else (asset[0], local_id(asset[1], shards)),
    )


@define
class _Member:
    """An identity by what is known of it so far; a time is NEVER where no event says so."""

    id: str
    number: int
    generation: Literal["g1", "g2"] | None = None  # of its events without an id, where they have the row key
    first: int = NEVER
    with_id: int = NEVER
    named: int = NEVER  # the first event with the row key
    assets: dict[Asset, Precedence] = field(factory=dict)  # each with the first event that names it
    successor: tuple[Precedence, str] | None = None  # of a g2 identity: the event that continues it, and whose it is

    def take(self, one: _Said) -> None:
        """Take an event of it."""
        event_time = one.precedence[0]
        self.first = min(self.first, event_time)
        if one.carries_id:
            self.with_id = min(self.with_id, event_time)
        if one.row is not None:
            self.named = min(self.named, event_time)
        if one.asset is not None:
            self.assets[one.asset] = min(self.assets.get(one.asset, one.precedence), one.precedence)

    @property
    def doubtful(self) -> int:
        """From when on its events name two different assets."""
        return sorted(self.assets.values())[1][0] if len(self.assets) > 1 else NEVER

    @property
    def succeeded(self) -> int:
        """From when on a row with an id continues a g2 identity."""
        return NEVER if self.successor is None else self.successor[0][0]


@define
class _Known:
    """All identities of a row key by what is known so far."""

    members: list[_Member]
    shards: Collection[int]
    _by_id: dict[str, _Member]
    _g1s: Spans = field(factory=Spans, init=False)  # while they are guessed
    _others: Spans = field(factory=Spans, init=False)  # of which one may continue a g1 identity
    _of_g1s: dict[int, tuple[Continuation, ...]] = field(factory=dict, init=False)

    @classmethod
    def nothing_of(cls, ids: Iterable[str], said: Iterable[_Said], shards: Collection[int]) -> _Known:
        """Nothing is known yet, but what generation each identity will be of."""
        members = [_Member(id, number) for number, id in enumerate(ids)]
        by_id = {one.id: one for one in members}
        for one in said:
            if one.row is not None and not one.carries_id:
                by_id[one.id].generation = "g1" if one.row.user_uuid is None else "g2"
        return cls(members, shards, by_id)

    def take(self, batch: Iterable[_Said]) -> list[_Member]:
        """Take events that were recorded together.

        Returns:
            Every identity with a generation of which another thing may now be guessed.
        """
        touched = dict[int, _Member]()
        for one in batch:
            member = self._by_id[one.id]
            member.take(one)
            touched[member.number] = member
            if (continued := self._continued_by(one)) is not None:
                touched[continued.number] = continued
        moved = [self._move(member) for member in touched.values()]
        if any(moved):
            touched |= {number: self.members[number] for number in self._continue_g1s()}
        return [member for member in touched.values() if member.generation]

    def _continued_by(self, one: _Said) -> _Member | None:
        """The g2 identity that this event with an id continues, where no earlier event does."""
        if not one.carries_id or one.row is None or one.row.user_uuid is None:
            return None
        member = self._by_id.get(one.row.guessed_id(self.shards))
        if member is None or (member.successor is not None and member.successor[0] <= one.precedence):
            return None
        member.successor = one.precedence, one.id
        return member

    def _move(self, member: _Member) -> bool:
        """Put an identity in its place in time among the others; returns whether that is another one than before."""
        moved = self._others.put(member.number + len(self.members), max(member.with_id, member.named), NEVER)
        if member.generation == "g1":
            moved |= self._g1s.put(member.number, member.first, member.with_id)
        elif member.generation == "g2":
            moved |= self._others.put(member.number, member.first, min(member.with_id, member.succeeded))
        return moved

    def _continue_g1s(self) -> Iterator[int]:
        """Continue each g1 identity while it is the only one and there is one other; the numbers of those that change.

        Where a g2 identity becomes a row with an id, two continuations by it meet.
        """
        g1s = list(self._g1s.alone())
        others = list(self._others.alone()) if g1s else []
        found = dict[int, tuple[Continuation, ...]]()
        for one, other in alone_together(g1s, others):
            by = self.members[other % len(self.members)].id
            found[one.number] = *found.get(one.number, ()), Continuation(one.begins, one.ends, by)
        before, self._of_g1s = self._of_g1s, found
        return (number for number in before | found if before.get(number) != found.get(number))

    def guess_of(self, member: _Member) -> Guess:
        """What is now guessed of an identity."""
        continuations = self._of_g1s.get(member.number, ())
        if member.successor is not None and member.succeeded < member.with_id:
            continuations = (Continuation(member.succeeded, member.with_id, member.successor[1]),)
        return Guess(member.with_id, member.doubtful, continuations)
