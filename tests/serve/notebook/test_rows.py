"""Rows of SQL in notebooks: the first of them, which a loop has all the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from projector.domain.errors import BadQuestion
from projector.lake.asking import ask
from projector.lake.rows import Rows
from projector.lake.sessions import POOL
from tests.serve.notebook.reading import Reader


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file with a table."""
    path = tmp_path_factory.mktemp("tables") / "1.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT n, 'Number ' || n AS title FROM range(50000) AS r(n)")
    yield path
    POOL.close()


def read(rows: Rows) -> Reader:
    """What a notebook shows."""
    return Reader(rows._repr_html_())


def test_the_first_rows_are_shown(tables: Path) -> None:
    """And how to see all."""
    shown = read(ask(tables, "FROM numbers ORDER BY n"))
    assert shown.tables == [[["n", "title"], *([str(n), f"Number {n}"] for n in range(20))]]
    assert shown.lines[-1] == "The first 20 rows; fetchall() has all."


@pytest.mark.parametrize(("count", "said"), [(0, "0 rows."), (1, "1 row."), (20, "20 rows.")])
def test_a_few_rows_are_shown_whole(tables: Path, count: int, said: str) -> None:
    """And counted."""
    shown = read(ask(tables, f"FROM numbers ORDER BY n LIMIT {count}"))
    assert (len(shown.tables[0]), shown.lines[-1]) == (count + 1, said)


@pytest.mark.parametrize("looks", [1, 3])
def test_the_first_reading_has_all_rows(tables: Path, looks: int) -> None:
    """However often they were shown before."""
    rows = ask(tables, "FROM numbers ORDER BY n")
    for _ in range(looks):
        assert len(read(rows).tables[0]) == 21
    assert rows.fetchall() == [(n, f"Number {n}") for n in range(50000)]
    assert len(read(rows).tables[0]) == 21
    assert pa.table(rows).num_rows == 50000


def counted_rows(batches: list[list[int]], taken: list[int]) -> Rows:
    """Rows in these batches; ``taken`` has the length of each batch that was read."""
    schema = pa.schema([("n", pa.int64())])

    def run() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            taken.append(len(batch))
            yield pa.record_batch([pa.array(batch, pa.int64())], schema=schema)

    return Rows(schema, [False], run(), run)


def test_only_the_first_batches_are_read() -> None:
    """As many as hold the rows that are shown and one more; they are not asked for again."""
    taken: list[int] = []
    rows = counted_rows([[], [0] * 15, [1] * 5, [2], [3], [4]], taken)
    assert read(rows).lines[-1].startswith("The first 20 rows")
    assert taken == [0, 15, 5, 1]
    assert [*islice(rows, 21)] == [(0,)] * 15 + [(1,)] * 5 + [(2,)]
    assert taken == [0, 15, 5, 1]


def test_a_look_after_the_first_reading_asks_again() -> None:
    """And does not become the next one."""
    taken: list[int] = []
    rows = counted_rows([[1], [2]], taken)
    assert rows.fetchall() == [(1,), (2,)]
    assert read(rows).tables == [[["n"], ["1"], ["2"]]]
    assert rows.fetchall() == [(1,), (2,)]
    assert taken == [1, 1] * 3


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("TIMESTAMPTZ '2020-08-18 10:00:00Z'", "2020-08-18T10:00:00.000000Z"),
        ("NULL", "null"),
        ("''", ""),
        ("3.0e0", "3"),
        ("true", "true"),
        ("[1, NULL]", "[1,null]"),
        ("'ab'::BLOB", "6162"),
        ("'<b>' || chr(8238) || '&'", "<b>\\u202e&"),
        ("repeat('x', 1000)", "x" * 200 + "…"),
        ("[repeat('x', 1000)]", '["' + "x" * 198 + "…"),
    ],
)
def test_values(tables: Path, expression: str, shown: str) -> None:
    """Instants in UTC whatever the zone, nulls by their name, long texts cut."""
    ((_, (found,)),) = read(ask(tables, f"SELECT {expression} AS a", tz="America/Denver")).tables
    assert found == shown


def test_names_of_columns_are_texts(tables: Path) -> None:
    """Twice the same one, too."""
    ((names, _),) = read(ask(tables, f'SELECT 1 AS "<i>&", 2 AS "<i>&", 3 AS "{"x" * 300}"')).tables
    assert names == ["<i>&", "<i>&", "x" * 200 + "…"]


def test_numbers_are_aligned_to_the_right(tables: Path) -> None:
    """Not what is no number."""
    html = ask(tables, "SELECT 1 AS a, true AS b, NULL AS c")._repr_html_()
    assert html.count("text-align:right") == 2


def test_an_error_while_rows_are_read_is_raised(tables: Path) -> None:
    """Where the rows that are shown need it, and in the next reading as usual."""
    with pytest.raises(BadQuestion, match="Could not convert"):
        read(ask(tables, "SELECT CAST(CASE WHEN n = 5 THEN 'x' ELSE '1' END AS INT) AS n FROM numbers"))

    def run() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch([pa.array([1])], names=["n"])
        raise BadQuestion("row 2")

    rows = Rows(pa.schema([("n", pa.int64())]), [False], run(), run)
    for _ in range(2):
        with pytest.raises(BadQuestion, match="row 2"):
            read(rows)
    with pytest.raises(BadQuestion, match="row 2"):
        rows.fetchall()
