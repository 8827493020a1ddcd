"""Errors of the database as sentences that say what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from eventsourcing.persistence import ConnectionPoolClosedError, PersistenceError

from projector.domain.arguments import shown_path
from projector.domain.errors import BadQuestion, ProjectorError, StoreError

_SAFE: Final = "what was committed before is safe"
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def not_written(file: object, error: OSError | sqlite3.Error) -> ProjectorError:
    """What to say where a file that was named cannot be written, or not to its end."""
    name, reason = shown_path(str(file)), error.strerror if isinstance(error, OSError) else str(error)
    if getattr(error, "errno", None) in _NO_ROOM or "is full" in str(error) or "disk I/O" in str(error):
        return StoreError(f"{name} could not be written completely: {reason}; make room and run the same command again")
    return BadQuestion(f"{name} cannot be written: {reason}; name another file")


FAILURES: Final = (PersistenceError, ConnectionPoolClosedError, sqlite3.Error)


@contextmanager
def advised() -> Iterator[None]:
    """Turn a failure of the database into a `StoreError` that says what to do."""
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
    if "is full" in said:
        return f"the disk is full; {_SAFE}: make room and run the same command again"
    if "disk I/O" in said:
        return f"the disk is full, or fails ({said}); {_SAFE}: make room and run the same command again"
    if "unable to open" in said:
        return "the store cannot be opened; check the permissions of the file and its folder"
    if "readonly" in said:
        return "the store cannot be written to; check the permissions of the file and its folder"
    if "malformed" in said or "not a database" in said:
        return f"the store is damaged ({said}); restore a backup or replay the log into a new store"
    return f"the store cannot be used: {said}"
