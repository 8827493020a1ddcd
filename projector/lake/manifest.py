"""What an export says of itself: ``manifest.json`` of a folder, ``stored.exported`` of a DuckDB file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

import duckdb
from attrs import frozen

from projector.domain.canonical import read_json, write_json
from projector.domain.instants import from_datetime, to_text
from projector.domain.rules import VERSION
from projector.lake.choice import FORMATS
from projector.lake.layout import text_in_sql
from projector.lake.sessions import NO_EXTENSIONS

_NAME: Final = "manifest.json"
_PROGRAM: Final = "outcome-projector"

DEFINED_IN_DUCKDB: Final = "CREATE TABLE stored.exported (without VARCHAR[])"  # the names of what was left out
KEPT_IN_DUCKDB: Final = "INSERT INTO stored.exported VALUES (?)"


@frozen
class Manifest:
    """Of which store an export is, and what is in it."""

    position: int
    recorded_at: Any
    head_hash: str
    rules: int
    format: int
    without: tuple[str, ...]
    tables: Mapping[str, tuple[int, tuple[str, ...]]]  # rows and columns

    def write(self, folder: Path) -> str:
        """Write it into the folder of an export; return the name of the file."""
        recorded_at = None if self.recorded_at is None else to_text(from_datetime(self.recorded_at))
        text = write_json(
            {
                "program": _PROGRAM,
                "version": VERSION,
                "format": self.format,
                "rules": self.rules,
                "position": self.position,
                "recorded_at": recorded_at,
                "head_hash": self.head_hash,
                "without": self.without,
                "tables": {name: {"rows": rows, "columns": columns} for name, (rows, columns) in self.tables.items()},
            }
        )
        (folder / _NAME).write_bytes(text + b"\n")
        return _NAME


def is_export(path: Path) -> bool:
    """Whether a file or a folder is an export and holds nothing else."""
    return _is_folder_of_export(path) if path.is_dir() else _is_file_of_export(path)


def _is_folder_of_export(path: Path) -> bool:
    try:
        said = read_json((path / _NAME).read_bytes())
        tables = set(said["tables"]) if said["program"] == _PROGRAM else set()
        ours = {_NAME, *(f"{table}.{format}" for table in tables for format in FORMATS)}
        return bool(tables) and all(file.name in ours and file.is_file() for file in path.iterdir())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _is_file_of_export(path: Path) -> bool:
    with suppress(duckdb.Error, UnicodeError), closing(duckdb.connect(":memory:", config=NO_EXTENSIONS)) as connection:
        connection.execute(f"ATTACH {text_in_sql(str(path))} AS export (READ_ONLY)")
        connection.execute("FROM export.store, export.stored.exported")
        return True
    return False
