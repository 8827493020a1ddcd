"""Removes quarantined inputs and people for good, also from the files beside the database."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Final

from projector.domain.errors import StoreError
from projector.store.log.log import EventLog
from projector.store.log.quarantine import QuarantineFilter, drop_inputs

_PATIENCE: Final = 5.0  # seconds that readers are waited for
_PAUSE: Final = 0.1


def drop_quarantined(log: EventLog, which: QuarantineFilter) -> int:
    """Delete inputs from a log's quarantine and overwrite their bytes; return how many.

    Raises:
        StoreError: it was done, but a reader keeps what was written before.
    """
    with log.transaction(commit=True) as cursor:
        dropped = drop_inputs(cursor, which)
    empty_side_file(log)
    return dropped


def forget_people(log: EventLog, user_uuid: str | None) -> int:
    """Delete the names of one learner, or with None of all, and overwrite them; return how many.

    Raises:
        StoreError: it was done, but a reader keeps what was written before.
    """
    forgotten = log.forget_people(user_uuid)
    empty_side_file(log)
    return forgotten


def empty_side_file(log: EventLog) -> None:
    """Take what SQLite wrote ahead of the database into it, and empty that file.

    Raises:
        StoreError: another process has been reading all the while.
    """
    with log.connection() as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        end = monotonic() + _PATIENCE
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if monotonic() > end:
                raise StoreError(
                    f"done, but this process or another one is reading the store, and {log.location.path}-wal"
                    " still holds the old text; when that has ended, run the same command again"
                )
            sleep(_PAUSE)
