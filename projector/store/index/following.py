"""The index follows its log, batch by batch: the only way in which rows are derived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sqlite3 import Cursor
from typing import Final, Self

from attrs import define, field

from projector.domain.columns import Columns
from projector.domain.errors import DamagedLog, MissingDictionary
from projector.domain.events import LiveEvent
from projector.domain.facts import event_kept
from projector.domain.pairs import RootAccount
from projector.domain.tenancy import Tenancy
from projector.store.index.deriving import Derivation
from projector.store.index.duplicates import known_positions
from projector.store.index.high_water import EVERY
from projector.store.index.mentions import TargetNumbers, Targets
from projector.store.index.moving import derivation_after
from projector.store.index.result_rows import has_result_rows
from projector.store.index.tenancy import Known, grow_tenancy, read_known, write_number
from projector.store.interfaces import AggregateKey, BatchSpan, Entry, Head, KeptEvents, Log, Placed

AT_ONCE: Final = 32_768  # events that are derived in one transaction

_LAST: Final = """
    SELECT max(batch) FROM (SELECT (SELECT max(batch) FROM {0}received WHERE institution = i.number) AS batch
    FROM {0}institution i)
"""

EventsInParallel = Callable[[int, int], KeptEvents | None]  # of positions, where they are decoded already


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
    targets: Targets = field(factory=Targets, repr=False)
    remember: Callable[[Targets], None] | None = None  # called after the transaction
    _derivation: Derivation | None = field(default=None, init=False)
    _reached: list[tuple[int, AggregateKey]] = field(factory=list, init=False)  # positions of high-water marks

    @classmethod
    def at_end(cls, cursor: Cursor, log: Log, head: Head, known: Known, numbers: TargetNumbers) -> Self:
        """One of an index that is not behind its log, which ends at the head."""
        return cls(
            cursor=cursor,
            log=log,
            batch=head.batch,
            position=head.position,
            alias=known.alias,
            tenancy=known.tenancy,
            targets=numbers.of(known.schema),
            remember=numbers.committed,
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

    def place(self, events: Columns) -> Placed:
        """The aggregates of these events; what is new of institutions is learnt first."""
        derivation = self._derivation_for(events.accounts)
        derivation.note_result_rows(events, self.position, self.log)
        return derivation.place(events)

    def known(self, placed: Placed, streams_known: Sequence[bool]) -> dict[bytes, int]:
        """The positions, by digest, of those that the log has already."""
        moved = self.tenancy.generation > 0
        return known_positions(self.cursor, self.prefix, placed, streams_known, has_moved=moved)

    def take(self, batch: BatchSpan, placed: Placed, versions: Sequence[int]) -> None:
        """Take the next batch in, its events as they were placed."""
        assert self._derivation is not None, "a batch is placed before it is taken in"
        self._derivation.add(placed, batch, versions)
        reached = (index for index, version in enumerate(versions) if version % EVERY == 0)
        self._reached += [(batch.first + index, placed.key(index)) for index in reached]
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

    def _derivation_for(self, accounts: Sequence[RootAccount]) -> Derivation:
        if self._derivation is not None and all(account in self.tenancy.pairs for account in accounts):
            return self._derivation
        self.write()
        return self._begin(grow_tenancy(self.cursor, self.tenancy, accounts, prefix=self.prefix))

    def _begin(self, after: Tenancy) -> Derivation:
        self._derivation = derivation_after(
            self.cursor, self.log, self.tenancy, after, self.position, self.prefix, self.targets
        )
        self.tenancy = after
        return self._derivation

    def needs_rows(self) -> bool:
        """Whether the rows of results that have ids are needed too: some result came without one."""
        return has_result_rows(self.cursor, self.prefix)

    def committed(self) -> None:
        """Remember the numbers of targets that the transaction has read or made."""
        if self.remember is not None:
            self.remember(self.targets)

    # by itself

    def follow(self, events: int = AT_ONCE) -> bool:
        """Take the next batches in, of about so many events; whether there were any."""
        batches = self.log.batches(self.batch, events)
        self.take_aliases()
        for batch in batches:
            kept = self.events_of(batch)
            placed = self.place(kept.events)
            self.check_placed(placed, kept)
            self.take(batch, placed, kept.versions)
            self.take_aliases()
        self.write()
        return bool(batches)

    def events_of(self, batch: BatchSpan) -> KeptEvents:
        """The events of the next batch.

        Raises:
            DamagedLog: one is missing, or can be read no longer.
        """
        found = None if self.ahead is None else self.ahead(batch.first, batch.last)
        return self.read(batch) if found is None else found

    def read(self, batch: BatchSpan) -> KeptEvents:
        """The events of a batch, read here."""
        return kept_events(self.log.entries(batch))

    def check_placed(self, placed: Placed, kept: KeptEvents) -> None:
        """Called with the aggregates of a batch's events, by what was known when they came."""


def kept_events(entries: Sequence[Entry]) -> KeptEvents:
    """Events of the log by column.

    Raises:
        DamagedLog: one can be read no longer.
    """
    events = Columns.of(map(read_entry, entries))
    return KeptEvents(events, [entry.stream for entry in entries], [entry.version for entry in entries])


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
    except MissingDictionary as error:
        raise MissingDictionary(f"the event at position {entry.position}") from error
    except Exception as error:  # it was an event once: whatever goes wrong in reading it, it is one no longer
        raise DamagedLog(f"the event at position {entry.position} is damaged; restore a backup") from error
