"""Values of Canvas as text for a screen, without control characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, Final
from zoneinfo import ZoneInfo

from projector.domain.arguments import SHOWN
from projector.serve.json.rows import csv_cell

_BLOCKS: Final = frozenset({"br", "div", "h1", "h2", "h3", "h4", "li", "p", "td", "tr", "ul"})


def plain(value: Any) -> str:
    r"""A value as one line of text; characters that would steer a terminal are shown as escapes.

    >>> plain("red\x1b[31m"), plain(3.0), plain(None)
    ('red\\x1b[31m', '3', '–')
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return printable(str(value))


def printable(text: str) -> str:
    r"""A text as one line, its control characters and those that turn the direction of writing as escapes.

    >>> printable("red\x1b[31m\u202e"), printable("")
    ('red\\x1b[31m\\u202e', '')
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in "\t\n\r":
        return " "
    steers = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return character.encode("unicode_escape").decode("ascii") if steers else character


def cell_text(value: Any) -> str:
    """A value of a table as one line of text: numbers as on cards, other values as in CSV.

    >>> cell_text(3.0), cell_text(True), cell_text(""), cell_text([1, None])
    ('3', 'true', '', '[1,null]')
    """
    if isinstance(value, int | float | str) and not isinstance(value, bool) and value != "":
        return plain(value)
    return printable(csv_cell(value))


def are_numbers(column: Iterable[Any]) -> bool:
    """Whether there is a number in a column, and nothing else but NULL.

    >>> are_numbers([3, None, 2.5]), are_numbers([None]), are_numbers([True])
    (True, False, False)
    """
    kinds = {type(value) for value in column} - {type(None)}
    return bool(kinds) and kinds <= {int, float, Decimal}


def without_tags(html: Any) -> str:
    """The words of a description that Canvas keeps as HTML.

    >>> without_tags("<h3>Cells</h3>grow &amp; <b>divide</b>")
    'Cells grow & divide'
    """
    if not isinstance(html, str):
        return plain(html)
    parser = _Text()
    parser.feed(html)
    parser.close()
    return plain(" ".join("".join(parser.parts).split()))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _BLOCKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.handle_starttag(tag, None)


def moment(instant: datetime, tz: str) -> str:
    """An instant on the reader's clock with its offset, and its fraction only where it has one.

    Questions accept every such text as it is printed, whatever their zone: an abbreviation such as ``CST`` names
    several offsets.

    >>> from datetime import UTC
    >>> moment(datetime(2019, 11, 5, 10, 3, 37, 526000, tzinfo=UTC), "UTC")
    '2019-11-05 10:03:37.526 UTC'
    >>> moment(datetime(2019, 11, 5, 10, 3, 37, tzinfo=UTC), "America/Denver")
    '2019-11-05 03:03:37 -07:00'
    """
    try:
        local = instant.astimezone(ZoneInfo(tz))
    except OverflowError:  # in the first or the last hours that there are
        local = instant
    spec = "seconds" if not local.microsecond else "microseconds" if local.microsecond % 1000 else "milliseconds"
    written = local.replace(tzinfo=None).isoformat(" ", timespec=spec)
    offset = local.isoformat(timespec="seconds")[len("2019-11-05T03:03:37") :]
    return f"{written} {offset if local.utcoffset() else 'UTC'}"


def beginning(text: str) -> str:
    """A text as a message names it: of a long one the first 60 characters.

    >>> beginning("Course/101"), beginning("5" * 100) == "5" * 60 + "…"
    ('Course/101', True)
    """
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def in_middle(text: str, most: int) -> str:
    """A text that fits into so many columns: a longer one is shortened in its middle.

    >>> in_middle("learner00000000000000000000000000000000017", 16), in_middle("303", 16)
    ('learner…00000017', '303')
    """
    from rich.cells import cell_len, set_cell_size  # not loaded for notebooks

    if cell_len(text) <= most:
        return text
    end = most // 2
    beginning, ending = set_cell_size(text, most - 1 - end), set_cell_size(text[::-1], end)[::-1]
    return f"{beginning.rstrip()}…{ending.lstrip()}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and what it counts.

    >>> counted(1, "event"), counted(1200, "event"), counted(2, "duplicate")
    ('1 event', '1,200 events', '2 duplicates')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
