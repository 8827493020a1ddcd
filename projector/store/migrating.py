"""A store of an older format made one of today's, after a backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from projector.domain.errors import StoreError
from projector.store.seals import SEALED, reckoned
from projector.store.sqlite import SCHEMA, WAIT_FOR_LOCK
from projector.store.tables import create_derived

_FIRST_DERIVED: Final = (  # what the first format derived, and how
    "root_account",
    "institution",
    "stream",
    "aggregate",
    "timeline",
    "mention",
    "part",
    "wanderer",
    "heard",
    "derivation",
)


def migrate(path: Path, found: int, due: int) -> Path:
    """The backup that was made before a store was brought from one format to another.

    The log is left as it is, old events as they were packed. What was derived is left to the rebuild that
    follows: until then the rules are 0.

    Raises:
        StoreError: the backup cannot be made, or somebody else is using the store; nothing was changed.
    """
    backup = path.with_name(f"{path.name}.format-{found}")
    if backup.exists():
        raise StoreError(f"{path} must be migrated from format {found}, but {backup} is in the way; move it elsewhere")
    try:
        with closing(sqlite3.connect(path.absolute(), isolation_level=None, timeout=WAIT_FOR_LOCK)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # so that nothing comes between the copy and the change
            if connection.execute("PRAGMA user_version").fetchone()[0] != found:
                return backup  # somebody else was quicker
            _copy(path, backup)
            _change(connection.cursor(), due)
            connection.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        backup.unlink(missing_ok=True)
        raise StoreError(
            f"{path} is of format {found} and must be migrated, but that failed: {error}; nothing was changed"
        ) from error
    return backup


def _copy(path: Path, backup: Path) -> None:
    with closing(sqlite3.connect(path.absolute())) as source, closing(sqlite3.connect(backup)) as copy:
        backup.chmod(0o600)
        source.backup(copy)


def _change(cursor: sqlite3.Cursor, due: int) -> None:
    for table in _FIRST_DERIVED:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            cursor.execute(statement)
    cursor.execute("INSERT INTO derivation VALUES (0, 0)")
    create_derived(cursor, 0)
    for table in SEALED:
        cursor.execute("INSERT INTO seal VALUES (?, ?, ?)", (table, *reckoned(cursor, table)))
    cursor.execute(f"PRAGMA user_version = {due}")
