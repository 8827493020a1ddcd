"""What goes wrong in a database, said so that it can be mended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from eventsourcing.persistence import ConnectionPoolClosedError, PersistenceError

from projector.domain.errors import StoreError

FAILURES: Final = (PersistenceError, ConnectionPoolClosedError, sqlite3.Error)


@contextmanager
def advised() -> Iterator[None]:
    """Let a failure of the database leave as a `StoreError` that says what to do."""
    try:
        yield
    except FAILURES as error:
        raise StoreError(advice(error)) from error


def advice(error: Exception) -> str:
    """What went wrong in the database, and what to do."""
    if isinstance(error, ConnectionPoolClosedError):
        return "the store was closed; open it again"
    said = str(error)
    if "locked" in said or "busy" in said:
        return "another process is writing to the store; wait for it to end and try again"
    if "full" in said:
        return "the disk is full; what was committed before is safe: make room and run the same command again"
    if "readonly" in said:
        return "the store cannot be written to; check the permissions of the file and its folder"
    if "malformed" in said or "not a database" in said:
        return f"the store is damaged ({said}); restore a backup or replay the log into a new store"
    return f"the store cannot be used: {said}"
