"""Writes tables to files of other formats: a file for each table and a manifest, or one DuckDB file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
from attrs import frozen

from projector.domain.catalogue import Kind
from projector.domain.errors import BadQuestion
from projector.domain.rules import VERSION
from projector.domain.upkeep import OnStep
from projector.lake.choice import ExportChoice
from projector.lake.columns import RATINGS, RATINGS_OF
from projector.lake.export_source import ExportSource, export_source
from projector.lake.folder import is_for_duckdb
from projector.lake.layout import (
    UNSEEN,
    columns_of,
    definitions,
    name_in_sql,
    selected,
    stored_columns,
    stored_kinds,
    table_of,
)
from projector.lake.manifest import DEFINED_IN_DUCKDB, KEPT_IN_DUCKDB, Manifest
from projector.lake.sessions import Configuration
from projector.lake.writers import write_batches

_DATABASE: Final[Configuration] = {
    "memory_limit": "256MiB",
    "fsync_mode": "NONE",  # it is synchronised before it has its name
    "storage_compatibility_version": "v1.2.0",  # what clients that are a few years old can open
}
_INSTANT: Final = "TIMESTAMP WITH TIME ZONE"
_AS_TEXT: Final = """strftime("{name}", '%Y-%m-%dT%H:%M:%S.%fZ')"""
_IN_ORDER: Final = ("valid_from", "known_from", "place")  # those of a table, after its tenant and id


@frozen
class Written:
    """What an export is made of; the files by their names within it, none where it is one file."""

    manifest: Manifest
    files: tuple[str, ...]


def export(path: Path, choice: ExportChoice, new: Path, on_step: OnStep | None = None) -> Written:
    """Write tables of a tables file.

    Args:
        path: The tables file.
        new: What is made: a folder, of the format ``duckdb`` a file. Nothing is there yet.
        on_step: Called with the number of rows written, and of all.

    Raises:
        DamagedTables: the tables file is missing or damaged.
        BadQuestion: DuckDB cannot open a file of that path.
        StoreError: there is no room, or no memory.
        OSError: a file cannot be written.
    """
    with export_source(path, choice, on_step) as source:
        return _database(source, choice, new) if choice.format == "duckdb" else _folder(source, choice, new)


# a file for each table


def _folder(source: ExportSource, choice: ExportChoice, new: Path) -> Written:
    new.mkdir(mode=0o700)
    source.count(choice.tables)
    rows = {
        table: _write(source, choice, new, kind, table, columns)
        for kind in choice.kinds
        for table, columns in columns_of(kind).items()
    }
    manifest = _manifest(source, choice, rows)
    return Written(manifest, (*(_file_of(table, choice) for table in rows), manifest.write(new)))


def _file_of(table: str, choice: ExportChoice) -> str:
    return f"{table}.{choice.format}"


def _write(
    source: ExportSource, choice: ExportChoice, new: Path, kind: Kind, table: str, columns: Sequence[str]
) -> int:
    """Write the file of a table; return how many rows it has."""
    order = [name for name in _IN_ORDER if name in columns]
    with (new / _file_of(table, choice)).open("xb") as file:
        return write_batches(choice.format, file, source.batches(kind, _selection(source, choice, table), order))


def _selection(source: ExportSource, choice: ExportChoice, table: str) -> str:
    types, columns = source.types(table), choice.tables[table]
    if choice.format == "csv":
        instants = {name: _AS_TEXT.format(name=name) for name in columns if types[name] == _INSTANT}
    else:
        instants = {}
    return f"SELECT {selected({name: instants.get(name, name_in_sql(name)) for name in columns})} FROM {table}"


def _manifest(source: ExportSource, choice: ExportChoice, rows: Mapping[str, int]) -> Manifest:
    position, recorded_at, head_hash, rules, format, _ = source.store()
    tables = {name: (rows[name], columns) for name, columns in choice.tables.items()}
    return Manifest(position, recorded_at, head_hash, rules, format, choice.without, tables)


# one DuckDB file


def _database(source: ExportSource, choice: ExportChoice, new: Path) -> Written:
    if not is_for_duckdb(str(new)):
        raise BadQuestion("DuckDB cannot open a path with ?, \\ or bytes that are not text; name another place")
    kinds = stored_kinds(choice.kinds)
    source.count(f"stored.{table_of(kind)}" for kind in kinds)
    with closing(duckdb.connect(str(new), config=_DATABASE)) as database:
        new.chmod(0o600)
        database.execute("BEGIN")
        for statements in definitions(choice.kinds, choice.without):
            database.execute(statements)
        for kind in kinds:
            _insert(source, choice, database, kind)
        *kept, _ = source.store()
        database.execute("INSERT INTO store VALUES (?, ?, ?, ?, ?, ?)", (*kept, f"outcome-projector {VERSION}"))
        database.execute(DEFINED_IN_DUCKDB)
        database.execute(KEPT_IN_DUCKDB, [list(choice.without)])
        database.execute("COMMIT")
        database.execute("CHECKPOINT")
        rows = {table: _count(database, table) for table in choice.tables}
    return Written(_manifest(source, choice, rows), ())


def _count(database: duckdb.DuckDBPyConnection, table: str) -> int:
    ((count,),) = database.sql(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)


def _insert(source: ExportSource, choice: ExportChoice, database: duckdb.DuckDBPyConnection, kind: Kind) -> None:
    table = table_of(kind)
    values = selected({name: _stored_value(choice, kind, name) for name in stored_columns(kind)})
    for batch in source.batches(kind, f"SELECT {values} FROM stored.{table}", ("valid_from", "known_from")):
        rows = pa.table(batch)
        database.execute(f"INSERT INTO stored.{table} BY NAME FROM rows")  # what is registered is kept to the end
        del rows, batch


def _stored_value(choice: ExportChoice, kind: Kind, name: str) -> str:
    """What a column of the stored rows holds: nothing where it is left out, or is not needed."""
    if name in choice.without or not (kind in choice.kinds or name in UNSEEN):
        return "NULL"
    if name == RATINGS:
        parts = (
            (part.name, f"CAST(NULL AS {part.type})" if part.name in choice.without else f'rating."{part.name}"')
            for part in RATINGS_OF[kind].parts
        )
        packed = ", ".join(f'"{part}" := {value}' for part, value in parts)
        return f"list_transform({RATINGS}, lambda rating: struct_pack({packed}))"
    return name_in_sql(name)
