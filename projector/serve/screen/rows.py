"""The rows of a query as a table, printed while they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final

from rich.console import Console

from projector.serve.screen.table import Column, Faint, stream_table
from projector.serve.screen.text import are_numbers, cell_text, moment, plain

_LOOKED_AT: Final = 200  # rows that say which columns are numbers
_NULL: Final = Faint("null")


def stream_rows(console: Console, columns: Sequence[str], rows: Iterable[Sequence[Any]], tz: str) -> int:
    """Print rows while they are read; return the number of rows.

    Where a terminal has no room for all columns, the last ones are left out.

    Args:
        tz: The zone in which instants are printed.
    """
    waiting = iter(rows)
    first = [*islice(waiting, _LOOKED_AT)]
    cells = ([cell(value, tz) for value in row] for row in chain(first, waiting))
    return stream_table(console, [*_columns(columns, first)], cells, "--csv", headings=True)


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[Column]:
    """The columns of a query: the first one always shown, of the others the last left out first."""
    for number, name in enumerate(names):
        values = [row[number] for row in rows]
        yield Column(plain(name), number=are_numbers(values), whole=_are_instants(values), cut=True, leaves=number)


def _are_instants(values: Iterable[Any]) -> bool:
    return any(isinstance(value, datetime) for value in values)


def cell(value: Any, tz: str) -> str:
    """A value on a screen: instants in a zone, NULL by its name.

    >>> cell(None, "UTC"), cell("", "UTC"), cell(3.0, "UTC")
    ('null', '', '3')
    """
    match value:
        case None:
            return _NULL
        case datetime() if value.tzinfo:
            return moment(value, tz)
    return cell_text(value)
