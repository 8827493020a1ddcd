"""The derived rows of events: to which aggregate they belong, their order, what they mention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from sqlite3 import Cursor
from typing import Any, Final

from attrs import define, field

from projector.domain.catalogue import ACCOUNT_HINT, BY_NAME, KINDS, LEARNER, NAMES_OF
from projector.domain.columns import Columns, result_row
from projector.domain.events import LiveEvent, TreePart, global_ids
from projector.domain.facts import event_kept, own_shards
from projector.domain.ids import local_id, shard_of
from projector.domain.pairs import RootAccount
from projector.domain.tenancy import Tenancy
from projector.store.index.high_water import HighWater
from projector.store.index.mentions import Mentions, Targets
from projector.store.index.parts import NONE, UPDATED, Parts, Precedence, context_of, precedence_at, precedence_of
from projector.store.index.received import write_received
from projector.store.index.result_rows import ResultRows, rows_of
from projector.store.interfaces import AggregateKey, BatchSpan, Log, Owner, Placed

FAMILIES: Final[tuple[str, ...]] = (
    *KINDS[:10],
    ACCOUNT_HINT,
    *KINDS[10:],
)  # of timelines, by number: none ever changes
NUMBERS: Final = {family: number for number, family in enumerate(FAMILIES)}
KIND_OF_NUMBER: Final = {NUMBERS[kind]: kind for kind in KINDS}
_HINT: Final = NUMBERS[ACCOUNT_HINT]
_KIND_NUMBERS: Final = {name: NUMBERS[entry.kind] for name, entry in BY_NAME.items()}

_TIMELINE: Final = "INSERT INTO {}timeline VALUES (?, ?, ?, ?, ?, ?, ?, {}, NULL, ?, ?, nullif(?, 0))"
_UNRESOLVED: Final = "INSERT INTO {}unresolved VALUES (?, ?, ?)"
_RESOLVE: Final = "DELETE FROM {}unresolved WHERE institution = ? AND position = ? AND kind = ?"
_TITLED: Final = "INSERT OR IGNORE INTO {}has_title VALUES (?, ?, ?)"


@define
class Derivation:
    """The derived rows of one transaction, gathered and then written together."""

    cursor: Cursor
    tenancy: Tenancy
    prefix: str = ""
    targets: Targets = field(factory=Targets, repr=False)
    parts: Parts = field(init=False)
    result_rows: ResultRows = field(init=False)
    mentions: Mentions = field(init=False)
    high_water: HighWater = field(init=False)
    _numbers: dict[str, int] = field(factory=dict, init=False)
    _owners: dict[RootAccount, Owner] = field(factory=dict, init=False)
    _one_name: dict[int, bool] = field(factory=dict, init=False)
    _timelines: list[tuple[Any, ...]] = field(factory=list, init=False)
    _unresolved: list[tuple[int, int, int]] = field(factory=list, init=False)  # number of the name, position, kind
    _titled: set[AggregateKey] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self.parts = Parts(self.cursor, self.prefix)
        self.result_rows = ResultRows(self.cursor, self.prefix)
        self.mentions = Mentions(self.cursor, self.prefix, self.targets)
        self.high_water = HighWater(self.cursor, self.prefix)

    # where an event belongs

    def name_number(self, name: str) -> int:
        """The number of an institution's name; a new name is given the next one."""
        if (number := self._numbers.get(name)) is None:
            self.cursor.execute(f"INSERT OR IGNORE INTO {self.prefix}institution (name) VALUES (?)", (name,))
            self.cursor.execute(f"SELECT number FROM {self.prefix}institution WHERE name = ?", (name,))
            number = self._numbers[name] = self.cursor.fetchone()[0]
        return number

    def owner_of(self, account: RootAccount) -> Owner:
        """The institution that an event of an account names."""
        if (owner := self._owners.get(account)) is None:
            uuid, root = account
            tenant, name = self.tenancy.tenant_of(uuid, root), uuid or root or ""
            numbers = self.name_number(name), self.name_number(tenant)
            owner = self._owners[account] = Owner(name, *numbers, self.tenancy.shards(tenant))
        return owner

    def place(self, events: Columns) -> Placed:
        """These events, each with the aggregate it belongs to and the institution it names."""
        owners = [self.owner_of(account) for account in events.accounts]
        tenants = [owner.tenant for owner in owners]
        ids, apart = list(events.ids), dict[int, LiveEvent]()
        more = [owner.shards > own_shards(root) for owner, (_, root) in zip(owners, events.accounts, strict=True)]
        for index in events.unresolved:
            if more[events.account[index]]:
                event = apart[index] = event_kept(events.packed[index])
                ids[index] = event.own_id(owners[events.account[index]].shards)
        kinds = list(map(_KIND_NUMBERS.__getitem__, events.names))
        return Placed(events, owners, list(map(tenants.__getitem__, events.account)), kinds, ids, apart)

    def note_result_rows(self, events: Columns, upto: int, log: Log) -> None:
        """Start the index of result rows if the first result without an id is among these events.

        Args:
            upto: The last position before them.
        """
        if self.result_rows.noted or not events.guessed:
            return
        self.result_rows.noted = True
        for page in log.states_named(NAMES_OF["result"], upto):
            self._add_result_rows(self.place(Columns.of(map(event_kept, page))))
            self.result_rows.write()

    # taking events

    def add(self, placed: Placed, batch: BatchSpan, versions: Sequence[int]) -> None:
        """Add the events of a batch, the n-th ones of their streams, to the derived tables."""
        events, first, apart = placed.events, batch.first, placed.apart
        contexts = {
            index: self._place_part(placed, index, part, first + index, is_first=versions[index] == 1)
            for index, part in events.parts.items()
        }
        self._add_timelines(placed, first, contexts)
        unresolved = self._unresolved_among(placed)
        self._unresolved += [(placed.owner(i).number, first + i, placed.kinds[i]) for i in unresolved]
        self._titled.update(map(placed.key, events.titled))
        for index, course in events.hints:
            owner = placed.owner(index)
            hint = owner.tenant, _HINT, local_id(course, owner.shards) if index in apart else course
            self._add_row(hint, precedence_at(events, index), first + index, owner, None)
            if index in unresolved:
                self._unresolved.append((owner.number, first + index, _HINT))
        localised = [(placed.key(i), _localised(event, placed.owner(i).shards)) for i, event in apart.items()]
        self.mentions.take(placed, localised, batch)
        if self.result_rows.noted:
            self._add_result_rows(placed)
        write_received(self.cursor, placed, batch.number, self.prefix)

    def _unresolved_among(self, placed: Placed) -> set[int]:
        """The events that hold a global id which becomes local if its shard is learnt later."""
        apart = placed.apart
        return {
            index
            for index in placed.events.unresolved
            if index not in apart or _has_unresolved_global_id(apart[index], placed.owner(index).shards)
        }

    def _add_timelines(self, placed: Placed, first: int, contexts: Mapping[int, str]) -> None:
        events = placed.events
        names = [owner.number for owner in placed.owners]
        self._timelines += zip(
            placed.tenants,
            placed.kinds,
            placed.ids,
            events.times,
            map(UPDATED.__getitem__, events.names),
            events.updated,
            map(bytearray, events.digests),
            range(first, first + len(placed)),
            map(names.__getitem__, events.account),
            map(contexts.get, range(len(placed)), repeat(NONE)) if contexts else repeat(NONE),
            strict=False,
        )

    def _add_row(
        self,
        key: AggregateKey,
        precedence: Precedence,
        position: int,
        owner: Owner,
        context: str | None,
    ) -> None:
        *ranks, digest = precedence
        where = position, owner.number, NONE if context is None else context
        self._timelines.append((*key, *ranks, bytearray(digest), *where))

    def _place_part(self, placed: Placed, index: int, part: TreePart, position: int, *, is_first: bool) -> str:
        key, owner = placed.key(index), placed.owner(index)
        context = context_of(part, owner.shards)
        precedence = precedence_at(placed.events, index)
        self.parts.add(key, part, precedence, position, owner.shards, self.tenancy.generation)
        self.parts.compare(key, context, is_first=is_first and self._has_one_name(owner))
        return context

    def _has_one_name(self, owner: Owner) -> bool:
        """Whether an aggregate of an institution has one stream only: one without events before has none elsewhere."""
        if (known := self._one_name.get(owner.number)) is None:
            names = self.tenancy.names_of(owner.name)
            known = self._one_name[owner.number] = self.tenancy.generation == 0 and names == (owner.name,)
        return known

    def _add_result_rows(self, placed: Placed) -> None:
        for index, row in rows_of(placed):
            self.result_rows.add(placed.key(index), row, placed.events.times[index])

    # moving

    def move(self, events: Sequence[tuple[int, int, LiveEvent]], before: Tenancy) -> None:
        """Move events to the aggregates they belong to now; views made earlier still see them where they were.

        Args:
            events: Families, positions in the log, and the events there.
        """
        was, number = Derivation(self.cursor, before, self.prefix), self.tenancy.generation
        mentioned = []
        for family, position, event in events:
            account = event.uuid, event.root_account
            here, there = self.owner_of(account), was.owner_of(account)
            key, left = self._family_key(family, event, here), self._family_key(family, event, there)
            context = None if event.part is None or family == _HINT else context_of(event.part, here.shards)
            unresolved = event.has_global_id and _has_unresolved_global_id(event, here.shards)
            self._leave(left, event)
            precedence = precedence_of(event)
            self._add_row(key, precedence, position, here, context)
            self.cursor.execute(_RESOLVE.format(self.prefix), (here.number, position, family))
            if unresolved:
                self._unresolved.append((here.number, position, family))
            self.high_water.forget(key)
            if family == _HINT:
                continue
            if event.has_title:
                self._titled.add(key)
            mentioned.append((position, key, _localised(event, here.shards)))
            if event.row is not None and self.result_rows.noted:
                self.result_rows.add(key, result_row(event.row, event.id, here.shards), event.event_time)
            if event.part is not None:
                self.parts.leave(left, event.part, precedence, there.shards, number)
                self.parts.add(key, event.part, precedence, position, here.shards, number)
                self.parts.note_multi_context(key)
        self.mentions.move(mentioned)

    def _family_key(self, family: int, event: LiveEvent, owner: Owner) -> AggregateKey:
        if family == _HINT:
            return owner.tenant, _HINT, local_id(event.hinted_course or "", owner.shards)
        return owner.tenant, family, event.own_id(owner.shards)

    def _leave(self, key: AggregateKey, event: LiveEvent) -> None:
        self.cursor.execute(
            f"UPDATE {self.prefix}timeline SET to_generation = ? WHERE tenant = ? AND kind = ? AND id = ?"
            " AND event_time = ? AND updated = ? AND updated_at = ? AND digest = ? AND to_generation IS NULL",
            (self.tenancy.generation, *key, *precedence_of(event)),
        )

    # writing

    def write(self) -> None:
        """Write the gathered rows."""
        self._timelines.sort()  # rows are written in the order in which they lie
        self.cursor.executemany(_TIMELINE.format(self.prefix, self.tenancy.generation), self._timelines)
        self.cursor.executemany(_TITLED.format(self.prefix), sorted(self._titled))
        self._titled.clear()
        self.cursor.executemany(_UNRESOLVED.format(self.prefix), sorted(self._unresolved))
        self._timelines.clear()
        self._unresolved.clear()
        self.result_rows.write()
        self.parts.write()
        self.mentions.write()


def _has_unresolved_global_id(event: LiveEvent, shards: frozenset[int]) -> bool:
    """Whether it holds a global id that becomes local if its shard is learnt later."""
    ids = global_ids(event.id, event.row, event.mentions, event.hinted_course)
    return any(shard_of(local_id(id, shards)) is not None for id in ids)


def _localised(event: LiveEvent, shards: frozenset[int]) -> tuple[tuple[str, str], ...]:
    return tuple((what, id if what == LEARNER else local_id(id, shards)) for what, id in event.mentions)
