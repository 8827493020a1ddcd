"""Events by column: what a batch of them says, an array for each fact, so that most of them never become objects.

               event 0           event 1           event 2
    names      …result_created   …result_updated   …link_created
    account    0                 0                 1                  indexes into accounts
    times      1692625051662000  1692625052003000  …                  event_time, microseconds since 1970
    updated    -2^63             1692625052000000  …                  updated_at; BEFORE_ALL where there is none
    ids        "90006"           "90007"           "311"              of aggregates, guessed ones too
    digests    32 bytes          32 bytes          32 bytes
    packed     bytes             bytes             bytes              as the log keeps them

    accounts   [("VicY…", "21070000000000001"), …]        how they name their institutions, each once
    mentions   ("result", "outcome"): [0, 1, …]           what events of a kind mention: their indexes, rising,
                                      ["8", "9", …]       and beside each the id of what it mentions
               ("result", "learner"): [0, 1, …]
                                      ["0HoI…", "0HoI…", …]

What few events have is kept by their index: ``titled``, ``hints``, ``parts``, ``rows``. Ids are as in `LiveEvent`:
those of ``unresolved`` events are global ids of other shards, of which only a store knows whether they are local.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

from attrs import define, field

from projector.domain.catalogue import BY_NAME
from projector.domain.events import LiveEvent, Row, TreePart
from projector.domain.pairs import RootAccount

WITH_ID, G1, G2 = range(3)  # what a result row has: an id, or which guessed identity

Mentions = tuple[list[int], list[str]]  # events by their indexes, rising, and the id that each of them mentions


class ResultRow(NamedTuple):
    """Where a result is found by its row in Canvas: see `projector.domain.events.Row`."""

    created_at: int
    outcome: str
    identity: int  # WITH_ID, G1 or G2
    fingerprint: int  # of a row with an id that might have come without, else 0


def result_row(row: Row, id: str | None, shards: frozenset[int] = frozenset()) -> ResultRow:
    """Where a result is found by its row; ``id`` is its own, None where that is guessed."""
    outcome, created_at = row.key(shards)
    identity = G1 if row.user_uuid is None else G2
    if id is None:
        return ResultRow(created_at, outcome, identity, 0)
    return ResultRow(created_at, outcome, WITH_ID, 0 if identity == G1 else row.fingerprint(shards))


_EACH: Final = ("names", "account", "times", "updated", "ids", "digests", "packed")
_OTHERS: Final = ("accounts", "mentions", "titled", "unresolved", "hints")


@define
class Columns:
    """Events by column: the picture is in the module's docstring.

    ``rows`` are those of results, where ``rows_known``; else they are read from the events where they are needed.
    ``guessed``: some result came without an id.
    """

    names: list[str] = field(factory=list)
    account: list[int] = field(factory=list)
    times: list[int] = field(factory=list)
    updated: list[int] = field(factory=list)
    ids: list[str] = field(factory=list)
    digests: list[bytes] = field(factory=list)
    packed: list[bytes] = field(factory=list, repr=False)
    accounts: list[RootAccount] = field(factory=list)
    mentions: dict[tuple[str, str], Mentions] = field(factory=dict)  # by the kind of the events, and what
    titled: list[int] = field(factory=list)
    hints: list[tuple[int, str]] = field(factory=list)  # events, and the course whose account they name
    parts: dict[int, TreePart] = field(factory=dict)
    rows: dict[int, ResultRow] = field(factory=dict)
    unresolved: list[int] = field(factory=list)
    rows_known: bool = True
    guessed: bool = False
    _account_indexes: dict[RootAccount, int] = field(factory=dict, init=False, eq=False, repr=False)

    @classmethod
    def of(cls, events: Iterable[LiveEvent]) -> Self:
        """These events by column."""
        columns = cls()
        for event in events:
            columns.add(event)
        return columns

    def __len__(self) -> int:
        return len(self.names)

    # filling

    def account_index(self, account: RootAccount) -> int:
        """The index of an account, which is added where it is new."""
        known = self._account_indexes
        if len(known) < len(self.accounts):  # they were filled in another way
            known.update((one, index) for index, one in enumerate(self.accounts))
        if (found := known.get(account)) is None:
            found = known[account] = len(self.accounts)
            self.accounts.append(account)
        return found

    def mention(self, kind: str, what: str, indexes: Sequence[int], ids: Sequence[str]) -> None:
        """Note what events of a kind mention.

        Args:
            indexes: Of the events, rising.
            ids: What each of them mentions.
        """
        if (found := self.mentions.get((kind, what))) is None:
            found = self.mentions[kind, what] = [], []
        is_in_order = not found[0] or not indexes or found[0][-1] <= indexes[0]
        found[0].extend(indexes)
        found[1].extend(ids)
        if not is_in_order:  # what is a name that events themselves give: one may be written in two ways
            pairs = sorted(zip(*found, strict=True), key=itemgetter(0))
            found[0][:], found[1][:] = [event for event, _ in pairs], [id for _, id in pairs]

    def add(self, event: LiveEvent) -> None:
        """Add an event behind the others."""
        index, account = len(self), self.account_index((event.uuid, event.root_account))
        self.names.append(event.name)
        self.account.append(account)
        self.times.append(event.event_time)
        self.updated.append(event.updated_at)
        self.ids.append(event.own_id(()))
        self.digests.append(event.digest)
        self.packed.append(event.packed)
        self.guessed |= event.id is None
        if event.has_title:
            self.titled.append(index)
        if event.has_global_id:
            self.unresolved.append(index)
        kind = BY_NAME[event.name].kind
        for what, id in event.mentions:
            self.mention(kind, what, (index,), (id,))
        if event.hinted_course is not None:
            self.hints.append((index, event.hinted_course))
        if event.part is not None:
            self.parts[index] = event.part
        if event.row is not None:
            self.rows[index] = result_row(event.row, event.id)

    def joined(self, others: Columns) -> Columns:
        """These events and others behind them; either may be changed by it."""
        if not self.names:
            return others
        self.extend(others)
        return self

    def extend(self, others: Columns) -> None:
        """Add events behind the others."""
        first = len(self)
        accounts = list(map(self.account_index, others.accounts))
        self.account += map(accounts.__getitem__, others.account)
        for name in _EACH:
            if name != "account":
                getattr(self, name).extend(getattr(others, name))
        for key, (events, ids) in others.mentions.items():
            self.mention(*key, [first + index for index in events], ids)
        self.titled += [first + index for index in others.titled]
        self.hints += [(first + index, course) for index, course in others.hints]
        self.unresolved += [first + index for index in others.unresolved]
        for name in ("parts", "rows"):
            getattr(self, name).update((first + index, value) for index, value in getattr(others, name).items())
        self.rows_known &= others.rows_known
        self.guessed |= others.guessed

    # choosing

    def chosen(self, indexes: Sequence[int]) -> Columns:
        """Some of these events, in this order; accounts stay, also those that none of them names."""
        new: dict[int, int] = {index: place for place, index in enumerate(indexes)}
        each: dict[str, Any] = {name: _chosen(getattr(self, name), indexes) for name in _EACH}
        chosen = Columns(
            **each,
            accounts=list(self.accounts),
            titled=sorted(new[index] for index in self.titled if index in new),
            hints=sorted((new[index], course) for index, course in self.hints if index in new),
            parts={new[index]: part for index, part in self.parts.items() if index in new},
            rows={new[index]: row for index, row in self.rows.items() if index in new},
            unresolved=sorted(new[index] for index in self.unresolved if index in new),
            rows_known=self.rows_known,
            guessed=self.guessed,
        )
        for key, mentions in self.mentions.items():
            pairs = sorted((new[event], id) for event, id in zip(*mentions, strict=True) if event in new)
            chosen.mention(*key, [event for event, _ in pairs], [id for _, id in pairs])
        return chosen

    def put_in_order(self, indexes: Sequence[int]) -> None:
        """Put what there is of each event into another order, to which what is kept by index refers already."""
        for name in _EACH:
            setattr(self, name, _chosen(getattr(self, name), indexes))
        for several in (self.titled, self.unresolved, self.hints):
            several.sort()

    # between processes

    def plain(self) -> tuple[Any, ...]:
        """The same as plain values, which ``marshal`` can write."""
        return (
            [getattr(self, name) for name in (*_EACH, *_OTHERS)],
            {index: tuple(part) for index, part in self.parts.items()},
            {index: tuple(row) for index, row in self.rows.items()},
            (self.rows_known, self.guessed),
        )

    @classmethod
    def of_plain(cls, plain: tuple[Any, ...]) -> Self:
        """The columns that `plain` made plain."""
        lists, parts, rows, (rows_known, guessed) = plain
        return cls(
            **dict(zip((*_EACH, *_OTHERS), lists, strict=True)),
            parts={index: TreePart._make(part) for index, part in parts.items()},
            rows={index: ResultRow._make(row) for index, row in rows.items()},
            rows_known=rows_known,
            guessed=guessed,
        )


class Slices:
    """Columns, to be taken a stretch at a time: the cost is that of the stretch, not of all."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    @cached_property
    def _by_index(self) -> dict[str, list[tuple[int, Any]]]:
        return {name: sorted(getattr(self._columns, name).items()) for name in ("parts", "rows")}

    def stretch(self, first: int, last: int) -> Columns:
        """The events from one index up to another one; accounts are shared with the others."""
        columns = self._columns
        if (first, last) == (0, len(columns)):
            return columns
        few: dict[str, Any] = {
            name: {index - first: value for index, value in _between(items, first, last)}
            for name, items in self._by_index.items()
        }
        return Columns(
            **{name: getattr(columns, name)[first:last] for name in _EACH},
            **few,
            accounts=columns.accounts,
            mentions={key: _mentions_within(mentions, first, last) for key, mentions in columns.mentions.items()},
            titled=_within(columns.titled, first, last),
            unresolved=_within(columns.unresolved, first, last),
            hints=[(index - first, course) for index, course in _between(columns.hints, first, last)],
            rows_known=columns.rows_known,
            guessed=columns.guessed,
        )


def _within(indexes: list[int], first: int, last: int) -> list[int]:
    return [index - first for index in indexes[bisect_left(indexes, first) : bisect_left(indexes, last)]]


def _mentions_within(mentions: Mentions, first: int, last: int) -> Mentions:
    events, ids = mentions
    begin, end = bisect_left(events, first), bisect_left(events, last)
    return [event - first for event in events[begin:end]], ids[begin:end]


def _between(items: list[tuple[int, Any]], first: int, last: int) -> list[tuple[int, Any]]:
    key = itemgetter(0)
    return items[bisect_left(items, first, key=key) : bisect_left(items, last, key=key)]


def _chosen(values: list[Any], indexes: Sequence[int]) -> list[Any]:
    if len(indexes) < 2:
        return [values[index] for index in indexes]
    return list(itemgetter(*indexes)(values))
