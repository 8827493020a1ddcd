"""Checksums of the log's other tables: the number of rows, and a sum over all of them.

The sum is of 63 bits of each row's SHA-256, modulo 2^63: a row is added or removed without reading the others. It
finds rows that were lost or altered outside this program, except by someone who computes the checksum again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from sqlite3 import Cursor
from typing import Any, Final

CHECKSUMMED: Final = {  # which rows, and which of their columns
    "batch": "SELECT number, first, last, recorded_at, source, hash FROM batch",
    "source_change": "SELECT position, source FROM source_change",
    "quarantine": (  # of a whole input its own SHA-256 is proof enough
        "SELECT number, sha256, source, position, reason, seen_at, length, retried_at,"
        " CASE WHEN length > length(raw) THEN raw END FROM quarantine"
    ),
    "repeat": "SELECT position, times, last_at FROM repeat",
    "setting": "SELECT number, tenant, name, value, valid_from, recorded_at FROM setting",
    "alias": "SELECT number, other, stands_for, batch, recorded_at FROM alias",
}
_MODULUS: Final = 2**63

Row = Sequence[Any]


def rows_where(cursor: Cursor, table: str, column: str, values: Iterable[object]) -> list[Row]:
    """The checksummed rows of a table in which a column has one of these values."""
    statement = f"{CHECKSUMMED[table]} WHERE {column} = ?"
    return [tuple(row) for value in values for row in cursor.execute(statement, (value,)).fetchall()]


def update_checksum(cursor: Cursor, table: str, removed: Iterable[Row] = (), added: Iterable[Row] = ()) -> None:
    """Update a table's checksum for rows removed and rows added."""
    count, total = stored_checksum(cursor, table)
    for row in removed:
        count, total = count - 1, total - _number(row)
    for row in added:
        count, total = count + 1, total + _number(row)
    cursor.execute("INSERT OR REPLACE INTO seal VALUES (?, ?, ?)", (table, count, total % _MODULUS))


def stored_checksum(cursor: Cursor, table: str) -> tuple[int, int]:
    """The stored checksum of a table: number of rows, and sum."""
    row = cursor.execute("SELECT count, sum FROM seal WHERE name = ?", (table,)).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def renew_checksum(cursor: Cursor, table: str) -> None:
    """Set a table's checksum to that of its rows."""
    cursor.execute("INSERT OR REPLACE INTO seal VALUES (?, ?, ?)", (table, *computed_checksum(cursor, table)))


def computed_checksum(cursor: Cursor, table: str) -> tuple[int, int]:
    """The checksum of a table as computed from its rows."""
    count = total = 0
    for row in cursor.execute(CHECKSUMMED[table]):
        count, total = count + 1, total + _number(tuple(row))
    return count, total % _MODULUS


def _number(row: Row) -> int:
    return int.from_bytes(sha256(repr(tuple(row)).encode()).digest()[:8], "big") >> 1
