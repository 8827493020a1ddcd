"""Which aggregates mention an outcome, a learner, a context …: appended in segments, read in a few seeks.

What a batch mentions is one row for each target and kind, with the ids of all aggregates that named it. Events that
move to another tenant are named in rows of their own, with a negative number instead of the batch's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from sqlite3 import Cursor
from typing import Final

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
_MOST: Final = 100_000  # numbers that are remembered
_KIND: Final = 8  # bits of a kind's number, behind a target's
_FEW: Final = 8

MentionTarget = tuple[int, str, str]  # tenant, what, id


@define
class TargetNumbers:
    """Numbers of targets that are remembered from one transaction to the next, while the tables are the same ones."""

    schema: int | None = None
    _known: dict[MentionTarget, int] = field(factory=dict, init=False)

    def of(self, schema: int) -> dict[MentionTarget, int]:
        """The numbers in the tables of a schema: a rebuild gives others."""
        if schema != self.schema or len(self._known) > _MOST:
            self._known, self.schema = {}, schema
        return self._known


@define
class Mentions:
    """The rows of one transaction.

    Args:
        known: Numbers that were committed.
    """

    cursor: Cursor
    prefix: str = ""
    known: dict[MentionTarget, int] = field(factory=dict)
    new: dict[MentionTarget, int] = field(factory=dict)  # what this transaction has read or made
    _rows: list[tuple[int, int, int, int, str]] = field(factory=list, init=False)

    def take(
        self, placed: Placed, others: Iterable[tuple[AggregateKey, Iterable[tuple[str, str]]]], batch: BatchSpan
    ) -> None:
        """Take what the events of a batch mention.

        Args:
            others: Aggregates that events belong to which are apart, and what they mention.
        """
        events, owners, kinds, ids = placed.events, placed.owners, placed.kinds, placed.ids
        mentioning, mentioned = events.mentioning, events.mentioned
        if apart := placed.apart:
            kept = [(event, target) for event, target in zip(mentioning, mentioned, strict=True) if event not in apart]
            mentioning, mentioned = [event for event, _ in kept], [target for _, target in kept]
        used = list(set(mentioned))
        targets = [(owners[account].tenant, what, id) for account, what, id in map(events.targets.__getitem__, used)]
        more = [(key, (key[0], *mention)) for key, mentions in others for mention in mentions]
        numbers = self._numbers({*targets, *(target for _, target in more)})
        number_of = dict(zip(used, map(numbers.__getitem__, targets), strict=True))
        grouped: dict[int, list[str]] = defaultdict(list)
        for event, target in zip(mentioning, mentioned, strict=True):
            grouped[number_of[target] << _KIND | kinds[event]].append(ids[event])
        for (_, kind, id), other in more:
            grouped[numbers[other] << _KIND | kind].append(id)
        segment, number, kind_bits = batch.first >> SEGMENT, batch.number, 2**_KIND - 1
        self._rows += [
            (segment, key >> _KIND, key & kind_bits, number, write_json(sorted(set(named_by))).decode())
            for key, named_by in grouped.items()
        ]

    def move(self, moved: Sequence[tuple[int, AggregateKey, Iterable[tuple[str, str]]]]) -> None:
        """Write what events mention that moved to other aggregates.

        Args:
            moved: Positions in the log, the aggregates that the events there belong to now, and what they mention.
        """
        named = [(position, key, (key[0], *mention)) for position, key, mentions in moved for mention in mentions]
        numbers = self._numbers({target for _, _, target in named})
        grouped: dict[tuple[int, int, int], set[str]] = defaultdict(set)
        for position, (_, kind, id), target in named:
            grouped[position >> SEGMENT, numbers[target], kind].add(id)
        number = -min((position for position, _, _ in moved), default=0)
        for key, ids in grouped.items():  # some may have been moved before
            row = self.cursor.execute(_MOVED.format(self.prefix), (*key, number)).fetchone()
            ids |= set() if row is None else set(read_json(row[0]))
            self.cursor.execute(_REPLACE.format(self.prefix), (*key, number, write_json(sorted(ids)).decode()))

    def write(self) -> None:
        """Write the gathered rows."""
        self._rows.sort()
        self.cursor.executemany(_MENTION.format(self.prefix), self._rows)
        self._rows.clear()

    def _numbers(self, targets: set[MentionTarget]) -> dict[MentionTarget, int]:
        """The numbers of targets; new ones are given the next, in order."""
        if len(self.new) > _MOST:
            self.new.clear()
        known, new = self.known, self.new
        found = {target: number for target in targets if (number := known.get(target) or new.get(target))}
        if len(found) < len(targets):
            sought = targets - found.keys()
            read = self._read(sought)
            if fresh := sorted(sought - read.keys()):
                (last,) = self.cursor.execute(_LAST.format(self.prefix)).fetchone()
                made = dict(zip(fresh, range(last + 1, last + 1 + len(fresh)), strict=True))
                self.cursor.executemany(
                    _NEW.format(self.prefix), [(number, *target) for target, number in made.items()]
                )
                read |= made
            self.new |= read
            found |= read
        return found

    def _read(self, targets: set[MentionTarget]) -> dict[MentionTarget, int]:
        """The numbers of those targets that have one."""
        singly, by_what = list[MentionTarget](), defaultdict[tuple[int, str], list[str]](list)
        for target in targets:
            if len(targets) < _FEW or "\0" in target[2]:  # json_each ends a text there
                singly.append(target)
            else:
                by_what[target[:2]].append(target[2])
        one, many = _KNOWN_ONE.format(self.prefix), _KNOWN.format(self.prefix)
        rows = ((target, self.cursor.execute(one, target).fetchone()) for target in singly)
        found = {target: row[0] for target, row in rows if row is not None}
        for (tenant, what), ids in by_what.items():
            for index, number in self.cursor.execute(many, (write_json(ids).decode(), tenant, what)):
                found[tenant, what, ids[index]] = number
        return found
