"""Migrates a store of an older format, after a backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from projector.domain.errors import StoreError
from projector.store.failures import advice
from projector.store.index.tables import DERIVATION, create_derived
from projector.store.log.checksums import CHECKSUMMED, renew_checksum
from projector.store.log.connections import WAIT_FOR_LOCK
from projector.store.log.recorder import KEPT
from projector.store.upkeep.backup import copy_database

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
_SINCE_FORMAT_3: Final = ("source_change",)  # kept tables that format 2 did not have


def migrate(path: Path, found: int, due: int) -> Path | None:
    """The backup that was made before a store was brought from one format to another; None: somebody else did it.

    The log is left as it is, old events as they were packed. What format 1 derived is left to the rebuild that
    follows: until then the rules are 0. What format 2 derived stays valid. Ended in the middle, the migration leaves
    the store as it was and perhaps the backup.

    Raises:
        StoreError: the backup cannot be made, or somebody else is using the store; nothing was changed.
    """
    backup = path.with_name(f"{path.name}.format-{found}")
    try:
        with closing(sqlite3.connect(path.absolute(), isolation_level=None, timeout=WAIT_FOR_LOCK)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # so that nothing comes between the copy and the change
            if connection.execute("PRAGMA user_version").fetchone()[0] != found:
                return None
            _back_up(path, backup, found)
            _change(connection.cursor(), found, due)
            connection.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{path} must be migrated from format {found}; that failed, and nothing was changed: {advice(error)}"
        ) from error
    return backup


def _back_up(path: Path, backup: Path, found: int) -> None:
    with closing(sqlite3.connect(path.absolute(), isolation_level=None)) as source:
        if not backup.exists():
            copy_database(source, backup)
        elif not _is_copy(source, backup):
            raise StoreError(
                f"{path} must be migrated from format {found}, but {backup} is in the way; move it elsewhere"
            )


def _is_copy(source: sqlite3.Connection, backup: Path) -> bool:
    """Whether a file holds what the store holds: then a migration was ended after its backup."""
    try:
        source.execute("ATTACH ? AS copy", (str(backup.absolute()),))
        tables = [
            {name for (name,) in source.execute(f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'")}
            for schema in ("main", "copy")
        ]
        return tables[0] == tables[1] and not any(
            source.execute(
                f"SELECT 1 FROM (SELECT * FROM {one}.{table} EXCEPT SELECT * FROM {other}.{table}) LIMIT 1"
            ).fetchone()
            for table in tables[0]
            for one, other in (("main", "copy"), ("copy", "main"))
        )
    except sqlite3.DatabaseError:  # it is no database at all
        return False


def _change(cursor: sqlite3.Cursor, found: int, due: int) -> None:
    if found == 1:
        for table in _FIRST_DERIVED:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in KEPT:  # those tables that are not there yet
        cursor.execute(statement)
    if found == 1:
        cursor.execute(DERIVATION)
        cursor.execute("INSERT INTO derivation VALUES (0, 0)")
        create_derived(cursor)
    for table in (
        CHECKSUMMED if found == 1 else _SINCE_FORMAT_3
    ):  # older checksums stay, so that earlier damage is still found
        renew_checksum(cursor, table)
    cursor.execute(f"PRAGMA user_version = {due}")
