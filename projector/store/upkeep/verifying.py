"""Recomputes everything from the log, and names the first difference."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from sqlite3 import Cursor
from typing import Final

from attrs import define

from projector.domain.errors import DamagedLog
from projector.domain.packing import kept_digest
from projector.domain.upkeep import OnStep, Verified
from projector.store.failures import advised
from projector.store.index.comparing import first_difference
from projector.store.index.following import EventsInParallel, SqliteFollower, kept_events
from projector.store.index.tables import create_derived
from projector.store.interfaces import BatchSpan, KeptEvents, Placed
from projector.store.log.auditing import Audit, Damage, altered_among, check_streams, fault_among
from projector.store.log.kept import KeptLog
from projector.store.log.transactions import Transactions
from projector.store.log.writing import BEGINNING

_DAMAGE: Final = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)  # a table is lost, or a page


@define(kw_only=True)
class _Auditor(SqliteFollower):
    """Derives everything into tables of its own, and checks every event and batch on the way."""

    audit: Audit

    def events_of(self, batch: BatchSpan) -> KeptEvents:
        """The events of the next batch, checked."""
        kept = super().events_of(batch)
        self.audit.check_batch(batch, kept)
        return kept

    def read(self, batch: BatchSpan) -> KeptEvents:
        """The events of a batch, read and checked here."""
        entries = self.log.entries(batch)
        kept = kept_events(entries)
        reduced = sum(kept_digest(entry.state) is not None for entry in entries)
        return kept._replace(reduced=reduced, fault=fault_among(entries, kept.events.names, altered_among(entries)))

    def check_placed(self, placed: Placed, kept: KeptEvents) -> None:
        """See that each event lies in the stream where it was put on arrival."""
        check_streams(self.position + 1, kept.streams, placed)


def verify(
    log: Transactions,
    head: bytes | None = None,
    on_step: OnStep | None = None,
    ahead: EventsInParallel | None = None,
) -> Verified:
    """What recomputing everything from the log found.

    Args:
        head: A head hash that the log must have had, at its end or earlier: finds a tail that was cut off, or a
            store that was rewritten.
        on_step: Called now and then with the number of events done, and of all.
        ahead: Hands out events that are decoded and checked already.
    """
    with advised(), log.connection(), closing(_scratch(log)) as connection:  # in memory nobody can write meanwhile
        cursor, audit = connection.cursor(), Audit(wanted=head)
        damage: str | None = None
        try:
            for done, all in _recompute(cursor, audit, ahead):
                if on_step is not None:
                    on_step(done, all)
            if head not in (None, BEGINNING) and not audit.met:
                raise Damage(
                    "this log never had that head hash: its end was cut off, or it was rewritten; compare with a backup"
                )
        except Damage as found:
            damage = str(found)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _DAMAGE:
                raise
            damage = f"the database: {error}"
        return Verified(
            events=audit.position,
            batches=audit.batches,
            reduced=audit.reduced,
            head_hash=audit.hash.hex(),
            damage=damage,
        )


def _scratch(log: Transactions) -> sqlite3.Connection:
    """A database of its own in a temporary file; beside it, as ``store`` and to be read only, the store."""
    connection = sqlite3.connect("", uri=True, isolation_level=None)
    connection.execute("ATTACH ? AS store", (log.location.reading_url,))
    connection.execute("PRAGMA main.synchronous = OFF")
    connection.execute("PRAGMA main.journal_mode = OFF")
    return connection


def _recompute(cursor: Cursor, audit: Audit, ahead: EventsInParallel | None) -> Iterator[tuple[int, int]]:
    """Derive everything, some events at a time, then compare under one reading; says how far it is."""
    create_derived(cursor)
    auditor = _Auditor(cursor=cursor, log=KeptLog(cursor), audit=audit, ahead=ahead)
    more = True
    while more:
        last = auditor.log.head().position
        cursor.execute("BEGIN")
        more = _follow(auditor)
        cursor.execute("COMMIT")
        yield audit.position, last
    cursor.execute("BEGIN")
    while _follow(auditor):  # what came since
        pass
    audit.check_end(cursor)
    _compare(cursor)
    cursor.execute("COMMIT")


def _follow(auditor: _Auditor) -> bool:
    try:
        return auditor.follow()
    except DamagedLog as error:
        raise Damage(f"stored_events: {error}") from error
    except (TypeError, AttributeError, OverflowError) as error:
        raise Damage(f"batch: a value in it has another type: {error}") from error


def _compare(cursor: Cursor) -> None:
    """Compare the index with the one that was derived again, and check the database file."""
    if (difference := first_difference(cursor)) is not None:
        raise Damage(f"{difference}; repair it with: projector rebuild")
    (found,) = cursor.execute("PRAGMA store.integrity_check(1)").fetchone()
    if found != "ok":
        raise Damage(f"the database: {found}")
