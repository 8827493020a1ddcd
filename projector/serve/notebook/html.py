"""A small writer of HTML for notebooks: what it is given is text, and nothing else.

No text can make a tag or an attribute, steer the direction of writing, or be taken for a formula, which notebooks look
for between dollar signs. Colours are those of the notebook's theme.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, Literal

from projector.serve.screen.text import printable

Tag = Literal["b", "caption", "div", "i", "p", "span", "table", "tbody", "td", "th", "thead", "tr"]
Look = Literal[
    "plain",
    "answer",
    "block",
    "box",
    "cell",
    "dim",
    "nested",
    "number",
    "number heading",
    "one line",
    "swatch",
    "table",
    "title",
]

_STYLES: Final[dict[Look, str]] = {
    "plain": "",
    "answer": "text-align:left;overflow-wrap:break-word",
    "block": "margin:0.4em 0",
    "box": "display:inline-block",
    "cell": "text-align:left;vertical-align:top;max-width:40em",
    "dim": "opacity:0.7",
    "nested": "margin-left:1.2em",
    "number": "text-align:right;vertical-align:top",
    "number heading": "text-align:right;vertical-align:bottom",
    "one line": "white-space:nowrap",
    "swatch": "width:0.9em;height:0.9em;vertical-align:middle;margin-right:0.5em;border:1px solid currentColor",
    "table": "margin:0.4em 0;table-layout:auto",
    "title": "text-align:left;caption-side:top;padding:0.2em 0.5em;color:inherit",
}
_NO_FORMULAS: Final = "tex2jax_ignore mathjax_ignore"  # MathJax 2 and 3 leave elements of these classes alone
_COLOR: Final = re.compile(r"[0-9A-Fa-f]{6}", re.ASCII)


class Html(str):
    """HTML that this module wrote; any other text is escaped wherever it is put in."""

    __slots__ = ()


def written(text: str) -> Html:
    """A text as HTML.

    >>> written("<b>&\\0")
    '&lt;b&gt;&amp;\\\\x00'
    """
    return text if isinstance(text, Html) else Html(escape(printable(text)))


def element(tag: Tag, *contents: str, look: Look = "plain") -> Html:
    """An element with texts and other elements in it."""
    return _element(tag, contents, style=_STYLES[look])


def _element(tag: Tag, contents: Iterable[str], **attributes: str) -> Html:
    """An element whose attributes this module made; those that are empty are left out."""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items() if value)
    return Html(f"<{tag}{given}>{''.join(map(written, contents))}</{tag}>")


def answer(*parts: Html) -> Html:
    """A whole answer."""
    return _element("div", parts, **{"class": _NO_FORMULAS}, style=_STYLES["answer"])


def lines(texts: Iterable[str], look: Look = "plain") -> Html:
    """A text of several lines, as in a cell; nothing without any."""
    return Html("".join(element("div", text, look=look) for text in texts))


def paragraph(texts: Iterable[str], look: Look = "plain") -> Html:
    """Lines with some space above and below; nothing without any."""
    found = lines(texts, look)
    return element("div", found, look="block") if found else found


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    numbers: Sequence[int] = (),
    named_rows: bool = False,
) -> Html:
    """A table.

    Args:
        headings: Of the columns; none where they need none.
        rows: Texts, or elements.
        caption: What is above it.
        numbers: The columns that are aligned to the right.
        named_rows: Whether the first cell of each row is its heading.
    """
    title = element("caption", caption, look="title") if caption else Html()
    head = [_heading(text, "col", number=n in numbers) for n, text in enumerate(headings)]
    body: list[Html] = []
    for row in rows:
        names = [_heading(text, "row") for text in row[: int(named_rows)]]
        cells = [_cell(text, number=n in numbers) for n, text in enumerate(row) if n >= len(names)]
        body.append(element("tr", *names, *cells))
    heading = element("thead", element("tr", *head)) if head else Html()
    return element("table", title, heading, element("tbody", *body), look="table")


def _heading(text: str, scope: Literal["col", "row"], *, number: bool = False) -> Html:
    return _element("th", [text], scope=scope, style=_STYLES["number heading" if number else "cell"])


def _cell(text: str, *, number: bool = False) -> Html:
    return element("td", text, look="number" if number else "cell")


def indented(levels: int, text: str) -> Html:
    """A text, or an element, that many levels further right."""
    return _element("span", [text], style=f"{_STYLES['box']};padding-left:{1.4 * levels:.1f}em")


def swatch(color: object) -> Html:
    """A small area of a colour as Canvas writes it; nothing for what is not six hex digits.

    >>> swatch("red"), swatch("00AC18").count("#00AC18")
    ('', 1)
    """
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        return Html()
    return _element("span", (), style=f"{_STYLES['box']};{_STYLES['swatch']};background:#{color}")
