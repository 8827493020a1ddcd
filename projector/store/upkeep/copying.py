"""A database copied into a new file, which is there once it is whole."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path


def copy_database(source: sqlite3.Connection, file: Path) -> None:
    """Copy a database, as it stands at one moment, into a new file for its owner only.

    In one step: a copy in several would begin anew whenever another process commits. What a copy that was ended left
    behind is removed by the next one of the same name; its own name is made from that, and is nobody's by chance.

    Raises:
        FileExistsError: the file is there already.
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
