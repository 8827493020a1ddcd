"""The index follows its log, batch by batch: the only way in which rows are derived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sqlite3 import Cursor
from typing import Final, Self

from attrs import define, field

from projector.domain.errors import DamagedLog
from projector.domain.events import LiveEvent
from projector.domain.facts import event_kept
from projector.domain.tenancy import Tenancy
from projector.store.index.deriving import Derivation
from projector.store.index.high_water import EVERY
from projector.store.index.moving import derivation_after
from projector.store.index.tenancy import Known, grow_tenancy, read_known, write_number
from projector.store.interfaces import AggregateKey, BatchSpan, Entry, Head, Located, Log

AT_ONCE: Final = 8_192  # events that are derived in one transaction

_LAST: Final = """
    SELECT max(batch) FROM (SELECT (SELECT max(batch) FROM {0}received WHERE institution = i.number) AS batch
    FROM {0}institution i)
"""

EventsInParallel = Callable[[int, int], list[LiveEvent] | None]  # of positions, where somebody decoded them already


@define(kw_only=True)
class SqliteFollower:
    """Takes the batches of a log one after the other: see `projector.store.interfaces.Follower`.

    Each is derived by what was known when it came: what moved when moves again, and aliases count from where they were
    declared, so that views made before still hold.
    """

    cursor: Cursor
    log: Log
    prefix: str = ""
    ahead: EventsInParallel | None = None
    batch: int = 0  # the last one that was taken in
    position: int = 0  # the last one of that
    alias: int = 0  # the number of the last one that was taken in
    tenancy: Tenancy = field(factory=Tenancy)
    _derivation: Derivation | None = field(default=None, init=False)
    _reached: list[tuple[int, AggregateKey]] = field(factory=list, init=False)  # positions of high-water marks

    @classmethod
    def at_end(cls, cursor: Cursor, log: Log, head: Head, known: Known) -> Self:
        """One of an index that is not behind its log, which ends at the head."""
        return cls(
            cursor=cursor, log=log, batch=head.batch, position=head.position, alias=known.alias, tenancy=known.tenancy
        )

    @classmethod
    def resumed(cls, cursor: Cursor, log: Log, prefix: str = "") -> Self:
        """One that goes on where the index ends, however far that is.

        Aliases of the last batch that was taken in, or before it, were taken in with it: they are declared in one
        transaction with that, and `follow` stops behind them.
        """
        if not (last := last_batch(cursor, prefix)):
            return cls(cursor=cursor, log=log, prefix=prefix)
        known = read_known(cursor, log, prefix=prefix, batch=last)
        return cls(
            cursor=cursor,
            log=log,
            prefix=prefix,
            batch=last,
            position=log.batches(last - 1, 1)[0].last,
            alias=known.alias,
            tenancy=known.tenancy,
        )

    # by the batch

    def place(self, events: Sequence[LiveEvent]) -> list[Located]:
        """Each event with the aggregate it belongs to; what is new of institutions is learnt first."""
        derivation = self._derivation_for(events)
        placed = derivation.place(events)
        derivation.note_result_rows(placed, self.position, self.log)
        return placed

    def known(self, placed: Sequence[Located]) -> dict[bytes, int]:
        """The positions, by digest, of those that the log has already."""
        assert self._derivation is not None, "events are placed before they are looked for"
        return self._derivation.known(placed)

    def take(self, batch: BatchSpan, placed: Sequence[Located]) -> None:
        """Take the next batch in, its events as they were placed."""
        assert self._derivation is not None, "a batch is placed before it is taken in"
        self._derivation.add(placed, batch.first)
        self._derivation.close_batch(batch.number)
        self._reached += [(position, placed[position - batch.first][1]) for position in self.log.every(EVERY, batch)]
        self.batch, self.position = batch.number, batch.last

    def take_aliases(self) -> None:
        """Take in those aliases that were declared after the last batch that was taken in, or before it."""
        for alias in self.log.aliases(self.alias):
            if alias.batch > self.batch:
                return
            self.write()
            after = self.tenancy.with_alias(alias.other, alias.stands_for)
            write_number(self.cursor, after, prefix=self.prefix)
            self._begin(after)
            self.alias = alias.number

    def write(self) -> None:
        """Write what was taken in."""
        if self._derivation is not None:
            self._derivation.write()
            self._derivation.high_water.set(self._reached)
        self._reached.clear()

    def _derivation_for(self, events: Sequence[LiveEvent]) -> Derivation:
        pairs = {(event.uuid, event.root_account) for event in events}
        if self._derivation is not None and all(pair in self.tenancy.pairs for pair in pairs):
            return self._derivation
        self.write()
        return self._begin(grow_tenancy(self.cursor, self.tenancy, pairs, prefix=self.prefix))

    def _begin(self, after: Tenancy) -> Derivation:
        self._derivation = derivation_after(self.cursor, self.log, self.tenancy, after, self.position, self.prefix)
        self.tenancy = after
        return self._derivation

    # by itself

    def follow(self, events: int = AT_ONCE) -> bool:
        """Take the next batches in, of about so many events; whether there were any."""
        batches = self.log.batches(self.batch, events)
        self.take_aliases()
        for batch in batches:
            placed = self.place(self.events_of(batch))
            self.check_placed(placed)
            self.take(batch, placed)
            self.take_aliases()
        self.write()
        return bool(batches)

    def events_of(self, batch: BatchSpan) -> list[LiveEvent]:
        """The events of the next batch.

        Raises:
            DamagedLog: one is missing, or can be read no longer.
        """
        ahead = None if self.ahead is None else self.ahead(batch.first, batch.last)
        return [read_entry(entry) for entry in self.log.entries(batch)] if ahead is None else ahead

    def check_placed(self, placed: Sequence[Located]) -> None:
        """Called with the aggregates of a batch's events, by what was known when they came."""


def last_batch(cursor: Cursor, prefix: str = "") -> int:
    """The last batch that an index has taken in; 0 where it is empty."""
    return cursor.execute(_LAST.format(prefix)).fetchone()[0] or 0


def read_entry(entry: Entry) -> LiveEvent:
    """An event of the log.

    Raises:
        DamagedLog: it is one no longer.
    """
    try:
        return event_kept(entry.state)
    except Exception as error:  # it was an event once: whatever goes wrong in reading it, it is one no longer
        raise DamagedLog(f"the event at position {entry.position} is damaged; restore a backup") from error
