"""What an export is to hold: a format, kinds, and columns that are left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Final, Literal, Self, get_args

from attrs import frozen

from projector.domain.arguments import shown
from projector.domain.catalogue import KINDS, Kind, kind_named
from projector.domain.errors import BadQuestion
from projector.lake.layout import ALWAYS, KNOWN, columns_of

ExportFormat = Literal["parquet", "csv", "arrow", "duckdb"]
FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)

_NEEDED: Final = (*ALWAYS, *KNOWN, "status")  # by the macros
_NEEDED_OF: Final[dict[Kind, str]] = {
    "link": "learning_outcome_id",  # by which it is in the tree
    "result": "continued_by",  # what is continued has no row any more
}


@frozen
class ExportChoice:
    """A format, the kinds whose tables are written, and the names of what is left out."""

    format: ExportFormat
    kinds: tuple[Kind, ...]
    without: tuple[str, ...]

    @classmethod
    def of(cls, format: str, kinds: str | Iterable[str] | None, without: str | Iterable[str]) -> Self:
        """A choice as it is asked for.

        Args:
            format: One of `FORMATS`.
            kinds: One kind or several; None: all.
            without: Names of columns, in one text with commas between them, or several.

        Raises:
            BadQuestion: there is no such format, kind or column, or the choice leaves nothing of a table.

        >>> ExportChoice.of("csv", ["scale"], "color,context_id").tables["scale_ratings"][-3:]
        ('points', 'mastery', 'context_type')
        """
        choice = cls(_format(format), _kinds(kinds), _names(without))
        choice._see_that_columns()
        return choice

    @property
    def tables(self) -> dict[str, tuple[str, ...]]:
        """The tables that are written, with the columns that they have."""
        return {
            table: tuple(name for name in columns if name not in self.without)
            for kind in self.kinds
            for table, columns in columns_of(kind).items()
        }

    def _see_that_columns(self) -> None:
        """See that what is left out are columns that can be."""
        columns = {name for kind in KINDS for of_table in columns_of(kind).values() for name in of_table}
        for name in self.without:
            if name not in columns:
                raise BadQuestion(f"no table has a column {shown(name)}{_close(name, columns)}")
            if self.format == "duckdb" and name in self._needed():
                raise BadQuestion(f"the macros of a DuckDB file need {name}; keep it, or choose another format")
        for table, left in self.tables.items():
            if not left:
                raise BadQuestion(f"the table {table} would have no columns; leave out fewer")

    def _needed(self) -> Iterator[str]:
        yield from _NEEDED
        yield from (name for kind, name in _NEEDED_OF.items() if kind in self.kinds)


def _format(asked: object) -> ExportFormat:
    if asked in FORMATS:
        return asked
    raise BadQuestion(f"unknown format {shown(asked)}; the formats are {', '.join(FORMATS)}")


def _kinds(asked: object) -> tuple[Kind, ...]:
    if asked is None:
        return KINDS
    named = {kind_named(one) for one in _texts(asked, "kinds")}
    if not named:
        raise BadQuestion(f"no kind is named; name one or more of {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in named)


def _names(asked: object) -> tuple[str, ...]:
    if isinstance(asked, str):
        asked = [name for name in map(str.strip, asked.split(",")) if name]
    return tuple(dict.fromkeys(_texts(asked, "without")))


def _texts(asked: object, what: str) -> list[str]:
    """Several names; of a text that one."""
    if isinstance(asked, str):
        return [asked]
    if isinstance(asked, Iterable) and not isinstance(asked, bytes):
        names = list(asked)
        if all(isinstance(name, str) for name in names):
            return names
    raise BadQuestion(f"{what} must be names, not {shown(asked)}")


def _close(name: str, columns: Collection[str]) -> str:
    close = get_close_matches(name, sorted(columns), n=1)
    return f"; there is {close[0]}" if close else "; docs/reference/tables.md lists all"
