"""Tables fit: on a terminal between words, in a pipe as whole lines."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from projector.serve.cli.console import PlainConsole
from projector.serve.screen.table import GAP, Column, Fitted, shortened, stream_table, table_lines

WORDS = st.text(st.sampled_from("abcdefghäöß日本"), min_size=1, max_size=14)
TEXTS = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)
NUMBERS = st.integers(0, 10**7).map(lambda number: f"{number:,}")
INSTANTS = st.integers(10, 28).map(lambda day: f"2025-10-{day} 08:00:00.123 UTC")
WIDTHS = (80, 100, 160)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[tuple[str, ...]]]:
    """Columns of text, numbers and instants, some of which may be left out, and rows for them."""
    kinds = draw(st.lists(st.sampled_from(["text", "number", "instant"]), min_size=1, max_size=7))
    rows = draw(st.integers(1, 6))
    columns, cells = [], []
    for number, kind in enumerate(kinds):
        heading = draw(TEXTS.filter(lambda text: len(text) < 20))
        leaves = draw(st.sampled_from([0, number + 1]))
        columns.append(Column(heading, number=kind == "number", whole=kind == "instant", leaves=leaves))
        values = {"text": TEXTS, "number": NUMBERS, "instant": INSTANTS}[kind]
        cells.append(draw(st.lists(values, min_size=rows, max_size=rows)))
    return columns, list(zip(*cells, strict=True))


def printed(columns: list[Column], rows: Sequence[tuple[str, ...]], width: int | None) -> list[str]:
    """The lines on a terminal of a width, or in a pipe."""
    stream = io.StringIO()
    console = PlainConsole(file=stream, width=width or 80, force_terminal=width is not None, color_system=None)
    assert stream_table(console, columns, rows) == len(rows)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=30)
@given(tables())
def test_no_word_is_broken(width: int, table: tuple[list[Column], list[tuple[str, ...]]]) -> None:
    """Every word on the terminal is a word of the table, as long as what must be shown has room."""
    columns, rows = table
    lines = printed(columns, rows, width)
    assert max(map(cell_len, lines)) <= width
    fitted = Fitted.to(width, columns, rows)
    if fitted.needs > width:  # columns none of which may be left out
        return
    words = {word for text in [*(c.heading for c in columns), *sum(rows, ())] for word in text.split()}
    said = next((n for n, line in enumerate(lines) if line.startswith("Not shown")), None)
    assert (said is None) == (not fitted.left_out)
    assert {word for line in lines[:said] for word in line.split()} <= words


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=30)
@given(tables())
def test_columns_are_left_out_in_their_order(width: int, table: tuple[list[Column], list[tuple[str, ...]]]) -> None:
    """The one with the highest number first, no more than needed, and each is named."""
    columns, rows = table
    fitted = Fitted.to(width, columns, rows)
    left_out = [n for n in range(len(columns)) if n not in fitted.shown]
    stays = [columns[n].leaves for n in fitted.shown]
    assert all(columns[n].leaves > max(stays, default=0) for n in left_out) or not left_out
    if left_out:
        said = " ".join(" ".join(printed(columns, rows, width)).split())
        assert f"Not shown for lack of room: {', '.join(columns[n].heading for n in left_out)}." in said
        last = min(left_out, key=lambda n: columns[n].leaves)
        fitted.shown = sorted([*fitted.shown, last])
        assert fitted.needs > width


@settings(max_examples=30)
@given(tables())
def test_a_pipe_gets_every_cell_whole(table: tuple[list[Column], list[tuple[str, ...]]]) -> None:
    """A line for each row, columns at least two spaces apart, nothing at line ends; no terminal's width counts."""
    columns, rows = table
    lines = printed(columns, rows, None)
    assert lines == [*table_lines(columns, rows)]
    assert [re.split(r" {2,}", line.strip()) for line in lines] == [[c.heading for c in columns], *map(list, rows)]
    assert all(line == line.rstrip() for line in lines)


@settings(max_examples=30)
@given(st.lists(NUMBERS, min_size=1, max_size=5), st.lists(TEXTS, min_size=1, max_size=5), st.sampled_from([None, 80]))
def test_numbers_align_at_the_right(numbers: list[str], texts: list[str], width: int | None) -> None:
    """The last digits are below each other."""
    rows = list(zip(numbers, texts, strict=False))
    lines = printed([Column("N", number=True), Column("Text", whole=True)], rows, width)
    end = max(len("N"), *(len(number) for number, _ in rows))
    assert [line[:end].strip() for line in lines if line[:end].strip()] == ["N", *(number for number, _ in rows)]
    assert all(line[end : end + GAP] == " " * GAP for line in lines)


@pytest.mark.parametrize("most", range(2, 40))
def test_a_shortened_text_fits(most: int) -> None:
    """And ends between words where a half of it is left then."""
    text = "Interprets data and graphs, on their own"
    found = shortened(text, most)
    assert cell_len(found) <= most
    assert found == text or (found.endswith("…") and text.startswith(found[:-1]))


def test_a_later_page_may_need_more_room() -> None:
    """A column that has none then is left out from there on, with the headings once more; no word is broken."""
    columns = [Column("Id", whole=True), Column("What"), Column("Since", leaves=1)]
    rows = [(str(n), "x" * (30 if n > 250 else 3), "y" * 30) for n in range(300)]
    lines = printed(columns, rows, 60)
    assert lines[0].split() == ["Id", "What", "Since"]
    assert lines[201].split() == ["Id", "What"]
    assert [line.split()[1] for line in lines[202:302]] == [what for _, what, _ in rows[200:]]
    assert lines[302].startswith("Not shown for lack of room: Since.")


def test_a_script_without_spaces_is_continued_on_the_next_line() -> None:
    """None of it is lost."""
    title = "日本語の長いタイトル" * 8
    lines = printed([Column("Id", whole=True), Column("What")], [("7", title)], 40)
    assert max(map(cell_len, lines)) <= 40
    assert "".join(line[4:].strip() for line in lines[1:]) == title


def test_a_word_that_is_longer_than_the_terminal_is_shortened() -> None:
    """In its middle: its beginning and its end stay, and every line keeps to the width."""
    lines = printed([Column("Where"), Column("Why")], [("a" * 100 + "z:15", "because")], 40)
    assert max(map(len, lines)) <= 40
    assert re.search(r"a…a*z:15", lines[1])
