"""Which aggregates mention an outcome, a learner, a context …: appended in segments, read in a few seeks.

What a batch mentions is one row for each target and kind, with the ids of all aggregates that named it. Events that
move to another tenant are named in rows of their own, with a negative number instead of the batch's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Cursor
from typing import Any, Final

from attrs import define, field

from projector.domain.canonical import read_json, write_json
from projector.store.interfaces import AggregateKey, BatchSpan, Placed

SEGMENT: Final = 16  # bits: the mentions of 65,536 positions are stored together, so that writes touch few pages
_KNOWN: Final = """
    SELECT j.key, t.number FROM json_each(?1) j
    JOIN {0}mention_target t ON t.tenant = ?2 AND t.what = ?3 AND t.id = j.value
"""
_KNOWN_ONE: Final = "SELECT number FROM {}mention_target WHERE tenant = ? AND what = ? AND id = ?"
_LAST: Final = "SELECT coalesce(max(number), 0) FROM {}mention_target"
_NEW: Final = "INSERT INTO {}mention_target (number, tenant, what, id) VALUES (?, ?, ?, ?)"
_MENTION: Final = "INSERT INTO {}mention VALUES (?, ?, ?, ?, ?)"
_MOVED: Final = "SELECT ids FROM {}mention WHERE segment = ? AND target = ? AND kind = ? AND batch = ?"
_REPLACE: Final = _MENTION.replace("INSERT", "INSERT OR REPLACE")
_MOST: Final = 50_000  # numbers that are remembered
_FEW: Final = 8

Numbers = dict[tuple[int, str], dict[str, int]]  # of targets, by tenant and what, then by id


@define
class Targets:
    """Numbers of targets as a transaction knows them: committed ones, and those that it has read or made.

    Numbers rise from 1 without a gap: where as many are known as the last one in the tables says, no target has a
    number that is not known.
    """

    known: Numbers = field(factory=dict, repr=False)
    new: Numbers = field(factory=lambda: defaultdict(dict), repr=False)
    count: int = 0  # of both

    def add(self, key: tuple[int, str], numbers: dict[str, int]) -> None:
        """Add numbers that were not known."""
        self.new[key] |= numbers
        self.count += len(numbers)

    def forget_if_many(self) -> None:
        """Forget those that were read or made, where they take much memory."""
        if self.count > 2 * _MOST:
            self.known, self.count = {}, 0
            self.new.clear()


@define
class TargetNumbers:
    """Numbers of targets that are remembered from one transaction to the next, while the tables are the same ones."""

    _numbers: Numbers = field(factory=dict, init=False)
    _count: int = field(default=0, init=False)
    _schema: int | None = field(default=None, init=False)

    def of(self, schema: int) -> Targets:
        """The numbers in the tables of a schema, for a transaction: a rebuild gives others."""
        if schema != self._schema or self._count > _MOST:
            self._numbers, self._count, self._schema = {}, 0, schema
        return Targets(known=self._numbers, count=self._count)

    def committed(self, targets: Targets) -> None:
        """Remember what a transaction has read or made; by now another one may have begun."""
        if targets.known is self._numbers:
            for key, numbers in targets.new.items():
                known = self._numbers.setdefault(key, {})
                before = len(known)
                known |= numbers
                self._count += len(known) - before


@define
class Mentions:
    """The rows of one transaction."""

    cursor: Cursor
    prefix: str = ""
    targets: Targets = field(factory=Targets)
    _rows: list[tuple[int, int, int, int, str]] = field(factory=list, init=False)

    def take(
        self, placed: Placed, others: Iterable[tuple[AggregateKey, Iterable[tuple[str, str]]]], batch: BatchSpan
    ) -> None:
        """Take what the events of a batch mention.

        Args:
            others: Aggregates that events belong to which are apart, and what they mention.
        """
        named = _named(placed)
        for (tenant, kind, id), mentions in others:
            for what, target in mentions:
                named[tenant, what][kind][target].append(id)
        segment, number = batch.first >> SEGMENT, batch.number
        for (tenant, what), by_kind in sorted(named.items()):  # so that a rebuild gives the same numbers
            numbers = self._numbers(tenant, what, {target for by_target in by_kind.values() for target in by_target})
            for kind, by_target in by_kind.items():
                self._rows += [
                    (segment, numbers[target], kind, number, _as_text(ids)) for target, ids in by_target.items()
                ]

    def move(self, moved: Sequence[tuple[int, AggregateKey, Iterable[tuple[str, str]]]]) -> None:
        """Write what events mention that moved to other aggregates.

        Args:
            moved: Positions in the log, the aggregates that the events there belong to now, and what they mention.
        """
        sought, named = defaultdict[tuple[int, str], set[str]](set), list[tuple[int, AggregateKey, str, str]]()
        for position, key, mentions in moved:
            for what, target in mentions:
                sought[key[0], what].add(target)
                named.append((position, key, what, target))
        numbers = {key: self._numbers(*key, ids) for key, ids in sorted(sought.items())}
        grouped: dict[tuple[int, int, int], set[str]] = defaultdict(set)
        for position, (tenant, kind, id), what, target in named:
            grouped[position >> SEGMENT, numbers[tenant, what][target], kind].add(id)
        number = -min((position for position, _, _ in moved), default=0)
        for where, ids in grouped.items():  # some may have been moved before
            row = self.cursor.execute(_MOVED.format(self.prefix), (*where, number)).fetchone()
            ids |= set() if row is None else set(read_json(row[0]))
            self.cursor.execute(_REPLACE.format(self.prefix), (*where, number, write_json(sorted(ids)).decode()))

    def write(self) -> None:
        """Write the gathered rows."""
        self._rows.sort()
        self.cursor.executemany(_MENTION.format(self.prefix), self._rows)
        self._rows.clear()

    def _numbers(self, tenant: int, what: str, ids: set[str]) -> Mapping[str, int]:
        """The numbers of targets; new ones are given the next, in order."""
        targets, key = self.targets, (tenant, what)
        targets.forget_if_many()
        known = targets.known.get(key, {})
        unknown = ids - known.keys()
        if not unknown:
            return known
        if sought := unknown - targets.new[key].keys():
            (last,) = self.cursor.execute(_LAST.format(self.prefix)).fetchone()
            read = {} if last == targets.count else self._read(tenant, what, sought)
            if fresh := sorted(sought - read.keys()):
                made = dict(zip(fresh, range(last + 1, last + 1 + len(fresh)), strict=True))
                rows = [(number, tenant, what, id) for id, number in made.items()]
                self.cursor.executemany(_NEW.format(self.prefix), rows)
                read |= made
            targets.add(key, read)
        new = targets.new[key]
        return {id: new[id] if id in new else known[id] for id in ids}

    def _read(self, tenant: int, what: str, ids: set[str]) -> dict[str, int]:
        """The numbers of those targets that have one."""
        singly = {id for id in ids if len(ids) < _FEW or "\0" in id}  # json_each ends a text there
        one, many, others = _KNOWN_ONE.format(self.prefix), _KNOWN.format(self.prefix), list(ids - singly)
        rows = ((id, self.cursor.execute(one, (tenant, what, id)).fetchone()) for id in singly)
        found = {id: row[0] for id, row in rows if row is not None}
        if others:
            for index, number in self.cursor.execute(many, (write_json(others).decode(), tenant, what)):
                found[others[index]] = number
        return found


def _named(placed: Placed) -> dict[tuple[int, str], dict[int, dict[str, list[str]]]]:
    """What events mention, by tenant and what, then by their kind, then by the target: the ids of their aggregates."""
    named: Any = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    tenants, ids, kinds, apart = placed.tenants, placed.ids, placed.kinds, placed.apart
    several = set(tenants)
    for (_, what), (indexes, targets) in placed.events.mentions.items():
        if not indexes:
            continue
        kind = kinds[indexes[0]]
        by_target = {tenant: named[tenant, what][kind] for tenant in several}
        for index, target in zip(indexes, targets, strict=True):
            if not apart or index not in apart:
                by_target[tenants[index]][target].append(ids[index])
    return {key: of_kind for key, of_kind in named.items() if of_kind}


def _as_text(ids: list[str]) -> str:
    """Ids as a JSON array, each once, in order."""
    return write_json(ids if len(ids) == 1 else sorted(set(ids))).decode()
