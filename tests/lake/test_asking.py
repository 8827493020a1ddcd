"""Questions in SQL: what is answered, what is refused and in which words."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from projector.domain.errors import BadQuestion
from projector.lake.asking import ask
from projector.lake.failures import DamagedTables
from tests.lake.conftest import made


def test_tables_and_macros_are_asked_in_a_zone(tables: Path) -> None:
    """A day ends when it ends there."""
    query = "SELECT count(*) FROM outcomes_as_of('2020-01-02')"
    assert [ask(tables, query, tz=tz).fetchall() for tz in ("UTC", "America/Denver")] == [[(48,)], [(55,)]]


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ("SELECT count(*) FROM outcomes_as_of(?, ?)", ["2020-01-02", "2020-01-01"]),
        ("SELECT count(*) FROM outcomes_as_of($t, $k)", {"t": "2020-01-02", "k": "2020-01-01"}),
        ("SELECT count(*) FROM outcomes_as_of('2020-01-01')", ()),
    ],
)
def test_parameters_by_place_and_by_name(tables: Path, query: str, params: Any) -> None:
    """As DuckDB has them."""
    assert ask(tables, query, params).fetchall() == [(24,)]


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ("SELECT 1", "a"),
        ("SELECT 1", {1: 2}),
        ("SELECT 1", 5),
        ("SELECT ?", []),
        ("SELECT ?", [object()]),
        ("SELECT $a", {}),
    ],
)
def test_parameters_that_do_not_fit(tables: Path, query: str, params: Any) -> None:
    """Of a wrong type, or too few."""
    with pytest.raises(BadQuestion):
        ask(tables, query, params)


@pytest.mark.parametrize("query", ["SHOW TABLES", "show /* all */ tables;"])
def test_show_tables_lists_macros_too(tables: Path, query: str) -> None:
    """With their arguments; what is stored is not listed."""
    assert [name for (name,) in ask(tables, query)] == [
        "outcomes",
        "outcomes_as_of(t)",
        "outcomes_as_of(t, k)",
        "store",
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("FROM nothing", "SHOW TABLES lists the tables and macros"),
        ("SELECT nothing FROM outcomes", "DESCRIBE and the name of a table list its columns"),
        ("FROM outcomes_as_of('soon')", r"\Ainvalid date-time 'soon': an instant is written .* a day 2020-08-18\Z"),
        (
            "FROM outcomes_as_of('2020-11-01 01:30')",
            r"\Athe clocks of America/Denver showed 2020-11-01 01:30 twice; .*Z\Z",
        ),
        ("SELECT error('Corrupt database file')", r"\ACorrupt database file\Z"),
        ("SELECT error('Data Corruption Error: x')", r"\AData Corruption Error: x\Z"),
        ("SELECT CAST('x' AS INTEGER)", r"\ACould not convert string 'x'"),
    ],
)
def test_errors_are_said_in_short(tables: Path, query: str, message: str) -> None:
    """Without DuckDB's name for them, and with what to do."""
    with pytest.raises(BadQuestion, match=message) as refused:
        ask(tables, query, tz="America/Denver")
    assert "LINE 1" not in str(refused.value)


@pytest.mark.parametrize(
    "query",
    [
        "FROM read_text('/etc/passwd')",
        "FROM read_csv('/etc/passwd')",
        "FROM '/etc/passwd'",
        "FROM glob('/*')",
        "WITH gone AS (DELETE FROM stored.outcomes RETURNING *) FROM gone",
        "WITH new AS (INSERT INTO memory.x VALUES (1) RETURNING *) FROM new",
        "FROM enable_logging()",
        "FROM sniff_csv('/etc/passwd')",
    ],
)
def test_nothing_but_the_tables_is_read_and_nothing_written(tables: Path, query: str) -> None:
    """Though the parser calls each of these a SELECT."""
    before = tables.read_bytes(), sorted(tables.parent.iterdir())
    with pytest.raises(BadQuestion):
        ask(tables, query)
    assert (tables.read_bytes(), sorted(tables.parent.iterdir())) == before
    assert ask(tables, "SELECT count(*) FROM outcomes").fetchall() == [(30000,)]


def test_an_error_after_some_rows_ends_the_reading(tables: Path) -> None:
    """In the same words; the next question is answered."""
    query = "SELECT CASE WHEN id = '29999' THEN error('too late') ELSE id END FROM outcomes"
    with pytest.raises(BadQuestion, match=r"\Atoo late\Z"):
        ask(tables, query).fetchall()
    assert ask(tables, "SELECT 1").fetchall() == [(1,)]


def test_a_query_beyond_memory_says_so(tables: Path) -> None:
    """A list of all texts, a hundred times over, cannot be spilled."""
    with pytest.raises(BadQuestion, match="needs more memory than it may use"):
        ask(tables, "SELECT list(repeat(title, 100) ORDER BY id) FROM outcomes, range(60)").fetchall()
    assert ask(tables, "SELECT 1").fetchall() == [(1,)]


def test_an_unknown_zone_is_refused(tables: Path) -> None:
    """Before the file is opened."""
    for zone in ("Nowhere/City", ""):
        with pytest.raises(BadQuestion, match="unknown time zone"):
            ask(tables, "SELECT 1", tz=zone)


def overwritten(start: int) -> Callable[[Path], None]:
    """Damage of some bytes."""

    def damage(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(start)
            file.write(b"\xff" * 64)

    return damage


DAMAGES = {
    "header": overwritten(0),
    "first block": overwritten(4096),
    "second block": overwritten(8192),
    "cut short": lambda path: os.truncate(path, 20_000),
    "empty": lambda path: os.truncate(path, 0),
    "foreign": lambda path: path.write_text("id,title\n" * 4000),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_distinguished(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """So that it can be made again, and asked."""
    path = made(tmp_path / "1.duckdb")
    damage(path)
    with pytest.raises(DamagedTables, match=r"1\.duckdb"):
        ask(path, "SELECT max(title) FROM outcomes").fetchall()
    path.unlink(missing_ok=True)
    assert ask(made(path), "SELECT 1").fetchall() == [(1,)]


def test_damage_that_is_met_while_reading(tmp_path: Path) -> None:
    """In a block of rows, though the file could be opened."""
    path = made(tmp_path / "1.duckdb")
    for block in range(12288, path.stat().st_size - 262144, 262144):
        overwritten(block + 5000)(path)
    with pytest.raises(DamagedTables):
        ask(path, "SELECT max(title), max(id), max(valid_from) FROM outcomes").fetchall()
