"""The rows of a query as a table, printed while they are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from projector.serve.screen.text import cell_text, moment, plain

_AT_ONCE: Final = 200  # rows that are laid out together; the first of them say how wide a column is
_GAP: Final = 2  # between columns
_NARROWEST: Final = 4


def stream_rows(console: Console, columns: Sequence[str], rows: Iterable[Sequence[Any]], tz: str) -> int:
    """Print rows while they are read, one line each, cut where they are too long; return the number of rows.

    Args:
        tz: The zone in which instants are printed.
    """
    waiting, printed = iter(rows), 0
    headings = [plain(column) for column in columns]
    page = _page(waiting, tz)
    widths = fitting([_width(cells) for cells in zip(map(Text, headings), *page, strict=True)], console.width)
    while page or not printed:
        console.print(_table(headings, widths, page, with_headings=not printed))
        printed += len(page)
        if not (page := _page(waiting, tz)):
            break
    return printed


def fitting(widths: Sequence[int], room: int) -> list[int]:
    """The widths of columns, the widest made narrower until all fit.

    >>> fitting([4, 60, 10], 44)
    [4, 26, 10]
    """
    found = list(widths)
    while sum(found) + _GAP * (len(found) - 1) > room and max(found) > _NARROWEST:
        found[found.index(max(found))] -= 1
    return found


def cell(value: Any, tz: str) -> Text:
    """A value on a screen: instants in a zone, NULL by its name.

    >>> cell(None, "UTC").plain, cell("", "UTC").plain, cell(3.0, "UTC").plain
    ('null', '', '3')
    """
    match value:
        case None:
            return Text("null", style="dim")
        case datetime() if value.tzinfo:
            return Text(moment(value, tz))
    return Text(cell_text(value))


def _page(rows: Iterable[Sequence[Any]], tz: str) -> list[list[Text]]:
    return [[cell(value, tz) for value in row] for row in islice(rows, _AT_ONCE)]


def _width(cells: Iterable[Text]) -> int:
    return max(1, *(text.cell_len for text in cells))


def _table(
    headings: Sequence[str], widths: Sequence[int], page: Iterable[Sequence[Text]], *, with_headings: bool
) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), show_header=with_headings)
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(Text(heading, style="bold"), width=width, no_wrap=True, overflow="ellipsis")
    for row in page:
        table.add_row(*row)
    return table
