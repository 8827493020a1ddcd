"""Whether the tables of a store hold what tables made from the beginning hold."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import projector

TABLES = [f"stored.{kind}s" for kind in projector.KINDS]


def rows(p: projector.Projector) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables of a store."""
    found = {table: p.sql(f"FROM {table} ORDER BY ALL").fetchall() for table in TABLES}
    return found | {"store": p.sql("SELECT position, recorded_at, head_hash FROM store").fetchall()}


def see_that_right(p: projector.Projector) -> None:
    """See that the tables of a store hold the same rows as those of a copy of it, which has none yet."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        p.backup(copy)
        with projector.open(copy) as other:
            assert rows(p) == rows(other)


def names_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
