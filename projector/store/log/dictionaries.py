"""Dictionaries of zstd that events of a store are compressed with: no event can be read without its own."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Cursor
from typing import Final

from projector.store.log.checksums import update_checksum

_NEW: Final = "INSERT OR IGNORE INTO dictionary (content) VALUES (?) RETURNING number"


def write_dictionaries(cursor: Cursor, contents: Sequence[bytes]) -> None:
    """Add those dictionaries that are not there yet, in their order."""
    added = []
    for content in contents:
        row = cursor.execute(_NEW, (content,)).fetchone()
        if row is not None:
            added.append((row[0], content))
    if added:
        update_checksum(cursor, "dictionary", added=added)
