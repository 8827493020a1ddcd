"""A derived table of the store compared, row by row, with the same table derived again."""

from __future__ import annotations

from sqlite3 import Cursor
from typing import Any, Final

from projector.domain.instants import EARLIEST, LATEST, to_text
from projector.store.index.deriving import FAMILIES
from projector.store.index.tables import DERIVED

_INSTANTS: Final = frozenset({"event_time", "updated_at", "created_at", "first", "last"})
_QUIET: Final = frozenset({"updated", "institution", "from_generation", "to_generation"})


def first_difference(cursor: Cursor) -> str | None:
    """What first differs, in words, between the index of ``store`` and the one of ``main``; None: they are the same."""
    if len(rules := cursor.execute("SELECT rules FROM derivation").fetchall()) != 1:
        return f"derivation: it holds {len(rules)} rows, not 1"
    return next(filter(None, (_first_row(cursor, table) for table in DERIVED)), None)


def _first_row(cursor: Cursor, table: str) -> str | None:
    """The first row, in words, that only one of ``store.TABLE`` and ``main.TABLE`` has; None: they are the same."""
    columns = cursor.execute(f"SELECT name, pk FROM pragma_table_info('{table}', 'main')").fetchall()
    names = [name for name, _ in columns]
    keys = [name for name, key in columns if key] or names
    found = _only_in(cursor, table, "store", "main", names, keys)
    if found is not None:
        missing = "differs from the log" if _has(cursor, table, "main", keys, found) else "does not follow from the log"
        return f"{table}: a row {missing}: {_shown(cursor, found)}"
    counts = [cursor.execute(f"SELECT count(*) FROM {schema}.{table}").fetchone()[0] for schema in ("store", "main")]
    if counts[0] == counts[1] and keys is not names:  # without a key a row may be there twice instead of another
        return None
    found = _only_in(cursor, table, "main", "store", names, keys)
    if found is not None:
        return f"{table}: a row is missing: {_shown(cursor, found)}"
    return None if counts[0] == counts[1] else f"{table}: a row exists {counts[0] - counts[1] + 1} times"


def _only_in(
    cursor: Cursor, table: str, here: str, there: str, names: list[str], keys: list[str]
) -> dict[str, Any] | None:
    same = " AND ".join(f"b.{name} {'=' if name in keys and keys is not names else 'IS'} a.{name}" for name in names)
    row = cursor.execute(
        f"SELECT * FROM {here}.{table} a WHERE NOT EXISTS (SELECT 1 FROM {there}.{table} b WHERE {same}) LIMIT 1"
    ).fetchone()
    return None if row is None else dict(zip(names, row, strict=True))


def _has(cursor: Cursor, table: str, schema: str, keys: list[str], row: dict[str, Any]) -> bool:
    same = " AND ".join(f"{name} IS ?" for name in keys)
    found = cursor.execute(f"SELECT 1 FROM {schema}.{table} WHERE {same}", [row[name] for name in keys]).fetchone()
    return found is not None


def _shown(cursor: Cursor, row: dict[str, Any]) -> str:
    """A row in words: institutions and kinds by name, instants as such, digests in hex."""
    words = []
    for name, value in row.items():
        if value is None or name in _QUIET:
            continue
        if name == "tenant":
            known = cursor.execute("SELECT name FROM main.institution WHERE number = ?", (value,)).fetchone()
            value = known[0] if known else value
        elif name == "kind" and isinstance(value, int) and value < len(FAMILIES):
            value = FAMILIES[value]
        elif name in _INSTANTS and isinstance(value, int):
            if not EARLIEST <= value <= LATEST:
                continue
            value = to_text(value)
        elif isinstance(value, bytes):
            value = value.hex()
        words.append(f"{name} {value}")
    return ", ".join(words)
