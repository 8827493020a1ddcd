"""The derived tables: how they are created, and replaced by rebuilt ones."""

from __future__ import annotations

import re
from importlib.resources import files
from sqlite3 import Cursor
from typing import Final

_DERIVED_SQL: Final = files(__package__).joinpath("tables.sql").read_text(encoding="utf-8")
DERIVED: Final = tuple(re.findall(r"CREATE TABLE (\w+)", _DERIVED_SQL))
DERIVATION: Final = (  # one row: by which rules the derived tables were derived; of two at once the later one ends
    "CREATE TABLE IF NOT EXISTS derivation (rules INTEGER NOT NULL, times INTEGER NOT NULL)"
)
FRESH: Final = "fresh_"  # how the names of tables begin that are being made beside the old ones


def create_derived(cursor: Cursor, mark: str = "0", prefix: str = "") -> None:
    """Make the derived tables, empty.

    Args:
        mark: Part of the names of their indexes, which cannot be renamed as tables can.
        prefix: `FRESH` for those beside the old ones.
    """
    text = re.sub(r"CREATE TABLE (\w+)", rf"CREATE TABLE {prefix}\1", _DERIVED_SQL)
    text = re.sub(r"CREATE INDEX (\w+) ON (\w+)", rf"CREATE INDEX \1_{mark} ON {prefix}\2", text)
    for statement in text.split(";\n"):
        if statement.strip():
            cursor.execute(statement)


def drop_derived(cursor: Cursor, prefix: str = "") -> None:
    """Remove the derived tables."""
    for table in DERIVED:
        cursor.execute(f"DROP TABLE IF EXISTS {prefix}{table}")


def switch_derived(cursor: Cursor) -> None:
    """Replace the old tables by the fresh ones."""
    drop_derived(cursor)
    for table in DERIVED:
        cursor.execute(f"ALTER TABLE {FRESH}{table} RENAME TO {table}")
