"""The recipes of `docs/how-to/use-tables-in-other-programs.md` do in other programs what the page shows."""

from __future__ import annotations

import csv
import doctest
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import duckdb
import pandas
import pyarrow as pa
import pytest

import projector
from projector.serve.cli import main
from tests.blocks import DOCS, Block, blocks
from tests.recipes import STORE

pytestmark = pytest.mark.slow  # other programs, over exports of the whole demo

PAGE: Final = DOCS / "how-to/use-tables-in-other-programs.md"
DBT: Final = DOCS / "how-to/dbt"

IN_EFFECT: Final = "valid_from <= $t AND (valid_to IS NULL OR $t < valid_to)"
T: Final = datetime(2025, 12, 1, 23, 59, 59, 999999, UTC)


def shown(language: str) -> list[Block]:
    """The blocks of the page in one language that print something."""
    return [one for one in blocks(PAGE) if one.language == language and one.output]


@pytest.fixture(scope="module")
def folder(demo_folder: Path) -> Iterator[Path]:
    """The current folder: that of the store, with what the page exports."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(demo_folder)
        patch.setenv("PROJECTOR_STORE", STORE)
        yield demo_folder


@pytest.fixture
def exported(folder: Path, exports: dict[str, str]) -> Path:
    """The same folder."""
    assert exports
    return folder


@pytest.fixture(scope="module")
def exports(folder: Path) -> dict[str, str]:
    """What the exports of the page printed, by command."""
    commands = [line for one in shown("sh") for line in one.text.splitlines() if line.startswith("projector export ")]
    with pytest.MonkeyPatch.context() as patch:
        said = list[str]()
        patch.setattr("projector.serve.cli.exporting.say", said.append)
        for command in commands:
            assert main(shlex.split(command)[1:]) == 0
    return dict(zip(commands, said, strict=True))


@pytest.fixture(scope="module")
def college(folder: Path) -> Iterator[projector.Projector]:
    """The page's store."""
    with projector.open(STORE) as p:
        yield p


@pytest.mark.parametrize("recipe", shown("sh"), ids=lambda one: one.section)
def test_an_export_prints_what_the_page_shows(recipe: Block, exports: dict[str, str]) -> None:
    """As the last line of its block."""
    assert exports[recipe.text.splitlines()[-1]] == recipe.output.rstrip("\n")


def test_the_examples_in_python_run(exported: Path) -> None:
    """In the folder of the demo, with polars, pandas and pyarrow."""
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert results.attempted
    assert not results.failed


def test_pandas_reads_a_frame_by_itself(college: projector.Projector) -> None:
    """The same as through pyarrow."""
    view = college.as_of("2025-12-01")
    by_pyarrow = pa.table(view.frame("scale")).to_pandas()
    pandas.testing.assert_frame_equal(pandas.DataFrame.from_arrow(view.frame("scale")), by_pyarrow)


# DuckDB


def cells(box: str) -> list[list[str]]:
    """What a table that DuckDB draws holds, however it is drawn."""
    return [[cell.strip() for cell in line.strip("│ ").split("│")] for line in box.splitlines() if "│" in line]


@pytest.mark.parametrize("recipe", shown("sql"), ids=lambda one: one.section)
def test_a_recipe_in_sql_prints_what_the_page_shows(recipe: Block, exported: Path) -> None:
    """As DuckDB by itself prints it, in a new database."""
    with duckdb.connect() as connection:
        *before, query = duckdb.extract_statements(recipe.text)
        for statement in before:
            connection.execute(statement)
        assert cells(str(connection.sql(query.query))) == cells(recipe.output)


@pytest.mark.parametrize("kind", projector.KINDS)
def test_the_condition_selects_what_a_view_lists(
    kind: projector.Kind, exported: Path, college: projector.Projector
) -> None:
    """From the Parquet file of every kind."""
    with duckdb.connect() as connection:
        query = f"SELECT * FROM read_parquet('tables/{kind}s.parquet') WHERE {IN_EFFECT} ORDER BY tenant, id"
        found = connection.sql(query, params={"t": T}).to_arrow_table()
    names = [name for name in found.column_names if name not in ("valid_from", "valid_to", "continued_by")]
    expected = pa.table(college.as_of(T).frame(kind, deleted=True)).select(names)
    assert found.select(names).to_pylist() == expected.to_pylist() != []


@pytest.mark.parametrize("name", ["tables", "history"])
def test_the_macros_of_an_attached_file_need_use(name: str, exported: Path, college: projector.Projector) -> None:
    """Whatever its name; its tables need none."""
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = 'UTC'; ATTACH 'tables.duckdb' AS {name} (READ_ONLY)")
        with pytest.raises(duckdb.CatalogException, match="Table Function with name outcomes_at does not exist"):
            connection.execute(f"FROM {name}.outcomes_as_of('2025-12-01')")
        of_table = connection.execute(f"FROM {name}.outcomes WHERE {IN_EFFECT} ORDER BY id", {"t": T}).fetchall()
        connection.execute(f"USE {name}")
        of_macro = connection.execute("FROM outcomes_as_of('2025-12-01') ORDER BY id").fetchall()
    assert of_table == of_macro != []
    in_utc = college.sql("FROM outcomes_as_of('2025-12-01') ORDER BY id").fetchall()
    assert [row[:2] for row in of_macro] == [row[:2] for row in in_utc]


# dbt

_SOURCE: Final = re.compile(r"\{\{ source\('projector', '(\w+)'\) \}\}")


@pytest.fixture
def model() -> str:
    """The text of the project's model."""
    return (DBT / "models/mastery_by_month.sql").read_text(encoding="utf-8")


@pytest.fixture
def mastery(model: str, exported: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the model's table, made as dbt does."""
    query = _SOURCE.sub(r"read_parquet('tables/\1.parquet')", model)
    assert "{" not in query
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE mastery_by_month AS {query}")
        yield connection


def test_the_page_shows_the_files_of_the_project(model: str) -> None:
    """As they are."""
    files = [one.text for one in blocks(PAGE) if one.section == "dbt" and one.language in ("yaml", "sql")]
    assert files == [(DBT / "models/sources.yml").read_text(encoding="utf-8"), model]


def test_the_sources_of_the_model_are_declared(model: str) -> None:
    """Each table that it reads."""
    declared = re.findall(r"- name: (\w+)", (DBT / "models/sources.yml").read_text(encoding="utf-8"))
    assert declared == ["projector", *sorted(set(_SOURCE.findall(model)))]


def test_the_model_has_what_the_page_shows(mastery: duckdb.DuckDBPyConnection) -> None:
    """For one outcome in one course."""
    (output,) = (one.text for one in blocks(PAGE) if one.section == "dbt" and one.language == "text")
    query = "SELECT month, title, results, round(mastered, 3) AS mastered FROM mastery_by_month"
    assert cells(str(mastery.sql(f"{query} WHERE course = '101' AND outcome = '303' ORDER BY month"))) == cells(output)


@pytest.mark.parametrize(("month", "end"), [("2025-09-01", "2025-09-30"), ("2025-12-01", "2025-12-31")])
def test_the_model_is_what_views_have_at_the_end_of_a_month(
    month: str, end: str, mastery: duckdb.DuckDBPyConnection, college: projector.Projector
) -> None:
    """The share of active results with mastery, of each outcome in each course."""
    query = "SELECT course, outcome, results, round(mastered, 9) FROM mastery_by_month WHERE month = ?"
    found = {(course, outcome): values for course, outcome, *values in mastery.execute(query, [month]).fetchall()}
    assert found == mastered(college.as_of(end)) != {}


def mastered(view: projector.View) -> dict[tuple[str, str], list[Any]]:
    """How many active results a course and an outcome have, and the share of mastery."""
    flags = defaultdict[tuple[str, str], list[bool]](list)
    for row in pa.table(view.frame("result")).to_pylist():
        if row["status"] == "active" and row["mastery"] is not None and row["result_context_type"] == "Course":
            flags[row["result_context_id"], row["learning_outcome_id"]].append(row["mastery"])
    return {key: [len(those), round(fmean(those), 9)] for key, those in flags.items()}


# Excel


def test_a_csv_file_says_what_is_null_and_what_is_empty(exported: Path, college: projector.Projector) -> None:
    """Read by Python's own reader: instants in UTC with microseconds, everything else as it is in the table."""
    with open("for-excel/results.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    query = "SELECT * EXCLUDE (state) FROM results ORDER BY tenant, id, valid_from"
    table = pa.table(college.sql(query))
    assert list(rows[0]) == table.column_names
    assert rows == [{name: text(value) for name, value in row.items()} for row in table.to_pylist()]


def text(value: Any) -> str:
    """A value as CSV has it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() else str(value)
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
    return str(value)
