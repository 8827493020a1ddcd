"""The command sql: what it refuses before a store is opened, and how it prints rows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from projector.lake.asking import ask
from projector.lake.rows import Rows
from projector.serve.cli.console import PlainConsole
from projector.serve.cli.tables import PLAN, print_csv, print_objects, print_plan, print_table
from projector.serve.cli.terminal import console
from projector.serve.screen.rows import stream_rows
from tests.serve.shell import Shell

VALUES = """
SELECT TIMESTAMPTZ '2020-08-18 23:30:00Z' AS moment, DATE '2020-08-18' AS "day", CAST(2.50 AS DECIMAL(4, 2)) AS points,
    'NaN'::DOUBLE AS nan, 'ab'::BLOB AS bytes, [1, NULL] AS list, {'a': 1} AS object, true AS flag, NULL AS nothing,
    '' AS empty, 'x"y,z' AS text, 3 AS a, 2.5e0 AS a, INTERVAL 1 MONTH AS span, TIME '10:00' AS clock
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A tables file."""
    path = tmp_path / "1.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE outcomes AS SELECT n AS id, repeat('long ', n) AS title FROM range(1000) x(n)")
    return path


@pytest.fixture
def rows(file: Path) -> Rows:
    """A row of every type."""
    return ask(file, VALUES, tz="America/Denver")


def test_json_is_an_object_a_line(rows: Rows, capsys: pytest.CaptureFixture[str]) -> None:
    """Instants in UTC, whatever the zone asked in; columns of one name are numbered."""
    print_objects(rows)
    assert json.loads(capsys.readouterr().out) == {
        "moment": "2020-08-18T23:30:00.000000Z",
        "day": "2020-08-18",
        "points": 2.5,
        "nan": None,
        "bytes": "6162",
        "list": [1, None],
        "object": {"a": 1},
        "flag": True,
        "nothing": None,
        "empty": "",
        "text": 'x"y,z',
        "a": 3,
        "a_2": 2.5,
        "span": {"months": 1, "days": 0, "nanoseconds": 0},
        "clock": "10:00:00",
    }


def test_csv_has_the_same_spellings(rows: Rows, capsys: pytest.CaptureFixture[str]) -> None:
    """NULL is empty."""
    print_csv(rows)
    assert capsys.readouterr().out == (
        "moment,day,points,nan,bytes,list,object,flag,nothing,empty,text,a,a,span,clock\n"
        '2020-08-18T23:30:00.000000Z,2020-08-18,2.5,,6162,"[1,null]","{""a"":1}",true,,,"x""y,z",3,2.5,'
        '"{""months"":1,""days"":0,""nanoseconds"":0}",10:00:00\n'
    )


def test_a_table_is_in_the_zone_that_is_asked_in(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """NULL differs from an empty text; the last line counts."""
    tz = "America/Denver"
    print_table(
        ask(file, "SELECT TIMESTAMPTZ '2020-08-18 23:30:00Z' AS moment, NULL AS a, '' AS b, 3.0 AS c", tz=tz), tz
    )
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "moment                      a     b  c",
        "2020-08-18 17:30:00 -06:00  null     3",
        "1 row",
    ]


def test_long_text_is_cut_on_a_terminal(file: Path) -> None:
    """A row is a line, on every page, in columns that stay where they are."""
    stream = io.StringIO()
    terminal = PlainConsole(file=stream, width=120, force_terminal=True, color_system=None)
    rows = ask(file, "FROM outcomes")
    assert stream_rows(terminal, rows.columns, rows, "UTC") == 1000
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1001
    assert {line.index("long") for line in lines[2:]} == {lines[0].index("title")}
    assert max(map(len, lines)) <= 120
    assert all(line.rstrip().endswith("…") for line in lines[-700:])


def test_a_pipe_gets_whole_cells(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """However long; a row is a line."""
    whole = [row[1].rstrip() for row in ask(file, "FROM outcomes")]
    print_table(ask(file, "FROM outcomes"), "UTC")
    _, *lines, last = capsys.readouterr().out.splitlines()
    assert last == "1,000 rows"
    assert all(line.endswith(title) for line, title in zip(lines, whole, strict=True))


def test_no_rows(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The names of the columns, and their number."""
    print_table(ask(file, "FROM outcomes WHERE false"), "UTC")
    print_csv(ask(file, "FROM outcomes WHERE false"))
    print_objects(ask(file, "FROM outcomes WHERE false"))
    assert capsys.readouterr().out.split() == ["id", "title", "0", "rows", "id,title"]


def test_a_table_is_printed_while_it_is_read(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first page is there before the next is asked for."""

    def then_fail(rows: Rows) -> Iterator[tuple[Any, ...]]:
        yield from islice(rows, 200)
        assert "long" in capsys.readouterr().out
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stream_rows(console(), ["id", "title"], then_fail(ask(file, "FROM outcomes")), "UTC")


def test_control_characters_are_shown(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In cells and headings, none reaches the terminal."""
    print_table(ask(file, "SELECT 'red' || chr(27) || '[31m' AS \"a\tb\", ['x' || chr(10) || 'y']"), "UTC")
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\\x1b[31m" in out


REFUSED = [
    "delete from outcomes",
    "insert into outcomes values (1)",
    "copy outcomes to 'x.csv'",
    "attach 'x.db'",
    "install httpfs",
    "load httpfs",
    "set threads = 1",
    "pragma version",
    "create table x as select 1",
    "export database 'x'",
    "select 1; select 2",
    "",
    "-- nothing",
    "selec",
]


@pytest.mark.parametrize("query", REFUSED)
def test_what_does_not_only_read_is_refused(run: Shell, query: str, tmp_path: Path) -> None:
    """Before a store is looked for: exit 2, and nothing is made."""
    ran = run.run("sql", query)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("projector: ")
    assert list(tmp_path.iterdir()) == []


def test_nothing_on_standard_input_is_refused(run: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """As nothing on the command line is."""
    monkeypatch.setattr("sys.stdin", io.StringIO(" \n"))
    ran = run.run("sql", "-")
    assert ran.code == 2
    assert "the query is empty" in ran.err


def test_options_that_exclude_each_other(run: Shell) -> None:
    """And a zone that there is not."""
    assert run.run("sql", "SELECT 1", "--json", "--csv").code == 2
    assert run.run("sql", "SELECT 1", "--tz", "Nowhere").code == 2


def test_no_store(run: Shell) -> None:
    """A query that is good needs one."""
    assert run.run("sql", "SELECT 1").code == 3


def test_a_plan_is_drawn_over_its_lines(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As DuckDB draws it."""
    rows = ask(file, "EXPLAIN SELECT sum(id) FROM outcomes")
    assert rows.columns == PLAN
    print_plan(rows)
    drawn = capsys.readouterr().out.splitlines()
    assert len(drawn) > 5
    assert drawn[0].startswith("╭─ ")
    assert ".outcomes" in "\n".join(drawn)
