"""The writer: whatever text it is given comes back as text, in the same places, and as nothing else."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.serve.notebook.html import Html, answer, element, indented, lines, paragraph, swatch, table, written
from projector.serve.screen.text import printable
from tests.serve.notebook.reading import Reader

MARKUP = st.sampled_from(
    ["<b>", "</td>", "<script>", "&amp;", "&#60;", '"', "'", "\0", "\u202e", "\ud800", "<!--", "]]>"]
)
TEXTS = st.text(st.characters(exclude_categories=[])) | st.lists(MARKUP | st.text(max_size=3)).map("".join)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), min_size=1, max_size=4)
)


@given(TABLES, TEXTS, st.booleans(), st.sets(st.integers(0, 3)))
def test_a_table_reads_back_as_it_was_written(
    rows: list[list[str]], caption: str, named: bool, numbers: set[int]
) -> None:
    """Row by row, cell by cell."""
    headings, *body = rows
    read = Reader(table(headings, body, caption=caption, named_rows=named, numbers=[*numbers]))
    assert read.tables == [[[*map(printable, row)] for row in rows]]
    assert read.captions == ([printable(caption)] if caption else [])


@given(st.lists(TEXTS.filter(bool)))
def test_lines_read_back_as_they_were_written(texts: list[str]) -> None:
    """Each as one."""
    expected = [*map(printable, texts)]
    assert Reader(answer(lines(texts), paragraph(texts, "dim"))).lines == expected * 2


@given(TEXTS)
def test_what_is_written_is_one_printable_line(text: str) -> None:
    """It can be encoded, and no character of it steers anything; so Markdown sees no end of it either."""
    html = answer(element("b", text), indented(3, text), written(text))
    html.encode()
    assert not {unicodedata.category(one) for one in html} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert Reader(html).lines == ([printable(text) * 3] if text else [])


def test_what_was_written_is_not_escaped_again() -> None:
    """But what is made of it by hand is: it is text again."""
    bold = element("b", "<")
    assert element("i", bold) == "<i><b>&lt;</b></i>"
    assert element("i", f"{bold}") == "<i>&lt;b&gt;&amp;lt;&lt;/b&gt;</i>"
    assert not isinstance(bold + bold, Html)


@given(TEXTS | st.none() | st.integers() | st.from_regex(r"[0-9A-Fa-f]{6}", fullmatch=True))
def test_only_six_hex_digits_are_a_colour(color: Any) -> None:
    """Nothing else reaches a style."""
    is_one = isinstance(color, str) and len(color) == 6 and all(digit in "0123456789abcdefABCDEF" for digit in color)
    read = Reader(swatch(color))
    assert [style.rpartition("#")[2] for style in read.styles] == ([color] if is_one else [])


@pytest.mark.parametrize(
    "color", ["#00AC18", "00AC1", "00AC181", "00AC18\n", "００AC18", "red", "", None, 123456, ["00AC18"]]
)
def test_what_is_no_colour(color: Any) -> None:
    """Almost one, mostly."""
    assert swatch(color) == ""


def test_formulas_are_left_alone() -> None:
    r"""Notebooks would make a link of ``$\href{…}$``."""
    assert answer(written("$x$")).startswith('<div class="tex2jax_ignore mathjax_ignore"')
