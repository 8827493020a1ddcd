"""The reference of the command line says which columns a narrow terminal leaves out, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from projector.serve.screen.impact import OUTCOME_COLUMNS
from projector.serve.screen.impact import SCORE_COLUMNS as IMPACT_COLUMNS
from projector.serve.screen.lists import DIFFERENCE_COLUMNS, QUARANTINE_COLUMNS, TENANT_COLUMNS, list_columns
from projector.serve.screen.scores import DAY, SCORE_COLUMNS, SUMMARY_COLUMNS
from projector.serve.screen.table import Column
from tests.blocks import DOCS

HEADING: Final = "| table | columns | left out, the first one first |"
TABLES: Final[dict[str, Sequence[Column]]] = {
    "`list result`": list_columns("result"),
    "`list` of any other kind": list_columns("outcome"),
    "`scores`": SCORE_COLUMNS,
    "`scores --summary`": SUMMARY_COLUMNS,
    "`impact`, of learners": IMPACT_COLUMNS,
    "`impact`, by outcome": OUTCOME_COLUMNS,
    "`diff`": DIFFERENCE_COLUMNS,
    "`tenants`": TENANT_COLUMNS,
    "`quarantine list`": QUARANTINE_COLUMNS,
}


def documented() -> dict[str, tuple[str, str]]:
    """The rows of the table in the section Screens."""
    _, _, table = (DOCS / "reference/cli.md").read_text(encoding="utf-8").partition(HEADING)
    rows = table.split("\n\n", 1)[0].strip().splitlines()[1:]
    return {name: (columns, leaving) for name, columns, leaving in (row.strip("| ").split(" | ") for row in rows)}


def test_every_table_is_documented() -> None:
    """And no other."""
    assert {*documented()} == {*TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_the_documented_columns_are_those_of_the_table(name: str) -> None:
    """With the order in which they are left out."""
    columns, leaving = documented()[name]
    assert columns == ", ".join(column.heading for column in TABLES[name])
    leaves = sorted((column for column in TABLES[name] if column.leaves), key=lambda column: -column.leaves)
    assert leaving == (", ".join(column.heading for column in leaves) or "none")


def test_the_day_of_a_score_is_never_left_out() -> None:
    """As the page says of `scores --over`."""
    assert DAY.leaves == 0
