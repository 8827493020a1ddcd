"""The derived rows of events: to which aggregate they belong, their order, what they mention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from sqlite3 import Cursor
from typing import Any, Final

from attrs import define, field

from projector.domain.canonical import write_json
from projector.domain.catalogue import ACCOUNT_HINT, KINDS, LEARNER, NAMES_OF
from projector.domain.events import LiveEvent, global_ids
from projector.domain.facts import event_kept
from projector.domain.ids import local_id, shard_of
from projector.domain.tenancy import Tenancy
from projector.store.index.high_water import HighWater
from projector.store.index.mentions import Mentions
from projector.store.index.parts import Parts, context_of, precedence_of
from projector.store.index.result_rows import ResultRows
from projector.store.interfaces import AggregateKey, Located, Log, Owner

FAMILIES: Final[tuple[str, ...]] = (
    *KINDS[:10],
    ACCOUNT_HINT,
    *KINDS[10:],
)  # of timelines, by number: none ever changes
NUMBERS: Final = {family: number for number, family in enumerate(FAMILIES)}
KIND_OF_NUMBER: Final = {NUMBERS[kind]: kind for kind in KINDS}
_HINT: Final = NUMBERS[ACCOUNT_HINT]

_KEY: Final = itemgetter(0, 1, 2)  # rows are written in the order of their keys, or nearly so
_PLAIN: Final = "INSERT INTO {}timeline VALUES (?, ?, ?, ?, ?, ?, ?, {}, NULL, ?, {}, 0, NULL)"
_SPECIAL: Final = "INSERT INTO {}timeline VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)"
_TITLED: Final = "INSERT OR IGNORE INTO {}has_title VALUES (?, ?, ?)"
_EXIST: Final = """
    SELECT value FROM json_each(?3)
    WHERE EXISTS (SELECT 1 FROM {}timeline WHERE tenant = ?1 AND kind = ?2 AND id = value)
"""
_RANKED: Final = """
    SELECT position FROM {}timeline WHERE tenant = ? AND kind = ? AND id = ?
    AND event_time = ? AND updated = ? AND updated_at = ? AND digest = ? AND to_generation IS NULL
"""
_LATEST_RECEIVED: Final = "SELECT last, first, events FROM {}received WHERE institution = ? ORDER BY batch DESC LIMIT 1"


@define
class Derivation:
    """The derived rows of one transaction, gathered and then written together."""

    cursor: Cursor
    tenancy: Tenancy
    prefix: str = ""
    parts: Parts = field(init=False)
    result_rows: ResultRows = field(init=False)
    mentions: Mentions = field(init=False)
    high_water: HighWater = field(init=False)
    _numbers: dict[str, int] = field(factory=dict, init=False)
    _owners: dict[tuple[str | None, str | None], Owner] = field(factory=dict, init=False)
    _plain: dict[int, list[tuple[Any, ...]]] = field(factory=dict, init=False)  # of timelines, by name
    _titled: set[AggregateKey] = field(factory=set, init=False)
    _special: list[tuple[Any, ...]] = field(factory=list, init=False)
    _received: dict[int, tuple[int, int, int]] = field(factory=dict, init=False)  # by name: last, first, events

    def __attrs_post_init__(self) -> None:
        self.parts = Parts(self.cursor, self.prefix)
        self.result_rows = ResultRows(self.cursor, self.prefix)
        self.mentions = Mentions(self.cursor, self.prefix)
        self.high_water = HighWater(self.cursor, self.prefix)

    # where an event belongs

    def name_number(self, name: str) -> int:
        """The number of an institution's name; a new name is given the next one."""
        if (number := self._numbers.get(name)) is None:
            self.cursor.execute(f"INSERT OR IGNORE INTO {self.prefix}institution (name) VALUES (?)", (name,))
            self.cursor.execute(f"SELECT number FROM {self.prefix}institution WHERE name = ?", (name,))
            number = self._numbers[name] = self.cursor.fetchone()[0]
        return number

    def owner_of(self, event: LiveEvent) -> Owner:
        """The institution that an event names."""
        pair = event.uuid, event.root_account
        if (owner := self._owners.get(pair)) is None:
            tenant, name = self.tenancy.tenant_of(*pair), event.uuid or event.root_account or ""
            numbers = self.name_number(name), self.name_number(tenant)
            owner = self._owners[pair] = Owner(name, *numbers, self.tenancy.shards(tenant))
        return owner

    def place(self, events: Iterable[LiveEvent]) -> list[Located]:
        """These events, each with the aggregate it belongs to and the institution it names."""
        placed = list[Located]()
        for event in events:
            owner = self.owner_of(event)
            placed.append((event, (owner.tenant, NUMBERS[event.kind], event.own_id(owner.shards)), owner))
        return placed

    def note_result_rows(self, placed: Sequence[Located], upto: int, log: Log) -> None:
        """Start the index of result rows if the first result without an id is among these events.

        Args:
            upto: The last position before them.
        """
        if self.result_rows.noted or all(event.id is not None for event, _, _ in placed):
            return
        self.result_rows.noted = True
        for page in log.states_named(NAMES_OF["result"], upto):
            for event, key, owner in self.place(map(event_kept, page)):
                self.result_rows.add(key, event, owner.shards)
            self.result_rows.write()

    def known(self, placed: Sequence[Located]) -> dict[bytes, int]:
        """The positions, by digest, of those events that the log has already."""
        asked: dict[tuple[int, int], list[str]] = {}
        for _, (tenant, kind, id), _ in placed:
            asked.setdefault((tenant, kind), []).append(id)
        exist, ranked = _EXIST.format(self.prefix), _RANKED.format(self.prefix)
        existing = {
            (tenant, kind, id)
            for (tenant, kind), ids in asked.items()
            for (id,) in self.cursor.execute(exist, (tenant, kind, write_json(ids).decode()))
        }
        found = dict[bytes, int]()
        for event, key, _ in placed:
            if key in existing or "\0" in key[2]:  # where json_each ends a text
                row = self.cursor.execute(ranked, (*key, *precedence_of(event))).fetchone()
                if row is not None:
                    found[event.digest] = row[0]
        return found

    # taking events

    def add(self, placed: Sequence[Located], first: int) -> None:
        """Add events of the log, in a row from a position on, to the derived tables."""
        mentions, result_rows, number = self.mentions, self.result_rows, self.tenancy.generation
        plain, special = self._plain, self._special.append
        for position, (event, key, owner) in enumerate(placed, first):
            precedence = precedence_of(event)
            if event.has_title:
                self._titled.add(key)
            if event.has_global_id or event.part is not None:
                unresolved = event.has_global_id and _has_unresolved_global_id(event, owner.shards)
                context = None if event.part is None else self._place_part(event, key, owner.shards, position)
                special((*key, *precedence, number, position, owner.number, unresolved, context))
            else:
                plain.setdefault(owner.number, []).append((*key, *precedence, position))
            if event.hinted_course is not None:
                hint = owner.tenant, _HINT, local_id(event.hinted_course, owner.shards)
                special((*hint, *precedence, number, position, owner.number, event.has_global_id, None))
            targets = _localised(event, owner.shards) if event.has_global_id else event.mentions
            mentions.add(key, targets, position)
            result_rows.add(key, event, owner.shards)
        self._receive(placed)

    def _receive(self, placed: Sequence[Located]) -> None:
        times: dict[int, list[int]] = {}
        for event, _, owner in placed:
            times.setdefault(owner.number, []).append(event.event_time)
        for name, received in times.items():
            last, first, count = self._received.get(name, (received[0], received[0], 0))
            self._received[name] = max(last, *received), min(first, *received), count + len(received)

    def _place_part(self, event: LiveEvent, key: AggregateKey, shards: frozenset[int], position: int) -> str | None:
        context = context_of(event, shards)
        self.parts.add(key, event, position, shards, self.tenancy.generation)
        self.parts.compare(key, context)
        return context

    # moving

    def move(self, events: Sequence[tuple[int, int, LiveEvent]], before: Tenancy) -> None:
        """Move events to the aggregates they belong to now; views made earlier still see them where they were.

        Args:
            events: Families, positions in the log, and the events there.
        """
        was, number = Derivation(self.cursor, before, self.prefix), self.tenancy.generation
        for family, position, event in events:
            here, there = self.owner_of(event), was.owner_of(event)
            key, left = self._family_key(family, event, here), self._family_key(family, event, there)
            context = context_of(event, here.shards) if family != _HINT else None
            unresolved = event.has_global_id and _has_unresolved_global_id(event, here.shards)
            self._leave(left, event)
            self._special.append((*key, *precedence_of(event), number, position, here.number, unresolved, context))
            if event.has_title and family != _HINT:
                self._titled.add(key)
            self.high_water.forget(key)
            if family != _HINT:
                self._move_mentions(event, key, here.shards, position)
            if event.part is not None and family != _HINT:
                self.parts.leave(left, event, there.shards, number)
                self.parts.add(key, event, position, here.shards, number)
                self.parts.note_multi_context(key)

    def _move_mentions(self, event: LiveEvent, key: AggregateKey, shards: frozenset[int], position: int) -> None:
        self.mentions.add(key, _localised(event, shards), position)
        self.result_rows.add(key, event, shards)

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
        """Write the gathered rows, except those that `close_batch` writes."""
        for name, rows in self._plain.items():
            rows.sort(key=_KEY)
            self.cursor.executemany(_PLAIN.format(self.prefix, self.tenancy.generation, name), rows)
        self.cursor.executemany(_SPECIAL.format(self.prefix), self._special)
        self.cursor.executemany(_TITLED.format(self.prefix), sorted(self._titled))
        self._titled.clear()
        self._plain.clear()
        self._special.clear()
        self.result_rows.write()
        self.parts.write()
        self.mentions.write()

    def close_batch(self, batch: int) -> None:
        """Write the latest and earliest ``event_time`` of each name after a batch."""
        latest = _LATEST_RECEIVED.format(self.prefix)
        for name, (last, first, events) in self._received.items():
            if (row := self.cursor.execute(latest, (name,)).fetchone()) is not None:
                last, first, events = max(last, row[0]), min(first, row[1]), events + row[2]
            received = (name, batch, last, first, events)
            self.cursor.execute(f"INSERT INTO {self.prefix}received VALUES (?, ?, ?, ?, ?)", received)
        self._received.clear()


def _has_unresolved_global_id(event: LiveEvent, shards: frozenset[int]) -> bool:
    """Whether it holds a global id that becomes local if its shard is learnt later."""
    ids = global_ids(event.id, event.row, event.mentions, event.hinted_course)
    return any(shard_of(local_id(id, shards)) is not None for id in ids)


def _localised(event: LiveEvent, shards: frozenset[int]) -> tuple[tuple[str, str], ...]:
    return tuple((what, id if what == LEARNER else local_id(id, shards)) for what, id in event.mentions)
