"""Ensures that the index exists, follows RULES and is not behind its log; rebuilds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex
from sqlite3 import Cursor, IntegrityError
from typing import Final

from projector.domain.catalogue import ACCOUNT_HINT
from projector.domain.errors import DamagedLog, StoreError
from projector.domain.rules import RULES
from projector.domain.upkeep import OnStep, Rebuilt
from projector.store.index.deriving import NUMBERS
from projector.store.index.following import EventsInParallel, SqliteFollower, last_batch
from projector.store.index.tables import DERIVATION, DERIVED, FRESH, create_derived, drop_derived, switch_derived
from projector.store.log.kept import KeptLog
from projector.store.log.transactions import Transactions

_OF_EVENTS: Final = f"t.to_generation IS NULL AND t.kind <> {NUMBERS[ACCOUNT_HINT]} AND t.position <= ?1"
_SAME: Final = f"""
    SELECT NOT EXISTS (
        SELECT * FROM institution i LEFT JOIN fresh_institution f ON f.number = i.number WHERE f.name IS NOT i.name
    ) AND (SELECT count(*) FROM timeline t WHERE {_OF_EVENTS})
        = (SELECT count(*) FROM fresh_timeline t WHERE {_OF_EVENTS})
    AND NOT EXISTS (
        SELECT 1 FROM timeline t WHERE {_OF_EVENTS} AND NOT EXISTS (
            SELECT 1 FROM fresh_timeline f WHERE f.tenant = t.tenant
            AND f.kind = t.kind AND f.id = t.id AND f.event_time = t.event_time AND f.updated = t.updated
            AND f.updated_at = t.updated_at AND f.digest = t.digest AND f.to_generation IS NULL))
"""
_CHANGED: Final = f"""
    SELECT count(*) FROM (
        SELECT i.name, t.kind, t.id FROM timeline t JOIN institution i ON i.number = t.tenant
        WHERE t.to_generation IS NULL AND t.kind <> {NUMBERS[ACCOUNT_HINT]} AND t.position <= ? AND NOT EXISTS (
            SELECT 1 FROM fresh_timeline f WHERE f.tenant = (SELECT number FROM fresh_institution WHERE name = i.name)
            AND f.kind = t.kind AND f.id = t.id AND f.event_time = t.event_time AND f.updated = t.updated
            AND f.updated_at = t.updated_at AND f.digest = t.digest AND f.to_generation IS NULL)
        UNION
        SELECT i.name, t.kind, t.id FROM fresh_timeline t JOIN fresh_institution i ON i.number = t.tenant
        WHERE t.to_generation IS NULL AND t.kind <> {NUMBERS[ACCOUNT_HINT]} AND NOT EXISTS (
            SELECT 1 FROM timeline f WHERE f.tenant = (SELECT number FROM institution WHERE name = i.name)
            AND f.kind = t.kind AND f.id = t.id AND f.event_time = t.event_time AND f.updated = t.updated
            AND f.updated_at = t.updated_at AND f.digest = t.digest AND f.to_generation IS NULL)
    )
"""


def ensure_derived(log: Transactions, *, read_only: bool, on_step: OnStep | None = None) -> Rebuilt | None:
    """Ensure that the derived tables exist and follow RULES; rebuild them if not.

    An index that is behind its log follows it to the end.

    Returns:
        What a rebuild did; None where there was none.

    Raises:
        StoreError: it was derived by other rules and cannot be rebuilt: it is read only, or they are a newer release's.
    """
    with log.transaction(commit=not read_only) as cursor:
        if read_only and not _has(cursor, "derivation"):
            raise StoreError("nothing was written to this store yet; begin with: projector replay PATH")
        if not read_only:
            cursor.execute(DERIVATION)
        row = cursor.execute("SELECT rules FROM derivation").fetchone()
        if row is None and not read_only:
            row = _begin(cursor)
        rules = RULES if row is None else row[0]
    if rules > RULES:
        raise StoreError(f"this store was derived by the rules of a newer release ({rules}); update outcome-projector")
    if rules == RULES:
        if not read_only:
            _catch_up(log)
        return None
    if read_only:
        raise StoreError("this store was derived by other rules; run: projector rebuild")
    return rebuild(log, on_step)


def _has(cursor: Cursor, table: str) -> bool:
    return cursor.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is not None


def _begin(cursor: Cursor) -> tuple[int]:
    """By which rules a store is derived that does not say so: a new one by ours; 0 where that was lost."""
    rules = 0
    if not _has(cursor, DERIVED[0]):
        create_derived(cursor)
        rules = RULES
    cursor.execute("INSERT INTO derivation VALUES (?, 0)", (rules,))
    return (rules,)


class _OutOfStep(Exception):
    """Raised inside this module where rows of the index are lost, so that it cannot go on from where it seems to be."""


def _catch_up(log: Transactions) -> None:
    """Follow the log to its end, some events a transaction, if the index is behind it."""
    behind = True
    with suppress(_OutOfStep):  # `verify` names what is lost, and `rebuild` mends it
        while behind:
            with log.transaction(commit=True) as cursor:
                behind = _follow(cursor, KeptLog(cursor))


def _follow(cursor: Cursor, log: KeptLog) -> bool:
    if not all(_has(cursor, table) for table in DERIVED) or last_batch(cursor) >= log.head().batch:
        return False
    try:
        return SqliteFollower.resumed(cursor, log).follow()
    except (IntegrityError, DamagedLog) as error:
        raise _OutOfStep from error


def rebuild(log: Transactions, on_step: OnStep | None = None, ahead: EventsInParallel | None = None) -> Rebuilt:
    """Derive the tables again beside the old ones, some events a transaction, and switch in one step.

    Others read and write meanwhile; what they write is derived too before the switch. Ended in the middle, it leaves
    the store as it was; the next one starts from the beginning.

    Args:
        ahead: Hands out events that are decoded already.

    Raises:
        StoreError: another rebuild of the same store began meanwhile; or the log is damaged. Nothing was changed.
    """
    with log.steps() as (cursor, step):
        kept = KeptLog(cursor)
        with step():
            rules, times = cursor.execute("SELECT rules, times FROM derivation").fetchone()
            times += 1
            cursor.execute("UPDATE derivation SET times = ?", (times,))
            drop_derived(cursor, FRESH)
            create_derived(cursor, token_hex(4), FRESH)
        follower, more = SqliteFollower(cursor=cursor, log=kept, prefix=FRESH, ahead=ahead), True
        while more:
            with step():
                _see_that_it_is_ours(cursor, times)
                more = follower.follow()
                last = kept.head().position
            if on_step is not None:
                on_step(follower.position, last)
        with _look(cursor):  # this takes a while, so writers are not kept waiting for it
            _see_that_it_is_ours(cursor, times)
            changed = _changed(cursor, follower.position) if rules or last_batch(cursor) else 0
        with step():
            _see_that_it_is_ours(cursor, times)
            while follower.follow():  # what came since
                pass
            switch_derived(cursor)
            cursor.execute("DELETE FROM derivation")
            cursor.execute("INSERT INTO derivation VALUES (?, ?)", (RULES, times))
        return Rebuilt(rules_before=rules, events=follower.position, changed=changed)


def _changed(cursor: Cursor, position: int) -> int:
    """How many aggregates have other events in the fresh tables, of the events up to a position."""
    if cursor.execute(_SAME, (position,)).fetchone()[0]:
        return 0
    changed: int = cursor.execute(_CHANGED, (position,)).fetchone()[0]
    return changed


@contextmanager
def _look(cursor: Cursor) -> Iterator[None]:
    """A reading of one moment; in memory, where it is all one transaction, that one."""
    if cursor.connection.in_transaction:
        yield
        return
    cursor.execute("BEGIN")
    try:
        yield
    finally:
        cursor.connection.rollback()


def _see_that_it_is_ours(cursor: Cursor, times: int) -> None:
    """Check that no other rebuild has begun since: the tables beside the old ones are then theirs."""
    if cursor.execute("SELECT times FROM derivation").fetchone()[0] != times:
        raise StoreError("another process began to rebuild this store; wait for it to end")
