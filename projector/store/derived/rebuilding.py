"""Deriving anew: every derived table, from the log alone."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Cursor
from typing import Final

from attrs import define, field

from projector.domain.errors import DamagedLog
from projector.domain.events import LiveEvent
from projector.domain.facts import event_kept
from projector.domain.tenancy import Tenancy
from projector.store.derived.deriving import Derivation, Placed
from projector.store.derived.moving import derivation_after
from projector.store.derived.parts import AggregateKey
from projector.store.institutions import grow_tenancy, write_number

AT_ONCE: Final = 8_192  # events that are derived in one transaction

_NEXT_ALIAS: Final = "SELECT number, batch, other, stands_for FROM alias WHERE number > ? ORDER BY number LIMIT 1"

Batch = tuple[int, int, int]  # number, first and last position
EventsAhead = Callable[[int, int], list[LiveEvent] | None]  # of positions, where somebody decoded them already
Entry = tuple[int, str, str, bytes]  # position, stream, topic and state, as the library's table has them


@define
class Deriver:
    """Derives the batches of a log one after the other, as they were derived when they came.

    What moved when moves again, and aliases count from where they were declared, so that views made before still hold.
    """

    cursor: Cursor
    prefix: str = ""
    ahead: EventsAhead | None = None
    position: int = 0
    _batch: int = 0
    _aliases: int = 0  # the number of the last one that was declared
    _derivation: Derivation | None = field(default=None, init=False)
    _tenancy: Tenancy = field(factory=Tenancy, init=False)
    _milestones: list[tuple[int, list[AggregateKey]]] = field(factory=list, init=False)

    def advance(self, most: int = AT_ONCE) -> bool:
        """Derive some more batches, of about so many events; whether there were any."""
        batches = self._next_batches(most)
        for batch in batches:
            self._derive_aliases()
            self._derive(batch)
        self._write()
        if not batches:
            self._derive_aliases()
        return bool(batches)

    def _next_batches(self, most: int) -> list[Batch]:
        found: list[Batch] = []
        for number, first, last in self.cursor.execute(
            "SELECT number, first, last FROM batch WHERE number > ? ORDER BY number", (self._batch,)
        ).fetchmany(most):
            found.append((number, first, last))
            if last - found[0][1] >= most:
                break
        return found

    def _derive(self, batch: Batch) -> None:
        number, first, last = batch
        events = self.events_of(batch)
        derivation = self._derivation_for(events)
        placed = derivation.place(events)
        derivation.note_births(placed, first - 1)
        derivation.add(placed, first)
        derivation.close_batch(number)
        self.check_placed(placed)
        self._milestones.append((first, [key for _, key, _ in placed]))
        self._batch, self.position = number, last

    def events_of(self, batch: Batch) -> list[LiveEvent]:
        """The events of the next batch."""
        _, first, last = batch
        ahead = None if self.ahead is None else self.ahead(first, last)
        return [self.read(entry) for entry in self.entries(batch)] if ahead is None else ahead

    def check_placed(self, placed: list[Placed]) -> None:
        """Told where the events of that batch belonged by what was known when they came."""

    def entries(self, batch: Batch) -> list[Entry]:
        number, first, last = batch
        found: list[Entry] = self.cursor.execute(
            "SELECT rowid, originator_id, topic, state FROM stored_events WHERE rowid BETWEEN ? AND ? ORDER BY rowid",
            (first, last),
        ).fetchall()
        for position, entry in enumerate(found, first):
            if entry[0] != position:
                raise DamagedLog(f"the event at position {position}, of batch {number}, is missing; restore a backup")
        if len(found) != last - first + 1:
            position = first + len(found)
            raise DamagedLog(f"the event at position {position}, of batch {number}, is missing; restore a backup")
        return found

    def read(self, entry: Entry) -> LiveEvent:
        try:
            return event_kept(entry[3])
        except Exception as error:  # it was an event once: whatever goes wrong in reading it, it is one no longer
            raise DamagedLog(f"the event at position {entry[0]} is damaged; restore a backup") from error

    def _derivation_for(self, events: list[LiveEvent]) -> Derivation:
        before = self._tenancy
        if self._derivation is not None and all(
            pair in before.pairs for pair in {(event.uuid, event.root_account) for event in events}
        ):
            return self._derivation
        self._write()
        after = grow_tenancy(self.cursor, before, events, prefix=self.prefix)
        return self._begin(before, after)

    def _begin(self, before: Tenancy, after: Tenancy) -> Derivation:
        self._derivation = derivation_after(self.cursor, before, after, self.position, self.prefix)
        self._tenancy = after
        return self._derivation

    def _write(self) -> None:
        if self._derivation is not None:
            self._derivation.write()
            for first, keys in self._milestones:
                self._derivation.milestones.set(first, keys)
        self._milestones.clear()

    def _derive_aliases(self) -> None:
        """Declare those aliases that were declared after the last batch that was derived."""
        while (row := self.cursor.execute(_NEXT_ALIAS, (self._aliases,)).fetchone()) and row[1] <= self._batch:
            self._write()
            number, _, other, stands_for = row
            after = self._tenancy.with_alias(other, stands_for)
            write_number(self.cursor, after, prefix=self.prefix)
            self._begin(self._tenancy, after)
            self._aliases = number
