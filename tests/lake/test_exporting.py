"""Exports: each format read back by another library has the rows of the tables, in their order, with their types."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import polars
import pyarrow.ipc
import pyarrow.parquet
import pytest
from hypothesis import given

import projector
from projector.lake import export_source, ordering, writers
from projector.lake.choice import FORMATS, ExportChoice
from projector.lake.layout import columns_of
from projector.serve.demo.college import term
from tests.builders import Clock
from tests.lake.hostile import hostile
from tests.lake.test_laws import SEEDS, few, grown

Rows = list[tuple[Any, ...]]
COLUMNS: Final = {table: columns for kind in projector.KINDS for table, columns in columns_of(kind).items()}
ORDER: Final = ("tenant", "id", "valid_from", "known_from", "place")
TYPES: Final = {
    "VARCHAR": polars.String(),
    "DOUBLE": polars.Float64(),
    "BOOLEAN": polars.Boolean(),
    "TIMESTAMP WITH TIME ZONE": polars.Datetime("us", "UTC"),
    "BIGINT": polars.Int64(),
}


def rows_of(p: projector.Projector, table: str, columns: tuple[str, ...] | None = None) -> Rows:
    """The rows of a table, as an export has them."""
    order = ", ".join(name for name in ORDER if name in COLUMNS[table])
    shown = ", ".join(f'"{name}"' for name in columns or COLUMNS[table])
    return p.sql(f'SELECT {shown} FROM "{table}" ORDER BY {order}').fetchall()


def types_of(p: projector.Projector, table: str) -> dict[str, polars.DataType]:
    """The types of a table's columns, as polars names them."""
    return {name: TYPES[type] for name, type, *_ in p.sql(f'DESCRIBE "{table}"')}


@contextmanager
def exported(p: projector.Projector, format: str, **choice: Any) -> Iterator[Path]:
    """An export, removed at the end."""
    with TemporaryDirectory() as folder:
        p.export(Path(folder) / "out", format, **choice)
        yield Path(folder) / "out"


# each format, read back


def by_polars(read: Callable[[Path], polars.DataFrame], out: Path, p: projector.Projector, table: str) -> Rows:
    """The rows of a file, whose columns have the types of the table."""
    frame = read(out)
    assert dict(frame.schema) == types_of(p, table)
    return frame.rows()


def of_parquet(out: Path, p: projector.Projector, table: str) -> Rows:
    """Read by polars."""
    return by_polars(polars.read_parquet, out / f"{table}.parquet", p, table)


def of_arrow(out: Path, p: projector.Projector, table: str) -> Rows:
    """Read by polars."""
    return by_polars(lambda file: polars.read_ipc(file), out / f"{table}.arrow", p, table)


def of_csv(out: Path, p: projector.Projector, table: str) -> Rows:
    """Read by polars as text, and each value by its type."""
    frame = polars.read_csv(out / f"{table}.csv", infer_schema=False)
    values = [_READ[type](frame[name]) for name, type in types_of(p, table).items()]
    return list(zip(*values, strict=True))


_READ: Final[Mapping[polars.DataType, Callable[[polars.Series], list[Any]]]] = {
    polars.String(): lambda texts: texts.to_list(),
    polars.Float64(): lambda texts: [None if text is None else float(text) for text in texts],
    polars.Int64(): lambda texts: [None if text is None else int(text) for text in texts],
    polars.Boolean(): lambda texts: [{"true": True, "false": False, None: None}[text] for text in texts],
    polars.Datetime("us", "UTC"): lambda texts: [None if text is None else instant(text) for text in texts],
}


def instant(text: str) -> datetime:
    """An instant, which is written in UTC, with microseconds and Z."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def of_duckdb(out: Path, p: projector.Projector, table: str) -> Rows:
    """Read by DuckDB."""
    with opened(out) as database:
        order = ", ".join(name for name in ORDER if name in COLUMNS[table])
        return _in_utc(database.sql(f'FROM "{table}" ORDER BY {order}').fetchall())


@contextmanager
def opened(out: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An exported DuckDB file, as any client opens it."""
    with closing(duckdb.connect(str(out), read_only=True)) as database:
        database.execute("SET TimeZone = 'UTC'")
        yield database


def _in_utc(rows: Rows) -> Rows:
    return [tuple(one.astimezone(UTC) if isinstance(one, datetime) else one for one in row) for row in rows]


SLOW: Final = [pytest.param(format, marks=pytest.mark.slow) for format in FORMATS]
READ: Final = {"parquet": of_parquet, "csv": of_csv, "arrow": of_arrow, "duckdb": of_duckdb}


def see_that_whole(p: projector.Projector, format: str) -> None:
    """See that an export in a format has every row of every table."""
    with exported(p, format) as out:
        for table in COLUMNS:
            assert READ[format](out, p, table) == rows_of(p, table), table


@pytest.fixture(scope="module")
def college(tmp_path_factory: pytest.TempPathFactory) -> Iterator[projector.Projector]:
    """The demo's store."""
    with projector.open(tmp_path_factory.mktemp("college") / "college.db", clock=Clock()) as p:
        p.append(term())
        yield p


@pytest.mark.parametrize("format", ["parquet", *SLOW[1:]])
def test_an_export_of_the_demo_has_its_tables(college: projector.Projector, format: str) -> None:
    """Row by row."""
    see_that_whole(college, format)


@pytest.mark.parametrize("format", ["parquet", *SLOW[1:3], "duckdb"])
@few
@given(seed=SEEDS)
def test_an_export_of_any_log_has_its_tables(seed: int, format: str) -> None:
    """Ties, aliases, late events, texts with quotes, line ends and character 0."""
    random = Random(seed)
    with grown(random, hostile(random, 150)) as p:
        see_that_whole(p, format)


@pytest.mark.parametrize("format", ["parquet", *SLOW[1:]])
def test_an_export_of_an_empty_store_has_empty_tables(p: projector.Projector, format: str) -> None:
    """With their columns and types."""
    see_that_whole(p, format)


@pytest.mark.slow
@pytest.mark.parametrize("size", [7, 1])
@few
@given(seed=SEEDS)
def test_parts_give_the_same_order(seed: int, size: int) -> None:
    """Also of a file that followed its store, in which changed aggregates come last."""
    random = Random(seed)
    events = hostile(random, 120)
    with grown(random, events[:90]) as p, pytest.MonkeyPatch.context() as patch:
        p.sql("SHOW TABLES")
        for event in events[90:]:
            p.append(event)
        patch.setattr(ordering, "AT_ONCE", size)
        patch.setattr(ordering, "_BATCH", 3)
        patch.setattr(ordering, "_MOST_BEHIND", random.choice((0, 0.5, 1)))
        patch.setattr(export_source, "_BATCH", 2)
        patch.setattr(writers, "AT_ONCE", size)
        see_that_whole(p, "parquet")
        see_that_whole(p, "duckdb")


def test_macros_of_a_duckdb_file_answer_as_the_store(college: projector.Projector) -> None:
    """As of an instant, by what was known at another."""
    head = college.now().known_at
    with exported(college, "duckdb") as out, opened(out) as database:
        for kind in projector.KINDS:
            for name in {table.removesuffix("_bitemporal") for table in columns_of(kind)}:
                for call in (f"{name}_as_of('2025-10-12')", f"{name}_as_of('2025-10-12T12:00:00Z', '{head}')"):
                    query = f"FROM {call} ORDER BY ALL"
                    assert _in_utc(database.sql(query).fetchall()) == college.sql(query).fetchall(), call
        store = "SELECT position, recorded_at, head_hash, rules, format FROM store"
        assert _in_utc(database.sql(store).fetchall()) == college.sql(store).fetchall()


def test_a_duckdb_file_can_be_opened_by_earlier_clients(college: projector.Projector) -> None:
    """Those of DuckDB 1.2 and later, by the version of its storage."""
    with exported(college, "duckdb", kinds="scale") as out, opened(out) as database:
        (tags,) = database.sql("SELECT tags FROM duckdb_databases() WHERE database_name = 'out'").fetchall()
    assert tags[0]["storage_version"].startswith("v1.2.0")


def test_parquet_is_compressed_and_in_groups_of_rows(
    college: projector.Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By zstd; each group but the last has nearly as many rows as one is to have."""
    monkeypatch.setattr(writers, "AT_ONCE", 5_000)
    monkeypatch.setattr(export_source, "_BATCH", 1_000)
    with exported(college, "parquet", kinds="result") as out:
        file = pyarrow.parquet.ParquetFile(out / "results.parquet")
        sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
        assert len(sizes) > 2
        assert all(4_000 < size <= 5_000 for size in sizes[:-1])
        assert {file.metadata.row_group(0).column(n).compression for n in range(file.metadata.num_columns)} == {"ZSTD"}


def test_long_texts_are_written_in_smaller_groups(
    college: projector.Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their bytes."""
    monkeypatch.setattr(writers, "_MOST_BYTES", 1_000_000)
    monkeypatch.setattr(export_source, "_BATCH", 100)
    with exported(college, "parquet", kinds="result") as out:
        file = pyarrow.parquet.ParquetFile(out / "results.parquet")
        sizes = [file.metadata.row_group(n).total_byte_size for n in range(file.num_row_groups)]
        assert len(sizes) > 10
        assert max(sizes) < 1_100_000
        assert of_parquet(out, college, "results") == rows_of(college, "results")


# what is chosen


def test_a_kind_gives_all_tables_that_are_made_of_it(college: projector.Projector) -> None:
    """And no other; the manifest says which."""
    with exported(college, "csv", kinds=["scale", "methods"]) as out:
        tables = [*columns_of("scale"), *columns_of("method")]
        assert sorted(file.name for file in out.iterdir()) == sorted([*(f"{t}.csv" for t in tables), "manifest.json"])
        manifest = json.loads((out / "manifest.json").read_bytes())
    assert manifest["tables"] == {
        table: {"rows": len(rows_of(college, table)), "columns": list(COLUMNS[table])} for table in tables
    }
    head = college.now().known_at
    assert head is not None
    assert {name: value for name, value in manifest.items() if name != "tables"} == {
        "program": "outcome-projector",
        "version": projector.__version__,
        "format": 1,
        "rules": projector.RULES,
        "position": 22_138,
        "recorded_at": head.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "head_hash": college.head_hash(),
        "without": [],
    }


def test_an_export_says_what_it_wrote(college: projector.Projector, tmp_path: Path) -> None:
    """As the command prints it with --json."""
    found = college.export(tmp_path / "out", kinds="scale")
    assert found.tables == {table: len(rows_of(college, table)) for table in columns_of("scale")}
    files = [str(tmp_path / "out" / f"{table}.parquet") for table in found.tables]
    assert found.files == (*files, str(tmp_path / "out" / "manifest.json"))
    assert [Path(file).is_file() for file in found.files] == [True] * 5
    assert list(found.to_dict()) == ["tables", "position", "head_hash", "files", "seconds"]
    assert college.export(tmp_path / "one", "duckdb", kinds="scale").files == (str(tmp_path / "one"),)


def test_links_of_a_duckdb_file_are_in_the_tree_while_their_outcome_is(college: projector.Projector) -> None:
    """Also where only links were exported; of outcomes nothing is told that a link does not need."""
    with exported(college, "duckdb", kinds="link") as out, opened(out) as database:
        assert of_duckdb(out, college, "links") == rows_of(college, "links")
        query = "FROM links_as_of('2025-10-12') ORDER BY ALL"
        assert _in_utc(database.sql(query).fetchall()) == college.sql(query).fetchall()
        assert {name for (name,) in database.sql("SHOW TABLES").fetchall()} == {"links", "links_bitemporal", "store"}
        assert database.sql("SELECT DISTINCT state, title FROM stored.outcomes").fetchall() == [(None, None)]


# what is left out


LEFT_OUT: Final = [
    *("title", "user_uuid", "points", "description", "recorded_at", "color"),
    *("state", "rubric_criterion", "outcome_proficiency_ratings"),
]


def without(value: Any, names: tuple[str, ...]) -> Any:
    """A JSON value without members of some names."""
    if isinstance(value, dict):
        return {name: without(item, names) for name, item in value.items() if name not in names}
    return [without(item, names) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("format", ["arrow", SLOW[0], SLOW[1], SLOW[3]])
@few
@given(seed=SEEDS)
def test_what_is_left_out_is_nowhere_in_an_export(seed: int, format: str) -> None:
    """No column has its name, and no member of what is sent, at any depth; all else is as it was."""
    random = Random(seed)
    names = tuple(random.sample(LEFT_OUT, 3))
    with grown(random, hostile(random, 120)) as p, exported(p, format, without=names) as out:
        for table, columns in COLUMNS.items():
            left = tuple(name for name in columns if name not in names)
            found = back(out, format, table)
            assert list(found) == list(left)
            for row, expected in zip(zip(*found.values(), strict=True), rows_of(p, table, left), strict=True):
                for name, value, before in zip(left, row, expected, strict=True):
                    if name in ("state", "rubric_criterion", "outcome_proficiency_ratings") and before is not None:
                        assert json.loads(value) == without(json.loads(before), names)
                    elif format != "csv":
                        assert value == before


def back(out: Path, format: str, table: str) -> dict[str, list[Any]]:
    """The columns of an exported table."""
    if format == "csv":
        with (out / f"{table}.csv").open(newline="") as lines:
            names, *texts = csv.reader(line.replace("\0", "\\u0000") for line in lines)
        return {name: [row[n] for row in texts] for n, name in enumerate(names)}
    if format == "duckdb":
        with opened(out) as database:
            order = ", ".join(name for name in ORDER if name in COLUMNS[table])
            relation = database.sql(f'FROM "{table}" ORDER BY {order}')
            rows = _in_utc(relation.fetchall())
            return {name: [row[n] for row in rows] for n, name in enumerate(relation.columns)}
    file = out / f"{table}.{format}"
    frame = polars.read_parquet(file) if format == "parquet" else polars.read_ipc(file)
    return frame.to_dict(as_series=False)


@pytest.mark.slow
def test_a_duckdb_file_holds_nothing_of_what_is_left_out(tmp_path: Path, p: projector.Projector) -> None:
    """Not in what its tables are made of either."""
    p.append(term())
    p.export(tmp_path / "out", "duckdb", without="user_uuid,title,description,display_name,short_description")
    with opened(tmp_path / "out") as database:
        for kind in projector.KINDS:
            table = f"stored.{kind}s"
            names = [name for name, *_ in database.sql(f"DESCRIBE {table}").fetchall()]
            for name in {"user_uuid", "title", "description"} & {*names}:
                assert database.sql(f'SELECT count("{name}") FROM {table}').fetchall() == [(0,)]
            texts = database.sql(f"SELECT count(*) FROM {table} WHERE state LIKE '%learner0000%'").fetchall()
            assert texts == [(0,)]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"format": "xls"}, "unknown format 'xls'; the formats are parquet, csv, arrow, duckdb"),
        ({"format": None}, "unknown format None"),
        ({"kinds": "resluts"}, "unknown kind 'resluts'"),
        ({"kinds": []}, "no kind is named"),
        ({"kinds": 5}, "kinds must be names, not 5"),
        ({"kinds": [5]}, r"kinds must be names, not \[5\]"),
        ({"without": "titel"}, "no table has a column 'titel'; there is title"),
        ({"without": ["title,state"]}, "no table has a column 'title,state'"),
        ({"without": "title,,xyzzy"}, "no table has a column 'xyzzy'; docs/reference/tables.md lists all"),
        ({"without": b"title"}, "without must be names"),
        ({"format": "duckdb", "without": "status"}, "the macros of a DuckDB file need status"),
        ({"format": "duckdb", "kinds": "link", "without": "learning_outcome_id"}, "need learning_outcome_id"),
        ({"format": "duckdb", "kinds": "result", "without": "continued_by"}, "need continued_by"),
        (
            {"kinds": "method", "without": list(columns_of("method")["methods"])},
            "the table methods would have no columns; leave out fewer",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_choice_that_cannot_be(p: projector.Projector, tmp_path: Path, choice: dict[str, Any], said: str) -> None:
    """Is refused with what to do, before anything is written."""
    with pytest.raises(projector.BadQuestion, match=said):
        p.export(tmp_path / "out", **choice)
    assert list(tmp_path.iterdir()) == []


def test_what_macros_do_not_need_may_be_left_out(college: projector.Projector) -> None:
    """Of links that name no outcome, where the kind is not exported."""
    names = ("learning_outcome_id", "event_name")
    with exported(college, "duckdb", kinds="result", without=names) as out, opened(out) as database:
        columns = [name for name, *_ in database.sql("DESCRIBE FROM results_as_of(NULL)").fetchall()]
        assert columns == [name for name in COLUMNS["results"] if name not in names]


def test_a_text_names_several_columns() -> None:
    """With commas, spaces around them, each counted once."""
    assert ExportChoice.of("csv", None, " title, state,title ,").without == ("title", "state")


def test_steps_count_rows(college: projector.Projector, tmp_path: Path) -> None:
    """Up to all of them."""
    for format in ("csv", "duckdb"):
        steps = list[tuple[int, int]]()

        def step(done: int, all: int, steps: list[tuple[int, int]] = steps) -> None:
            steps.append((done, all))

        found = college.export(tmp_path / "out", format, on_rows=step)
        assert steps[-1][0] == steps[-1][1] > 20_000
        assert sorted(steps) == steps
        if format == "csv":
            assert steps[-1][1] == sum(found.tables.values())
