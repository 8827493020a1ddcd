"""Makes the lists of columns in `docs/reference/tables.md` from the tables: ``python -m tests.reference_tables``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import projector
from projector.domain.catalogue import KINDS
from projector.lake.layout import tables_of

PAGE: Final = Path(__file__).parent.parent / "docs/reference/tables.md"

COLUMNS: Final = "## Columns by table\n"
HEAD: Final = ("tenant", "id", "valid_from", "valid_to", "recorded_at")
_SHORT: Final[dict[str, str]] = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}


class Described(NamedTuple):
    """A column, as ``DESCRIBE`` names it."""

    name: str
    type: str


def tables() -> list[str]:
    """Every table with a row for each version or rating, by what is known now."""
    return [table for kind in KINDS for table in tables_of(kind) if not table.endswith("_bitemporal")]


def described(p: projector.Projector, table: str) -> list[Described]:
    """The columns of a table, or of what a macro gives."""
    described = (Described(*row[:2]) for row in p.sql(f"DESCRIBE FROM {table}"))
    return [column._replace(type=_SHORT.get(column.type, column.type)) for column in described]


def page() -> str:
    """The whole page: what is written before the lists stays."""
    before, _, _ = PAGE.read_text(encoding="utf-8").partition(COLUMNS)
    with projector.open(":memory:") as p:
        return "\n".join([before + COLUMNS, *_sections(p)])


def _sections(p: projector.Projector) -> Iterator[str]:
    columns = described(p, "outcomes")[: len(HEAD)]
    yield "Each table but `store` begins with these; in `_bitemporal`, `known_from` and `known_to` come after them:\n"
    yield _table(columns)
    for name in [*tables(), "store"]:
        yield f"### `{name}`\n"
        yield _table([column for column in described(p, name) if name == "store" or column not in columns])


def _table(columns: list[Described]) -> str:
    rows = [f"| `{column.name}` | {column.type} |" for column in columns]
    return "\n".join(["| column | type |", "|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
