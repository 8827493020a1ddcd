"""What is measured of exports; `exports` compares it."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import projector
from projector.lake.layout import columns_of
from tests.bench import lake
from tests.bench.measuring import Figures, timed


def export(store: str, out: str, format: str, without: str = "") -> Figures:
    """All tables, which are there already, in one format."""
    with projector.open(store, read_only=True) as p:
        p.sql("SHOW TABLES").fetchall()
        with timed() as spent:
            found = p.export(out, format, without=without)
    size = sum(file.stat().st_size for file in map(Path, found.files))
    return spent | {"rows": sum(found.tables.values()), "bytes": size}


def copy(store: str, out: str, order: str = "") -> Figures:
    """The same tables by DuckDB's own COPY, in Parquet as ours is.

    Args:
        order: Where it is not empty, in the order that ours has.
    """
    import duckdb  # of the extra `tables`

    (file,) = lake.files(store)
    folder = Path(out)
    rmtree(folder, ignore_errors=True)
    folder.mkdir()
    rows = 0
    with duckdb.connect(str(file), read_only=True) as bare, timed() as spent:
        bare.execute(f"SET temp_directory = '{folder / 'spilled'}'")
        for kind in projector.KINDS:
            for table, columns in columns_of(kind).items():
                by = [name for name in ("tenant", "id", "valid_from", "known_from", "place") if name in columns]
                query = f"SELECT * FROM {table} ORDER BY {', '.join(by)}" if order else f"FROM {table}"
                options = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
                ((written,),) = bare.execute(f"COPY ({query}) TO '{folder / table}.parquet' ({options})").fetchall()
                rows += written
    return spent | {"rows": rows}
