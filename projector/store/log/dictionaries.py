"""Dictionaries of zstd that events of a store are compressed with: no event can be read without its own."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Connection, Cursor
from typing import Final

from projector.store.log.checksums import update_checksum

_NEW: Final = """
    INSERT INTO dictionary (content) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM dictionary WHERE content = ?1)
    RETURNING number
"""


def write_dictionaries(cursor: Cursor, contents: Sequence[bytes]) -> None:
    """Add those dictionaries that are not there yet, in their order."""
    added = []
    for content in contents:
        row = cursor.execute(_NEW, (content,)).fetchone()
        if row is not None:
            added.append((row[0], content))
    if added:
        update_checksum(cursor, "dictionary", added=added)


def last_dictionary(cursor: Cursor) -> bytes | None:
    """The dictionary that was added last; None where there is none."""
    row = cursor.execute("SELECT content FROM dictionary ORDER BY number DESC LIMIT 1").fetchone()
    return None if row is None else row[0]


def read_dictionaries(cursor: Cursor | Connection, after: int) -> list[tuple[int, bytes]]:
    """The dictionaries behind a number, each with its number, in order."""
    rows = cursor.execute("SELECT number, content FROM dictionary WHERE number > ? ORDER BY number", (after,))
    return [(number, content) for number, content in rows.fetchall()]
