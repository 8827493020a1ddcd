"""The first rows of a query as a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from projector.lake.rows import Rows
from projector.serve.notebook.html import Html, answer, element, paragraph, table
from projector.serve.notebook.shortening import shortened
from projector.serve.screen.text import are_numbers, cell_text, counted

_ROWS: Final = 20
_NULL: Final = element("i", "null", look="dim")


def rows_table(rows: Rows) -> Html:
    """The first rows, and how to see all; a loop over them begins with the first one all the same."""
    beginning, more = rows.beginning(_ROWS)
    numbers = [n for n, column in enumerate(zip(*beginning, strict=True)) if are_numbers(column)]
    headings = [shortened(column) for column in rows.columns]
    said = f"The first {_ROWS} rows; fetchall() has all." if more else f"{counted(len(beginning), 'row')}."
    return answer(
        table(headings, ([_cell(value) for value in row] for row in beginning), numbers=numbers),
        paragraph([said], "dim"),
    )


def _cell(value: Any) -> str:
    if value is None:
        return _NULL
    text = shortened(cell_text(value))
    return element("span", text, look="one line") if isinstance(value, datetime) else text
