"""Everything recomputed from the log and compared: the first difference, by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from sqlite3 import Cursor
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from projector.domain.canonical import digest_of
from projector.domain.events import LiveEvent
from projector.domain.instants import to_text
from projector.domain.packing import kept_digest, unpack
from projector.store.appending import stream_of
from projector.store.chain import BEGINNING, running_hash
from projector.store.comparing import first_difference
from projector.store.deriving import Placed
from projector.store.failures import advised
from projector.store.rebuilding import Batch, Deriver, Entry
from projector.store.seals import SEALED, reckoned, sealed
from projector.store.tables import DERIVED, create_derived

if TYPE_CHECKING:
    from projector.store.log import EventLog

OnStep = Callable[[int, int], None]  # how many events are done, of how many

_STREAM_GAP: Final = """
    SELECT originator_id, count(*), min(originator_version), max(originator_version) FROM stored_events
    GROUP BY originator_id HAVING count(*) <> max(originator_version) OR min(originator_version) <> 1 LIMIT 1
"""


@frozen(kw_only=True)
class Verified:
    """What a verification found: None where all is as it must be; else the first difference.

    ``reduced`` events were taken without parts of them: of those only what was kept can be recomputed, not the digest.
    """

    events: int
    batches: int
    reduced: int
    head_hash: str
    damage: str | None = None


class _Damage(Exception):
    """Raised inside this module with the first difference."""


@define
class _Auditor(Deriver):
    """Derives everything into tables of its own, and checks every event and batch on the way."""

    hash: bytes = BEGINNING
    heads: set[bytes] = field(factory=set)  # of those asked for, the ones met
    wanted: bytes | None = None
    reduced: int = 0
    batches: int = 0
    _recorded_at: int = 0

    _entries: list[Entry] = field(factory=list)

    def events_of(self, batch: Batch) -> list[LiveEvent]:
        """The events of the next batch, which is whole, follows the one before it, and hashes to what it says."""
        self._entries = self.entries(*batch[1:])
        events = [self.read(entry) for entry in self._entries]
        self._check_batch(batch, events)
        return events

    def _check_batch(self, batch: Batch, events: list[LiveEvent]) -> None:
        number, first, last = batch
        (recorded_at, said) = self.cursor.execute(
            "SELECT recorded_at, hash FROM batch WHERE number = ?", (number,)
        ).fetchone()
        if number != self.batches + 1:
            raise _Damage(f"batch: number {self.batches + 1} is missing")
        if first != self.position + 1:
            raise _Damage(f"batch {number}: begins at position {first}, not {self.position + 1}")
        if recorded_at <= self._recorded_at:
            raise _Damage(f"batch {number}: recorded at {to_text(recorded_at)}, not after the one before it")
        for entry, event in zip(self._entries, events, strict=True):
            self._check_event(entry, event)
        self.hash = running_hash(self.hash, first, recorded_at, [event.digest for event in events])
        if self.hash != said:
            raise _Damage(f"batch {number}: the running hash at position {last} is {self.hash.hex()}, not {said.hex()}")
        if self.hash == self.wanted:
            self.heads.add(self.hash)
        self._recorded_at, self.batches = recorded_at, self.batches + 1

    def check_placed(self, placed: list[Placed]) -> None:
        """See that each event lies in the stream where it was put on arrival."""
        for (position, stream, _, _), one in zip(self._entries, placed, strict=True):
            if stream != (due := stream_of(one)):
                raise _Damage(f"stored_events: the event at position {position} lies in stream {stream}, not {due}")

    def _check_event(self, entry: Entry, event: LiveEvent) -> None:
        position, _, topic, state = entry
        digest, text = unpack(state)
        kept = kept_digest(state)
        self.reduced += kept is not None
        if (digest_of(text) != digest) if kept is None else (sha256(text).digest() != kept):
            raise _Damage(f"stored_events: the event at position {position} is not the one that was recorded")
        if topic != event.name:
            raise _Damage(f"stored_events: the event at position {position} is filed as {topic}, but is {event.name}")


def verify(log: EventLog, head: bytes | None = None, on_step: OnStep | None = None) -> Verified:
    """What recomputing everything from the log found.

    Args:
        head: A head hash that the log must have had, at its end or earlier: finds a tail that was cut off, or a
            store that was written anew.
        on_step: Told now and then how many events are done, of how many.
    """
    with advised(), closing(_scratch(log)) as connection:
        cursor = connection.cursor()
        auditor = _Auditor(cursor, log.reread, wanted=head)
        damage: str | None = None
        try:
            for done, all in _audit(auditor, cursor):
                if on_step is not None:
                    on_step(done, all)
            if head not in (None, BEGINNING) and head not in auditor.heads:
                raise _Damage(
                    "this log never had that head hash: its tail was cut off, or it was written anew;"
                    " compare with a backup"
                )
        except _Damage as found:
            damage = str(found)
        return Verified(
            events=auditor.position,
            batches=auditor.batches,
            reduced=auditor.reduced,
            head_hash=auditor.hash.hex(),
            damage=damage,
        )


def _scratch(log: EventLog) -> sqlite3.Connection:
    """A database of its own in a temporary file; beside it, as ``store`` and to be read only, the store."""
    connection = sqlite3.connect("", uri=True, isolation_level=None)
    connection.execute("ATTACH ? AS store", (log.location,))
    connection.execute("PRAGMA main.synchronous = OFF")
    connection.execute("PRAGMA main.journal_mode = OFF")
    return connection


def _audit(auditor: _Auditor, cursor: Cursor) -> Iterator[tuple[int, int]]:
    """Derive everything, some events at a time, then compare under one reading; says how far it is."""
    create_derived(cursor, 0)
    more = True
    while more:
        last: int = cursor.execute("SELECT coalesce(max(last), 0) FROM batch").fetchone()[0]
        cursor.execute("BEGIN")
        more = _advance(auditor)
        cursor.execute("COMMIT")
        yield auditor.position, last
    cursor.execute("BEGIN")
    while _advance(auditor):  # what came since
        pass
    _compare(cursor, auditor.position)
    cursor.execute("COMMIT")


def _advance(auditor: _Auditor) -> bool:
    try:
        return auditor.advance()
    except ValueError as error:
        raise _Damage(f"stored_events: {error}") from error


def _compare(cursor: Cursor, position: int) -> None:
    (beyond,) = cursor.execute("SELECT coalesce(max(rowid), 0) FROM stored_events").fetchone()
    if beyond > position:
        raise _Damage(f"stored_events: the events behind position {position} belong to no batch")
    if (gap := cursor.execute(_STREAM_GAP).fetchone()) is not None:
        stream, count, first, last = gap
        raise _Damage(f"stored_events: the stream {stream} holds {count} events, but versions {first} to {last}")
    for table in SEALED:
        if (said := sealed(cursor, table)) != (found := reckoned(cursor, table)):
            what = f"holds {found[0]} rows, not {said[0]}" if said[0] != found[0] else "holds a row that was altered"
            raise _Damage(f"{table}: {what}")
    _check_quarantine(cursor)
    for table in DERIVED:
        if (difference := first_difference(cursor, table)) is not None:
            raise _Damage(f"{difference}; mend it with: projector rebuild")


def _check_quarantine(cursor: Cursor) -> None:
    for number, digest, raw in cursor.execute("SELECT number, sha256, raw FROM quarantine WHERE length = length(raw)"):
        if sha256(raw).digest() != digest:
            raise _Damage(f"quarantine: the input of number {number} is not the one that was kept")
