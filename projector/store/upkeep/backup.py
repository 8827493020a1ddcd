"""Copies a store into a new file, which appears when it is complete."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from projector.domain.arguments import shown_path
from projector.domain.errors import BadQuestion
from projector.store.failures import not_written
from projector.store.log.kept import KeptLog
from projector.store.log.transactions import Transactions


def copy_database(source: sqlite3.Connection, file: Path) -> None:
    """Copy a database, as of one moment, into a new file for its owner only.

    In one step: a copy in several would start again whenever another process commits. What a copy that was ended left
    behind is removed by the next one of the same name; its own name is made from that, and is nobody's by chance.

    Raises:
        FileExistsError: the file exists already.
        OSError, sqlite3.Error: it cannot be written; nothing is left behind.
    """
    _see_that_it_is_free(file)
    partial = file.with_name(f".{sha256(os.fsencode(file.name)).hexdigest()[:16]}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whatever becomes of it
        _see_that_it_is_free(file)
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


def _see_that_it_is_free(file: Path) -> None:
    if file.exists():
        raise FileExistsError(f"{file} exists")


def back_up(log: Transactions, file: Path) -> bytes:
    """The head hash of a copy of the store, made while it is read and written, by the database's own online backup.

    Raises:
        BadQuestion: the file exists already, or cannot be written.
        StoreError: there is no room for it.
    """
    with log.connection() as source:
        try:
            copy_database(source, file)
        except FileExistsError as error:
            raise BadQuestion(f"{shown_path(str(file))} exists already; name a new file for the backup") from error
        except (OSError, sqlite3.OperationalError) as error:
            raise not_written(file, error) from error
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
        return KeptLog(copy).head().hash
