"""What the store knows of institutions: their names, which of them are one, and what no event tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Cursor

from projector.domain.events import LiveEvent
from projector.domain.settings import Setting
from projector.domain.tenancy import Account, Tenancy, joined
from projector.store.seals import reseal, rows_where


def read_tenancy(cursor: Cursor, *, prefix: str = "", last_alias: int | None = None) -> Tenancy:
    """What the store knows of institutions; ``last_alias`` leaves out those declared after that one."""
    cursor.execute(f"SELECT number FROM {prefix}tenancy")
    row = cursor.fetchone()
    cursor.execute(f"SELECT uuid, id FROM {prefix}root_account")
    pairs: list[Account] = [(uuid, id) for uuid, id in cursor.fetchall()]
    known = "SELECT other, stands_for FROM alias WHERE ? IS NULL OR number <= ? ORDER BY number"
    cursor.execute(known, (last_alias, last_alias))
    aliases: dict[str, str] = {}
    for other, stands_for in cursor.fetchall():
        aliases = joined(aliases, other, stands_for)
    return Tenancy(number=row[0] if row else 0, pairs=pairs, aliases=aliases)


def grow_tenancy(cursor: Cursor, known: Tenancy, events: Sequence[LiveEvent], *, prefix: str = "") -> Tenancy:
    """What the store knows of institutions with these events, written down."""
    new = {(event.uuid, event.root_account) for event in events} - known.pairs
    if not new:
        return known
    grown = known.with_pairs(new)
    cursor.executemany(f"INSERT INTO {prefix}root_account VALUES (?, ?)", sorted(new, key=str))
    write_number(cursor, grown, prefix=prefix)
    return grown


def write_number(cursor: Cursor, tenancy: Tenancy, *, prefix: str = "") -> None:
    """Note how much of institutions the derived tables now rest on."""
    cursor.execute(f"DELETE FROM {prefix}tenancy")
    cursor.execute(f"INSERT INTO {prefix}tenancy VALUES (?)", (tenancy.number,))


def read_settings(cursor: Cursor) -> tuple[Setting, ...]:
    """Every setting that was ever made, in the order in which they were."""
    cursor.execute("SELECT tenant, name, value, valid_from, recorded_at FROM setting ORDER BY number")
    return tuple(
        Setting(tenant=tenant, name=name, value=value, valid_from=valid_from, recorded_at=recorded_at)
        for tenant, name, value, valid_from, recorded_at in cursor.fetchall()
    )


def write_setting(cursor: Cursor, setting: Setting) -> None:
    """Add a setting."""
    (number,) = cursor.execute(
        "INSERT INTO setting (tenant, name, value, valid_from, recorded_at) VALUES (?, ?, ?, ?, ?) RETURNING number",
        (setting.tenant, setting.name, setting.value, setting.valid_from, setting.recorded_at),
    ).fetchone()
    reseal(cursor, "setting", come=rows_where(cursor, "setting", "number", [number]))


def write_alias(cursor: Cursor, other: str, stands_for: str, batch: int, recorded_at: int) -> None:
    """Note that two names are one institution's; ``batch`` is the last one before it was declared."""
    (number,) = cursor.execute(
        "INSERT INTO alias (other, stands_for, batch, recorded_at) VALUES (?, ?, ?, ?) RETURNING number",
        (other, stands_for, batch, recorded_at),
    ).fetchone()
    reseal(cursor, "alias", come=rows_where(cursor, "alias", "number", [number]))
