"""Seals over the tables of which nothing else proves every row: how many rows there are, and a sum over all of them.

The sum is of 63 bits of each row's SHA-256, modulo 2^63, so that a row comes and goes without a look at the others. It
finds what was lost or altered by accident or behind the store's back, but not by somebody who reckons it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from sqlite3 import Cursor
from typing import Any, Final

CHECKSUMMED: Final = {  # which rows, by what of them is sealed
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
    """The sealed rows of a table in which a column has one of these values."""
    statement = f"{CHECKSUMMED[table]} WHERE {column} = ?"
    return [tuple(row) for value in values for row in cursor.execute(statement, (value,)).fetchall()]


def update_checksum(cursor: Cursor, table: str, removed: Iterable[Row] = (), added: Iterable[Row] = ()) -> None:
    """Let a table's seal say that rows went and others came."""
    count, total = stored_checksum(cursor, table)
    for row in removed:
        count, total = count - 1, total - _number(row)
    for row in added:
        count, total = count + 1, total + _number(row)
    cursor.execute("INSERT OR REPLACE INTO seal VALUES (?, ?, ?)", (table, count, total % _MODULUS))


def stored_checksum(cursor: Cursor, table: str) -> tuple[int, int]:
    """How many rows a table's seal says there are, and their sum."""
    row = cursor.execute("SELECT count, sum FROM seal WHERE name = ?", (table,)).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def renew_checksum(cursor: Cursor, table: str) -> None:
    """Let a table's seal say what its rows are now."""
    cursor.execute("INSERT OR REPLACE INTO seal VALUES (?, ?, ?)", (table, *computed_checksum(cursor, table)))


def computed_checksum(cursor: Cursor, table: str) -> tuple[int, int]:
    """The same, reckoned from the rows themselves."""
    count = total = 0
    for row in cursor.execute(CHECKSUMMED[table]):
        count, total = count + 1, total + _number(tuple(row))
    return count, total % _MODULUS


def _number(row: Row) -> int:
    return int.from_bytes(sha256(repr(tuple(row)).encode()).digest()[:8], "big") >> 1
