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
    "batch": "SELECT number, first, last, recorded_at, hash FROM batch",
    "source_range": "SELECT first, source FROM source_range",
    "quarantine": (  # of a whole input its own SHA-256 is proof enough
        "SELECT number, sha256, source, position, reason, seen_at, length, retried_at,"
        " CASE WHEN length > length(raw) THEN raw END FROM quarantine"
    ),
    "duplicate": "SELECT position, times, last_at FROM duplicate",
    "setting": "SELECT number, tenant, name, value, valid_from, recorded_at FROM setting",
    "alias": "SELECT number, other, stands_for, batch, recorded_at FROM alias",
    "file_read": "SELECT path, size, modified_at, sha256, recorded_at FROM file_read",
    "dictionary": "SELECT number, content FROM dictionary",
}
_MODULUS: Final = 2**63

Row = Sequence[Any]
Checksum = tuple[int, int]  # number of rows, and sum


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
    cursor.execute("INSERT OR REPLACE INTO checksum VALUES (?, ?, ?)", (table, count, total % _MODULUS))


def stored_checksum(cursor: Cursor, table: str) -> Checksum:
    """The stored checksum of a table: number of rows, and sum."""
    row = cursor.execute("SELECT count, sum FROM checksum WHERE name = ?", (table,)).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def renew_checksum(cursor: Cursor, table: str, off: Checksum = (0, 0)) -> None:
    """Set a table's checksum to that of its rows, or off by so much: where it held damaged ones before."""
    count, total = computed_checksum(cursor, table)
    row = table, count + off[0], (total + off[1]) % _MODULUS
    cursor.execute("INSERT OR REPLACE INTO checksum VALUES (?, ?, ?)", row)


def deviation(cursor: Cursor, table: str, rows: str) -> Checksum:
    """How far off the stored checksum of a table is from that of its rows; 0 and 0 where it fits."""
    said, found = stored_checksum(cursor, table), computed_checksum(cursor, table, rows)
    if not all(isinstance(number, int) for number in said):
        return 0, 1
    return said[0] - found[0], said[1] - found[1]


def computed_checksum(cursor: Cursor, table: str, rows: str | None = None) -> Checksum:
    """The checksum of a table as computed from its rows; ``rows`` selects them in a table of an older format."""
    count = total = 0
    for row in cursor.execute(rows or CHECKSUMMED[table]):
        count, total = count + 1, total + _number(tuple(row))
    return count, total % _MODULUS


def _number(row: Row) -> int:
    return int.from_bytes(sha256(repr(tuple(row)).encode()).digest()[:8], "big") >> 1
