"""`projector export --out`: tables as files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pytest

from projector.lake.layout import columns_of
from tests.lake.comparing import names_in
from tests.serve.shell import Shell


def test_the_tables_are_written(seeded: Shell, tmp_path: Path) -> None:
    """Of all kinds, as Parquet; the last line says what was written."""
    ran = seeded("export --out", out := tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"Wrote 24 tables with 46 rows to {out}; up to event 10.\n"
    assert len(names_in(out)) == 25
    assert {"outcomes.parquet", "scale_ratings_bitemporal.parquet", "manifest.json"} < {*names_in(out)}


def test_what_is_written_is_said_as_json(seeded: Shell, tmp_path: Path) -> None:
    """The rows of each table."""
    ran = seeded("export --format csv --kind scale --kind method --without color,title --json --out", tmp_path / "out")
    tables = [*columns_of("scale"), *columns_of("method")]
    assert list(ran.json) == ["tables", "position", "head_hash", "files", "seconds"]
    assert list(ran.json["tables"]) == tables
    assert ran.json["files"] == [
        str(tmp_path / "out" / name) for name in [*(f"{t}.csv" for t in tables), "manifest.json"]
    ]
    assert "color" not in (tmp_path / "out" / "scale_ratings.csv").read_text().splitlines()[0]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["without"] == ["color", "title"]


def test_one_duckdb_file_takes_the_place_of_a_folder(seeded: Shell, tmp_path: Path) -> None:
    """And a folder that of the file."""
    out = tmp_path / "out"
    assert seeded("export --out", out).code == 0
    ran = seeded("export --format duckdb --without title --out", out)
    assert (ran.code, ran.out) == (0, f"Wrote 24 tables with 46 rows to {out}, without title; up to event 10.\n")
    with duckdb.connect(str(out), read_only=True) as database:
        assert database.sql("SELECT count(*) FROM outcomes_as_of('2030-01-01')").fetchall() != [(0,)]
    assert seeded("export --out", out).code == 0
    assert out.is_dir()


def test_the_ending_of_a_name_says_the_format(seeded: Shell, tmp_path: Path) -> None:
    """Where none is named; kinds and columns may be repeated, and be several with commas."""
    words = "--kind scale,method --kind link --without title,color --without description"
    ran = seeded("export", *words.split(), "--json", "--out", tmp_path / "history.duckdb")
    assert ran.json["files"] == [str(tmp_path / "history.duckdb")]
    with duckdb.connect(str(tmp_path / "history.duckdb"), read_only=True) as database:
        columns = {name for (name,) in database.sql("SELECT column_name FROM duckdb_columns()").fetchall()}
        assert database.sql("FROM stored.exported").fetchall() == [(["title", "color", "description"],)]
    assert "points" in columns
    assert {*ran.json["tables"]} == {table for kind in ("link", "scale", "method") for table in columns_of(kind)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--out {out} --format xls", "unknown format 'xls'; the formats are parquet, csv, arrow, duckdb"),
        ("--out {out} --kind resluts", "unknown kind 'resluts'; the kinds are outcome, "),
        ("--out {out} --without titel", "no table has a column 'titel'; there is title"),
        ("--out {out} --log log.jsonl", "write --out PATH for the tables, or --log FILE for the log"),
        ("", "write --out PATH for the tables, or --log FILE for the log"),
        ("--log - --format csv", "--format, --kind, --without and --json go with --out"),
        ("--out -", "tables cannot be written to standard output; name a folder or a file"),
        ("--out {mine}", "mine exists already and holds something else; name another place"),
        ("--out {store}", "belongs to the store"),
        ("--out {store}.tables", "belongs to the store"),
        ("--out {store}.tables/new", "belongs to the store"),
        ("--out {out}/new", "out; make it, or name another place"),
    ],
)
def test_what_cannot_be_written(seeded: Shell, tmp_path: Path, words: str, said: str) -> None:
    """Is refused with what to do, and nothing is made."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    assert seeded("sql", "SHOW TABLES").code == 0
    before = names_in(tmp_path)
    ran = seeded("export", *words.format(out=tmp_path / "out", mine=tmp_path / "mine", store=seeded.store).split())
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert names_in(tmp_path) == before


def test_a_choice_is_looked_at_before_the_store(run: Shell, tmp_path: Path) -> None:
    """Where there is none."""
    assert "no table has a column" in run("export --without x --out", tmp_path / "out").err
    assert run("export --out", tmp_path / "out").code == 3
    assert names_in(tmp_path) == []


def test_without_the_extra_it_is_named(seeded: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it."""
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    ran = seeded("export --out", tmp_path / "out")
    assert ran.code == 2
    assert ran.err == "projector: an export of tables needs more packages: pip install 'outcome-projector[tables]'\n"


@pytest.mark.parametrize("name", [b"\xff\xfe", b"what?", b"back\\slash", b"quo'te", b"star*x"])
def test_any_folder_takes_files(seeded: Shell, tmp_path: Path, name: bytes) -> None:
    """Also one whose name is no text; of DuckDB's file only where DuckDB can open it."""
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    for format in ("parquet", "csv", "arrow"):
        for _ in range(2):
            ran = seeded("export --kind scale --json --format", format, "--out", folder / format)
            assert ran.code == 0, ran.err
            assert ran.json["files"][0].endswith(f"{format}/scales.{format}")
    ran = seeded("export --kind scale --format duckdb --out", folder / "one")
    assert ran.code == (0 if name[0] in b"qs" else 2)
    assert ran.code == 0 or ran.err.startswith("projector: DuckDB cannot open a path with ?, ")
