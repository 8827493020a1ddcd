"""Quarantine emptied: what is dropped is gone from the store's files."""

from __future__ import annotations

from projector.store.log import EventLog
from projector.store.quarantine import Which, drop


def drop_quarantined(log: EventLog, which: Which) -> int:
    """How many inputs were dropped from a log's quarantine.

    Their bytes are overwritten in the database, and what SQLite wrote ahead of it is taken in and emptied. A reader
    that is in the middle of a page keeps it until the store is closed.
    """
    with log.transaction(commit=True) as cursor:
        dropped = drop(cursor, which)
    with log.connection() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return dropped
