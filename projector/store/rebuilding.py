"""Deriving anew: every table but the primary ones, from the log alone."""

from __future__ import annotations

from eventsourcing.sqlite import SQLiteCursor

from projector.domain.rules import RULES
from projector.store.deriving import DERIVED, place_of
from projector.store.institutions import grow_tenancy, read_tenancy, write_number
from projector.store.moving import Reread, derivation_after
from projector.store.packing import unpack


def derive_anew(cursor: SQLiteCursor, reread: Reread) -> None:
    """Make the derived tables anew.

    Batch by batch as they came, and aliases where they were declared, so that what moved when moves
    again and views made before still hold.
    """
    for table in DERIVED:
        cursor.execute(f"DELETE FROM {table}")
    cursor.execute("UPDATE derivation SET rules = ?, tenancy = 0", (RULES,))
    _derive_aliases(cursor, 0, reread)
    cursor.execute("SELECT number, first, last FROM batch ORDER BY number")
    for number, first, last in cursor.fetchall():
        _derive_batch(cursor, number, first, last, reread)
        _derive_aliases(cursor, number, reread)


def _derive_batch(cursor: SQLiteCursor, number: int, first: int, last: int, reread: Reread) -> None:
    cursor.execute("SELECT state FROM stored_events WHERE rowid BETWEEN ? AND ? ORDER BY rowid", (first, last))
    packed = [unpack(state) for (state,) in cursor.fetchall()]
    events = [reread(text, digest) for digest, text in packed]
    before = read_tenancy(cursor, last_batch=number)
    derivation = derivation_after(cursor, before, grow_tenancy(cursor, before, events), reread)
    for position, event in enumerate(events, first):
        derivation.add(event, place_of(event, derivation.tenancy), position)
    derivation.write(number)


def _derive_aliases(cursor: SQLiteCursor, number: int, reread: Reread) -> None:
    known = read_tenancy(cursor, last_batch=number)
    cursor.execute("SELECT other, stands_for FROM alias WHERE batch = ? ORDER BY number", (number,))
    for other, stands_for in cursor.fetchall():
        after = known.with_alias(other, stands_for)
        write_number(cursor, after)
        derivation_after(cursor, known, after, reread).write(number)
        known = after
