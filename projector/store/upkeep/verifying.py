"""Everything recomputed from the log and compared: the first difference, by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from sqlite3 import Cursor
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from projector.domain.canonical import digest_of
from projector.domain.errors import DamagedLog
from projector.domain.events import LiveEvent
from projector.domain.instants import LATEST
from projector.domain.packing import kept_digest, unpack
from projector.store.appending import stream_of
from projector.store.chain import BEGINNING, running_hash
from projector.store.derived.deriving import Placed
from projector.store.derived.rebuilding import Batch, Deriver, Entry
from projector.store.derived.tables import DERIVED, create_derived
from projector.store.failures import advised
from projector.store.seals import SEALED, reckoned, sealed
from projector.store.upkeep.comparing import first_difference
from projector.store.upkeep.settling import OnStep

if TYPE_CHECKING:
    from projector.store.log import EventLog

_STREAM_GAP: Final = """
    SELECT originator_id, before + 1, version FROM (
        SELECT originator_id, originator_version AS version, lag(originator_version, 1, 0) OVER stream AS before,
        rowid AS position, lag(rowid, 1, 0) OVER stream AS position_before FROM stored_events
        WINDOW stream AS (PARTITION BY originator_id ORDER BY originator_version)
    ) WHERE version IS NOT before + 1 OR position < position_before LIMIT 1
"""
_DAMAGE: Final = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)  # a table is lost, or a page
_QUARANTINED: Final = "SELECT number, sha256, raw FROM quarantine WHERE length <= length(raw)"


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
    wanted: bytes | None = None
    met: bool = False  # the wanted head
    reduced: int = 0
    batches: int = 0
    _recorded_at: int = 0

    _entries: list[Entry] = field(factory=list)

    def events_of(self, batch: Batch) -> list[LiveEvent]:
        """The events of the next batch, which is whole, follows the one before it, and hashes to what it says."""
        self._entries = self.entries(batch)
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
        if not self._recorded_at < recorded_at <= LATEST:
            raise _Damage(f"batch {number}: its time of recording is not after that of the one before it")
        for entry, event in zip(self._entries, events, strict=True):
            self._check_event(entry, event)
        self.hash = running_hash(self.hash, first, recorded_at, [event.digest for event in events])
        if self.hash != said:
            raise _Damage(
                f"batch {number}: the running hash at position {last} is {self.hash.hex()}, not the one it says;"
                " an event up to there, its place or its time of recording was altered, or the hash itself"
            )
        self.met |= self.hash == self.wanted
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
    with advised(), log.connection(), closing(_scratch(log)) as connection:  # in memory nobody can write meanwhile
        cursor = connection.cursor()
        auditor = _Auditor(cursor, wanted=head)
        damage: str | None = None
        try:
            for done, all in _audit(auditor, cursor):
                if on_step is not None:
                    on_step(done, all)
            if head not in (None, BEGINNING) and not auditor.met:
                raise _Damage(
                    "this log never had that head hash: its tail was cut off, or it was written anew;"
                    " compare with a backup"
                )
        except _Damage as found:
            damage = str(found)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _DAMAGE:
                raise
            damage = f"the database: {error}"
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
    create_derived(cursor)
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
    _compare(cursor, auditor)
    cursor.execute("COMMIT")


def _advance(auditor: _Auditor) -> bool:
    try:
        return auditor.advance()
    except DamagedLog as error:
        raise _Damage(f"stored_events: {error}") from error
    except (TypeError, AttributeError, OverflowError) as error:
        raise _Damage(f"batch: a value of another type stands in it: {error}") from error


def _compare(cursor: Cursor, auditor: _Auditor) -> None:
    _check_log(cursor, auditor)
    _check_beside(cursor)
    for table in DERIVED:
        if (difference := first_difference(cursor, table)) is not None:
            raise _Damage(f"{difference}; mend it with: projector rebuild")
    (found,) = cursor.execute("PRAGMA store.integrity_check(1)").fetchone()
    if found != "ok":
        raise _Damage(f"the database: {found}")


def _check_log(cursor: Cursor, auditor: _Auditor) -> None:
    position = auditor.position
    if cursor.execute("SELECT count(*) FROM stored_events").fetchone()[0] != position:
        raise _Damage(f"stored_events: beside the {position} events of the batches it holds some of none")
    if cursor.execute("SELECT count(*) FROM batch").fetchone()[0] != auditor.batches:
        raise _Damage(f"batch: beside the {auditor.batches} that follow one another it holds others")
    if (gap := cursor.execute(_STREAM_GAP).fetchone()) is not None:
        stream, due, version = gap
        raise _Damage(f"stored_events: in the stream {stream} version {due} should follow, but there is {version}")


def _check_beside(cursor: Cursor) -> None:
    if len(rules := cursor.execute("SELECT rules FROM derivation").fetchall()) != 1:
        raise _Damage(f"derivation: it holds {len(rules)} rows, not 1; mend it with: projector rebuild")
    for (name,) in cursor.execute("SELECT name FROM seal").fetchall():
        if name not in SEALED:
            raise _Damage(f"seal: there is one over {name}, which is not sealed")
    for table in SEALED:
        if (said := sealed(cursor, table)) != (found := reckoned(cursor, table)):
            what = f"{found[0]} rows, not {said[0]}" if said[0] != found[0] else "a row that was altered"
            raise _Damage(f"{table}: by its seal there is {what}")
    for number, digest, raw in cursor.execute(_QUARANTINED):
        if sha256(raw).digest() != digest:
            raise _Damage(f"quarantine: the input of number {number} is not the one that was kept")
