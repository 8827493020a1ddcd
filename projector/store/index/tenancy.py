"""What the index knows of tenants: pairs, aliases and the generation."""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Cursor

from attrs import field, frozen

from projector.domain.pairs import RootAccount as Pair
from projector.domain.tenancy import Tenancy
from projector.store.interfaces import Log


@frozen(kw_only=True)
class Known:
    """What was read of institutions at one moment: rows only come to the tables, so the next reading goes on there.

    ``schema`` changes when the tables are rebuilt; ``pair`` and ``alias`` are the last rows that were read.
    """

    schema: int
    pair: int = 0
    alias: int = 0
    tenancy: Tenancy = field(factory=Tenancy)


def read_known(
    cursor: Cursor, log: Log, before: Known | None = None, *, prefix: str = "", batch: int | None = None
) -> Known:
    """What the index knows of institutions; only what came since an earlier reading is read.

    Args:
        batch: The last one that was taken in, where the index may be behind its log: later aliases are left out.
    """
    (schema,) = cursor.execute("PRAGMA schema_version").fetchone()
    if before is None or before.schema != schema or _is_later(cursor, log, before):
        before = Known(schema=schema)
    pairs = cursor.execute(
        f"SELECT number, uuid, id FROM {prefix}root_account WHERE number > ? ORDER BY number", (before.pair,)
    ).fetchall()
    declared = [alias for alias in log.aliases(before.alias) if batch is None or alias.batch <= batch]
    row = cursor.execute(f"SELECT generation FROM {prefix}tenancy").fetchone()
    aliases = before.tenancy.aliases
    for alias in declared:
        aliases = aliases.with_alias(alias.other, alias.stands_for)
    return Known(
        schema=schema,
        pair=pairs[-1][0] if pairs else before.pair,
        alias=declared[-1].number if declared else before.alias,
        tenancy=Tenancy(
            generation=row[0] if row else 0,
            pairs=before.tenancy.pairs.with_all((uuid, id) for _, uuid, id in pairs),
            aliases=aliases,
        ),
    )


def _is_later(cursor: Cursor, log: Log, known: Known) -> bool:
    """Whether something was read at a later moment than this transaction sees."""
    (pair,) = cursor.execute("SELECT coalesce(max(number), 0) FROM root_account").fetchone()
    return pair < known.pair or (known.alias > 0 and not log.aliases(known.alias - 1))


def grow_tenancy(cursor: Cursor, known: Tenancy, pairs: Iterable[Pair], *, prefix: str = "") -> Tenancy:
    """What the index knows of institutions with these pairs, as events name them, written down."""
    new = [pair for pair in pairs if pair not in known.pairs]
    if not new:
        return known
    grown = known.with_pairs(new)
    cursor.executemany(f"INSERT INTO {prefix}root_account (uuid, id) VALUES (?, ?)", sorted(new, key=str))
    write_number(cursor, grown, prefix=prefix)
    return grown


def write_number(cursor: Cursor, tenancy: Tenancy, *, prefix: str = "") -> None:
    """Note how much of institutions the derived tables now rest on."""
    cursor.execute(f"DELETE FROM {prefix}tenancy")
    cursor.execute(f"INSERT INTO {prefix}tenancy VALUES (?)", (tenancy.generation,))
