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
    "plain", "answer", "block", "cell", "dim", "nested", "one line", "number", "number heading", "table", "title"
]

_STYLES: Final[dict[Look, str]] = {
    "plain": "",
    "answer": "text-align:left;overflow-wrap:break-word",
    "block": "margin:0.4em 0",
    "cell": "text-align:left;vertical-align:top;max-width:40em",
    "dim": "opacity:0.7",
    "nested": "margin-left:1.2em",
    "number": "text-align:right;vertical-align:top",
    "number heading": "text-align:right;vertical-align:bottom",
    "one line": "white-space:nowrap",
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


def element(tag: Tag, *contents: str, look: Look = "plain", attributes: str = "") -> Html:
    """An element with texts and other elements in it.

    Args:
        attributes: Constant ones, such as ``' scope="col"'``.
    """
    style = f' style="{_STYLES[look]}"' if _STYLES[look] else ""
    return Html(f"<{tag}{attributes}{style}>{''.join(map(written, contents))}</{tag}>")


def answer(*parts: Html) -> Html:
    """A whole answer."""
    return element("div", *parts, look="answer", attributes=f' class="{_NO_FORMULAS}"')


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
    head = _row([_heading(text, "col", number=n in numbers) for n, text in enumerate(headings)])
    body = [
        _row(
            [
                _heading(text, "row") if named_rows and not n else _cell(text, number=n in numbers)
                for n, text in enumerate(row)
            ]
        )
        for row in rows
    ]
    return element(
        "table",
        title,
        element("thead", head) if headings else Html(),
        element("tbody", *body),
        look="table",
    )


def _row(cells: Iterable[Html]) -> Html:
    return element("tr", *cells)


def _heading(text: str, scope: Literal["col", "row"], *, number: bool = False) -> Html:
    return element("th", text, look="number heading" if number else "cell", attributes=f' scope="{scope}"')


def _cell(text: str, *, number: bool = False) -> Html:
    return element("td", text, look="number" if number else "cell")


def indented(levels: int, *contents: str) -> Html:
    """Something that many levels further right."""
    return Html(
        f'<span style="display:inline-block;padding-left:{1.4 * levels:.1f}em">{"".join(map(written, contents))}</span>'
    )


def swatch(color: object) -> Html:
    """A small area of a colour as Canvas writes it; nothing for what is not six hex digits.

    >>> swatch("red"), swatch("00AC18").count("#00AC18")
    ('', 1)
    """
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        return Html()
    place = "display:inline-block;width:0.9em;height:0.9em;vertical-align:middle;margin-right:0.5em"
    return Html(f'<span style="{place};border:1px solid currentColor;background:#{color}"></span>')
