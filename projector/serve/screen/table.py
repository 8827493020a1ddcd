"""Tables of an answer: fitted to the width of a terminal, or as whole lines for a pipe or a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from attrs import define, field, frozen
from rich.cells import cell_len, chop_cells, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from projector.serve.screen.text import in_middle, printable

GAP: Final = 2  # spaces between columns
_AT_ONCE: Final = 200  # rows that are laid out together
_READABLE: Final = 16  # a column of text is not made narrower while another one can be left out
_LONGEST_WORD: Final = 32  # a longer one is cut where there is no room
_NARROWEST: Final = 4
_WIDEST_ALIGNED: Final = 60  # in lines: what follows a longer cell is not aligned


class Faint(str):
    """A cell that is written faintly on a terminal, such as the null of a query."""

    __slots__ = ()


@frozen
class Column:
    """A column: its heading and how its cells are written.

    ``number``: aligned at the right. ``whole``: never continued on the next line, as instants, ids and numbers are.
    ``cut``: neither, but cut at its end where it has no room.
    ``leaves``: where the columns have no room, that with the highest number is left out first, then the next; one with
    0 never is.
    """

    heading: str
    number: bool = field(default=False, kw_only=True)
    whole: bool = field(default=False, kw_only=True)
    cut: bool = field(default=False, kw_only=True)
    leaves: int = field(default=0, kw_only=True)


@define
class Fitted:
    """Columns fitted to a width: which of them are shown, and how wide each is.

    For the rows that follow columns become wider where a row needs it, and further ones may be left out.
    """

    columns: Sequence[Column]
    room: int
    shown: list[int]
    _naturals: list[int] = field(init=False)
    _least: list[int] = field(init=False)

    @classmethod
    def to(cls, room: int, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Fitted:
        """The columns of a table whose first rows are known.

        >>> columns = [Column("Outcome"), Column("Method", leaves=1)]
        >>> Fitted.to(20, columns, [("Weighs evidence", "Decaying Average")]).shown
        [0]
        """
        fitted = cls(columns, room, [*range(len(columns))])
        fitted._naturals, fitted._least = [0] * len(columns), [0] * len(columns)
        fitted.fit(rows)
        return fitted

    def fit(self, rows: Sequence[Sequence[str]]) -> None:
        """Fit the columns to these rows as well."""
        self._measure(rows)
        while self.needs > self.room and (leaving := [n for n in self.shown if self.columns[n].leaves]):
            self.shown.remove(max(leaving, key=lambda n: self.columns[n].leaves))

    def _measure(self, rows: Sequence[Sequence[str]]) -> None:
        for n, column in enumerate(self.columns):
            cells = [row[n] for row in rows]
            widest, word = max(map(cell_len, cells), default=0), max(map(_longest_word, cells), default=0)
            one_line = column.whole or column.number
            heading = _longest_word(column.heading)
            natural = max(widest, heading if one_line else cell_len(column.heading))
            readable = min(widest, _READABLE)
            least = max(heading, widest if one_line else readable if column.cut else max(word, readable))
            self._naturals[n] = max(self._naturals[n], natural)
            self._least[n] = max(self._least[n], least)

    @property
    def needs(self) -> int:
        """The least width that the columns that are shown have room in."""
        return sum(self._least[n] for n in self.shown) + GAP * (len(self.shown) - 1)

    @property
    def widths(self) -> list[int]:
        """The width of each column that is shown: of the widest one less, until all fit."""
        least = [self._least[n] for n in self.shown]
        found = shrunk([min(self._naturals[n], self.room) for n in self.shown], least, self.room)
        return shrunk(found, [_NARROWEST] * len(found), self.room)

    @property
    def left_out(self) -> list[str]:
        """The headings of the columns that are not shown."""
        return [column.heading for n, column in enumerate(self.columns) if n not in self.shown]


def shrunk(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widths of columns, the widest made narrower until all fit or none can be.

    >>> shrunk([4, 60, 10], [4, 8, 10], 44), shrunk([30, 30], [20, 30], 40)
    ([4, 26, 10], [20, 30])
    """
    found = list(widths)
    while sum(found) + GAP * (len(found) - 1) > room:
        spare = [n for n, width in enumerate(found) if width > least[n]]
        if not spare:
            break
        found[max(spare, key=found.__getitem__)] -= 1
    return found


def stream_table(
    console: Console,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    more: str = "--json",
    *,
    headings: bool = False,
) -> int:
    """Print rows as a table while they are read; return the number of rows.

    On a terminal long texts continue between words on the next line, and columns that have no room are left out and
    named below. Elsewhere each row is one whole line.

    Args:
        more: How to see the columns that are left out.
        headings: Whether the headings are printed where there is no row.
    """
    if not console.is_terminal:
        return _print_lines(console, columns, rows, headings=headings)
    waiting, printed, fitted = iter(rows), 0, Fitted.to(console.width, columns, ())
    shown: list[int] = []  # by the headings that are printed
    while (page := list(islice(waiting, _AT_ONCE))) or (headings and not shown):
        fitted.fit(page)
        console.print(_table(fitted, page, with_headings=fitted.shown != shown))
        shown = [*fitted.shown]
        printed += len(page)
    if shown and fitted.left_out:
        left_out = ", ".join(fitted.left_out)
        note = f"Not shown for lack of room: {left_out}. Use a wider terminal, or {more}, to see all columns."
        console.print(Text(note, style="dim"))
    return printed


def _table(fitted: Fitted, page: Iterable[Sequence[str]], *, with_headings: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=with_headings)
    shown = [(n, fitted.columns[n], width) for n, width in zip(fitted.shown, fitted.widths, strict=True)]
    for _, column, width in shown:
        heading = Text(in_lines(column.heading, width), style="bold")
        table.add_column(heading, justify="right" if column.number else "left", width=width, no_wrap=True)
    for row in page:
        table.add_row(*(_cell(row[n], column, width) for n, column, width in shown))
    return table


def _cell(cell: str, column: Column, width: int) -> Text:
    text = shortened(cell, width) if column.cut else in_lines(cell, width)
    return Text(text, style="dim" if isinstance(cell, Faint) else "")


def in_lines(text: str, width: int) -> str:
    r"""A text in lines of a width that end between words; a longer word is shortened in its middle.

    >>> in_lines("Interprets data and graphs", 12)
    'Interprets\ndata and\ngraphs'
    """
    if cell_len(text) <= width:
        return text
    lines = [""]
    for word in text.split():
        first, *more = _in_width(word, width)
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(first) > width:
            lines.append(first)
        else:
            lines[-1] += f" {first}" if lines[-1] else first
        lines += more
    return "\n".join(lines)


def _in_width(word: str, width: int) -> list[str]:
    """A word that is too long in parts where it is of a script without spaces, else shortened in its middle."""
    is_wide = cell_len(word) > len(word)
    return chop_cells(word, width) if is_wide and cell_len(word) > width else [in_middle(word, width)]


def shortened(text: str, most: int) -> str:
    """A text that fits into so many columns: of a longer one the first words, or a part of the first word.

    >>> shortened("Interprets data and graphs", 20), shortened("Interprets", 5)
    ('Interprets data and…', 'Inte…')
    """
    if cell_len(text) <= most:
        return text
    beginning = set_cell_size(text, most - 1)
    words = beginning if text[len(beginning) :].startswith(" ") else beginning.rpartition(" ")[0]
    return f"{(words if 2 * cell_len(words) >= most else beginning).rstrip()}…"


def _print_lines(console: Console, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, headings: bool) -> int:
    printed = 0
    for printed, line in enumerate(table_lines(columns, rows, headings=headings)):  # noqa: B007
        console.file.write(printable(line) + "\n")
    return printed


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, headings: bool = False) -> Iterator[str]:
    """A line for the headings and for each row, columns aligned and two spaces apart.

    Args:
        headings: Whether there is a line for the headings where there is no row.

    >>> columns = [Column("Outcome"), Column("Scores", number=True)]
    >>> print(*table_lines(columns, [("Weighs evidence", "73"), ("States limits", "8")]), sep="\\n")
    Outcome          Scores
    Weighs evidence      73
    States limits         8
    """
    waiting, widths, first = iter(rows), [0] * len(columns), True
    while (page := [[_one_line(cell) for cell in row] for row in islice(waiting, _AT_ONCE)]) or (headings and first):
        lines = [[column.heading for column in columns], *page] if first else page
        for n, cells in enumerate(zip(*lines, strict=True)):
            widths[n] = max(widths[n], min(max(map(cell_len, cells)), _WIDEST_ALIGNED))
        for line in lines:
            aligned = (_aligned(*it) for it in zip(line, widths, columns, strict=True))
            yield (" " * GAP).join(aligned).rstrip()
        first = False


def _aligned(cell: str, width: int, column: Column) -> str:
    blanks = " " * (width - cell_len(cell))
    return blanks + cell if column.number else cell + blanks


def _one_line(cell: str) -> str:
    """A cell without two spaces in a row, which would look like the end of its column."""
    return " ".join(cell.split()) if "  " in cell else cell


def _longest_word(text: str) -> int:
    return min(max(map(cell_len, text.split()), default=0), _LONGEST_WORD)
