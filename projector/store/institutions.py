"""What the store knows of institutions: their names, which of them are one, and what no event tells of them."""

from __future__ import annotations

from collections.abc import Sequence

from eventsourcing.sqlite import SQLiteCursor

from projector.domain.events import LiveEvent
from projector.domain.settings import Setting
from projector.domain.tenancy import Account, Tenancy, joined


def read_tenancy(cursor: SQLiteCursor, *, last_batch: int | None = None) -> Tenancy:
    """What the store knows of institutions; ``last_batch`` leaves out aliases that were declared after it."""
    cursor.execute("SELECT tenancy FROM derivation")
    row = cursor.fetchone()
    cursor.execute("SELECT uuid, id FROM root_account")
    pairs: list[Account] = [(uuid, id) for uuid, id in cursor.fetchall()]
    known = "SELECT other, stands_for FROM alias WHERE ? IS NULL OR batch < ? ORDER BY number"
    cursor.execute(known, (last_batch, last_batch))
    aliases: dict[str, str] = {}
    for other, stands_for in cursor.fetchall():
        aliases = joined(aliases, other, stands_for)
    return Tenancy(number=row[0] if row else 0, pairs=pairs, aliases=aliases)


def grow_tenancy(cursor: SQLiteCursor, known: Tenancy, events: Sequence[LiveEvent]) -> Tenancy:
    """What the store knows of institutions with these events, written down."""
    new = {(event.uuid, event.root_account) for event in events} - known.pairs
    if not new:
        return known
    grown = known.with_pairs(new)
    cursor.executemany("INSERT INTO root_account VALUES (?, ?)", list(new))
    write_number(cursor, grown)
    return grown


def write_number(cursor: SQLiteCursor, tenancy: Tenancy) -> None:
    """Note how much of institutions the derived tables now rest on."""
    cursor.execute("UPDATE derivation SET tenancy = ?", (tenancy.number,))


def read_settings(cursor: SQLiteCursor) -> tuple[Setting, ...]:
    """Every setting that was ever made, in the order in which they were."""
    cursor.execute("SELECT tenant, name, value, valid_from, recorded_at FROM setting ORDER BY number")
    return tuple(Setting(**row) for row in cursor.fetchall())


def write_setting(cursor: SQLiteCursor, setting: Setting) -> None:
    """Add a setting."""
    cursor.execute(
        "INSERT INTO setting (tenant, name, value, valid_from, recorded_at) VALUES (?, ?, ?, ?, ?)",
        (setting.tenant, setting.name, setting.value, setting.valid_from, setting.recorded_at),
    )
