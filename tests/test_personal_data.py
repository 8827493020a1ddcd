"""What `docs/reference/personal-data.md` says of columns, and exports without what names a learner."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc
from pyarrow.csv import write_csv

import projector
from projector.domain.catalogue import KINDS
from projector.lake.choice import FORMATS
from projector.lake.layout import columns_of
from projector.serve.cli import main
from tests.blocks import DOCS, blocks
from tests.builders import mark
from tests.recipes import STORE

PAGE: Final = DOCS / "reference/personal-data.md"
BOTH: Final = "_bitemporal"  # such a table has the columns of its table, and some of time

_ROW: Final = re.compile(r"^\| (`.+?) \| (.*?)(?: \| (names|free text|record|nothing))? \| .*\|$", re.MULTILINE)


def columns() -> set[tuple[str, str]]:
    """The columns of every table, with it."""
    tables = {table: names for kind in KINDS for table, names in columns_of(kind).items()}
    return {(table.removesuffix(BOTH), name) for table, names in tables.items() for name in names}


def listed() -> list[tuple[str, str, str]]:
    """The columns on the page, with each table that has it, and what it says about a person."""
    tables = {table for table, _ in columns()}
    return [
        (table, column, level or of)
        for names, of, level in _ROW.findall(PAGE.read_text(encoding="utf-8"))
        for column in re.findall(r"`(\w+)`", names)
        for table in (re.findall(r"\w+", of) if level else tables)
        if not (table.endswith("_ratings") and "not of ratings" in names)
    ]


def test_every_column_of_every_table_is_on_the_page() -> None:
    """Once for each table."""
    found = [(table, column) for table, column, _ in listed()]
    assert set(found) == columns()
    assert len(found) == len(set(found))


def test_what_names_a_learner_is_left_out_by_the_command_on_the_page() -> None:
    """And by the second one free text, too."""
    direct, every = ({*command[-1].split(",")} for command in commands())
    assert direct == {column for _, column, level in listed() if level == "names"}
    assert every == {column for _, column, level in listed() if level in ("names", "free text")}


def commands() -> list[list[str]]:
    """Those that the page shows."""
    return [shlex.split(one.text) for one in blocks(PAGE) if one.language == "sh"]


def texts(path: Path) -> Iterator[str]:
    """Every text within an export, whatever its format."""
    for file in [path] if path.is_file() else path.iterdir():
        match file.suffix:
            case ".parquet":
                yield of_table(pq.read_table(file))
            case ".arrow":
                yield of_table(ipc.open_file(file).read_all())
            case ".duckdb":
                with duckdb.connect(str(file), read_only=True) as connection:
                    found = connection.sql("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
                    for schema, table in found:
                        as_text = connection.sql(f'SELECT CAST(COLUMNS(*) AS VARCHAR) FROM "{schema}"."{table}"')
                        yield of_table(as_text.to_arrow_table())
            case _:
                yield file.read_text(encoding="utf-8")


def of_table(rows: pa.Table) -> str:
    """Every value, as text."""
    sink = io.BytesIO()
    write_csv(rows, sink)
    return sink.getvalue().decode()


@pytest.fixture(scope="module")
def learners(demo_folder: Path) -> set[str]:
    """The uuids of all learners of the demo."""
    with projector.open(demo_folder / STORE) as p:
        return {uuid for (uuid,) in p.sql("SELECT DISTINCT user_uuid FROM results WHERE user_uuid IS NOT NULL")}


@pytest.mark.parametrize("format", FORMATS)
def test_no_learner_is_in_an_export_without_what_names_one(
    format: str, demo_folder: Path, learners: set[str], tmp_path: Path
) -> None:
    """Neither a uuid nor a name is anywhere in its files."""
    out = tmp_path / f"tables.{format}"
    line = [str(out) if word == "tables" else word for word in commands()[0][1:]]
    assert main([*line, "--format", format, "--store", str(demo_folder / STORE)]) == 0
    found = "\n".join(texts(out))
    assert "HarborLakeCollege" in found
    assert re.search("|".join(learners), found) is None


@pytest.mark.parametrize("format", FORMATS)
def test_names_of_people_are_in_no_export(format: str, p: projector.Projector, tmp_path: Path) -> None:
    """Also where all is exported: their uuids are there."""
    p.append([mark("1", "Uuid-1", 0.6), mark("2", "Uuid-2", 0.9)])
    people = tmp_path / "people.csv"
    people.write_text("user_uuid,name,sis_id\nUuid-1,Ana Souza,SIS-1\nUuid-2,Ben Okafor,SIS-2\n")
    p.know_people(people)
    assert p.name_of("Uuid-1") == "Ana Souza"
    p.export(tmp_path / f"tables.{format}", format)
    found = "\n".join(texts(tmp_path / f"tables.{format}"))
    assert [name for name in ("Uuid-1", "Uuid-2", "Souza", "Okafor", "SIS-") if name in found] == ["Uuid-1", "Uuid-2"]
