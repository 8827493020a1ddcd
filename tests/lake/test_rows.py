"""Rows: values of Python, batches of Arrow, and readings that begin again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from projector.lake.asking import ask

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize("tz", ["UTC", "Asia/Kathmandu", "America/Denver"])
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("TIMESTAMPTZ '0001-01-01 00:00:00Z'", FIRST),
        ("TIMESTAMPTZ '9999-12-31 23:59:59.999999Z'", LAST),
        ("[TIMESTAMPTZ '9999-12-31 23:59:59.999999Z']", [LAST]),
        ("{'at': TIMESTAMPTZ '0001-01-01 00:00:00Z'}", {"at": FIRST}),
        ("MAP {'at': TIMESTAMPTZ '0001-01-01 00:00:00Z'}", {"at": FIRST}),
        ("TIMESTAMPTZ 'infinity'", "infinity"),
        ("TIMESTAMP '2020-08-18 10:00'", datetime(2020, 8, 18, 10)),
        ("TIMESTAMP_NS '2020-08-18 10:00:00.123456789'", datetime(2020, 8, 18, 10, 0, 0, 123456)),
        ("DATE '2020-08-18'", date(2020, 8, 18)),
        ("DATE '-infinity'", "-infinity"),
        ("DATE '0044-03-15 (BC)'", "-0043-03-15"),
        ("CAST(2.50 AS DECIMAL(4, 2))", Decimal("2.50")),
        ("sum(5)", 5),
        ("CAST(170141183460469231731687303715884105727 AS HUGEINT) // 10", 2**127 // 10),
        ("CAST(5 AS UBIGINT)", 5),
        ("2.5e0", 2.5),
        ("true", True),
        ("NULL", None),
        ("'é'", "é"),
        ("'ab'::BLOB", b"ab"),
        ("[[1], NULL]", [[1], None]),
        ("MAP {'a': [1]}", {"a": [1]}),
        ("[MAP {'a': {'b': 1}}]", [{"a": {"b": 1}}]),
        ("'x'::ENUM('x', 'y')", "x"),
    ],
)
def test_values(tables: Path, tz: str, expression: str, value: Any) -> None:
    """Of every type that the tables have, and of others."""
    ((found,),) = ask(tables, f"SELECT {expression}", tz=tz)
    assert (type(found), found) == (type(value), value)
    if isinstance(found, datetime):
        assert found.tzinfo is value.tzinfo


def test_a_reading_begins_again(tables: Path) -> None:
    """After a whole one, after a part of one, and within another."""
    rows = ask(tables, "SELECT id FROM outcomes ORDER BY valid_from LIMIT 20000")
    assert rows.columns == ("id",)
    assert [*islice(rows, 2)] == [("0",), ("1",)]
    assert len(rows.fetchall()) == len([*rows]) == pa.table(rows).num_rows == 20000
    assert [(a, b) for a in islice(rows, 2) for b in islice(rows, 1)] == [(("0",), ("0",)), (("1",), ("0",))]


def test_no_rows(tables: Path) -> None:
    """Have columns all the same."""
    rows = ask(tables, "FROM outcomes WHERE false")
    assert (rows.columns, rows.fetchall(), pa.table(rows).num_rows) == (("id", "valid_from", "title"), [], 0)


def test_the_arrow_stream_has_instants_in_utc(tables: Path) -> None:
    """Whatever the zone that is asked in; other libraries read it."""
    rows = ask(tables, "SELECT *, [valid_from] AS list FROM outcomes ORDER BY valid_from", tz="America/Denver")
    read = pa.table(rows)
    assert read.schema.field("valid_from").type == pa.timestamp("us", tz="UTC")
    assert read.schema.field("list").type == pa.list_(pa.field("l", pa.timestamp("us", tz="UTC")))
    assert [*zip(*read.slice(0, 3).to_pydict().values(), strict=True)] == [*islice(rows, 3)]
    assert duckdb.from_arrow(pa.table(rows)).count("*").fetchall() == [(30000,)]


def test_columns_of_one_name(tables: Path) -> None:
    """Are kept in their places."""
    rows = ask(tables, "SELECT 1 AS a, 2 AS a")
    assert (rows.columns, rows.fetchall()) == (("a", "a"), [(1, 2)])


def test_large_results_are_not_held(tables: Path) -> None:
    """Of 900 million rows the first come at once."""
    rows = ask(tables, "SELECT a.id, b.title FROM outcomes a, outcomes b")
    assert len([*islice(rows, 100_000)]) == 100_000


def test_the_representation_says_what_to_do(tables: Path) -> None:
    """In an interactive session."""
    assert repr(ask(tables, "SELECT 1 AS a, 2 AS b")) == "<Rows of a, b: loop over them, or fetchall()>"
