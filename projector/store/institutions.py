"""What the store knows of institutions: their names, which of them are one, and what no event tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Cursor

from attrs import field, frozen

from projector.domain.events import LiveEvent
from projector.domain.settings import Setting
from projector.domain.tenancy import Aliases, Tenancy
from projector.store.seals import reseal, rows_where


@frozen(kw_only=True)
class Known:
    """What was read of institutions at one moment: rows only come to the tables, so the next reading goes on there.

    ``schema`` is another one once the tables were made anew; ``pair`` and ``alias`` are the last rows that were read.
    """

    schema: int
    pair: int = 0
    alias: int = 0
    tenancy: Tenancy = field(factory=Tenancy)


def read_known(cursor: Cursor, before: Known | None = None) -> Known:
    """What the store knows of institutions now; only what came since an earlier reading is read."""
    (schema,) = cursor.execute("PRAGMA schema_version").fetchone()
    if before is None or before.schema != schema or _is_later(cursor, before):
        before = Known(schema=schema)
    pairs = cursor.execute(
        "SELECT number, uuid, id FROM root_account WHERE number > ? ORDER BY number", (before.pair,)
    ).fetchall()
    declared = cursor.execute(
        "SELECT number, other, stands_for FROM alias WHERE number > ? ORDER BY number", (before.alias,)
    ).fetchall()
    row = cursor.execute("SELECT number FROM tenancy").fetchone()
    aliases: Aliases = before.tenancy.aliases
    for _, other, stands_for in declared:
        aliases = aliases.with_alias(other, stands_for)
    return Known(
        schema=schema,
        pair=pairs[-1][0] if pairs else before.pair,
        alias=declared[-1][0] if declared else before.alias,
        tenancy=Tenancy(
            number=row[0] if row else 0,
            pairs=before.tenancy.pairs.with_all((uuid, id) for _, uuid, id in pairs),
            aliases=aliases,
        ),
    )


def _is_later(cursor: Cursor, known: Known) -> bool:
    """Whether something was read at a later moment than this transaction sees."""
    last = "SELECT (SELECT max(number) FROM root_account), (SELECT max(number) FROM alias)"
    pair, alias = cursor.execute(last).fetchone()
    return (pair or 0) < known.pair or (alias or 0) < known.alias


def grow_tenancy(cursor: Cursor, known: Tenancy, events: Sequence[LiveEvent], *, prefix: str = "") -> Tenancy:
    """What the store knows of institutions with these events, written down."""
    new = [pair for pair in {(event.uuid, event.root_account) for event in events} if pair not in known.pairs]
    if not new:
        return known
    grown = known.with_pairs(new)
    cursor.executemany(f"INSERT INTO {prefix}root_account (uuid, id) VALUES (?, ?)", sorted(new, key=str))
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
