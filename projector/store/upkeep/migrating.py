"""Migrates a store of an older format, after a backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Final

from projector.domain.errors import StoreError
from projector.store.failures import advice
from projector.store.index.tables import DERIVATION, create_derived
from projector.store.log.checksums import CHECKSUMMED, deviation, renew_checksum
from projector.store.log.connections import WAIT_FOR_LOCK
from projector.store.log.recorder import KEPT
from projector.store.upkeep.backup import copy_database

_BATCH: Final = "SELECT number, first, last, recorded_at, source, hash FROM batch_before"  # as they were checksummed
_SOURCE_CHANGE: Final = "SELECT position, source FROM source_change"


def migrate(path: Path, found: int, due: int) -> Path | None:
    """The backup that was made before a store was brought from one format to another; None: another process did it.

    The log is left as it is, old events as they were packed. What was derived is left to the rebuild that follows:
    until then the rules are 0. Damage from before is found as before. Ended in the middle, the migration leaves the
    store as it was and perhaps the backup.

    Raises:
        StoreError: the backup cannot be made, or another process is using the store; nothing was changed.
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
    except sqlite3.DatabaseError:  # it is not a database at all
        return False


def _change(cursor: sqlite3.Cursor, found: int, due: int) -> None:
    _execute(cursor, "format_4_tables.sql")
    batches, changes = deviation(cursor, "batch", _BATCH), deviation(cursor, "source_change", _SOURCE_CHANGE)
    for statement in KEPT:  # those tables that are not there yet
        cursor.execute(statement)
    _execute(cursor, "format_4_sources.sql")
    if found == 1:  # which had no checksums
        for table in CHECKSUMMED:
            renew_checksum(cursor, table)
    else:  # the others' stay as they are
        renew_checksum(cursor, "batch", batches)
        renew_checksum(cursor, "source_range", (batches[0] + changes[0], batches[1] + changes[1]))
    cursor.execute(DERIVATION)
    cursor.execute("INSERT INTO derivation VALUES (0, 0)")
    create_derived(cursor)
    cursor.execute(f"PRAGMA user_version = {due}")


def _execute(cursor: sqlite3.Cursor, name: str) -> None:
    """Execute the statements of a file beside this one."""
    for statement in files(__package__).joinpath(name).read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            cursor.execute(statement)
