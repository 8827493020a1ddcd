"""Parts of rows: together all of them, each part before the next, and none larger than it need be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.lake import ordering
from projector.lake.ordering import ALL, parts_of

Key = tuple[str, str]
KEYS = st.tuples(st.sampled_from(["a", "b", "é", "a\0"]), st.sampled_from(["1", "10", "2", "it's", "ü", "", "a\0b"]))


@contextmanager
def table(keys: list[Key]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A table with a row for each key, in this order."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE rows (tenant VARCHAR, id VARCHAR, n BIGINT)")
        rows = [(*key, n) for n, key in enumerate(keys)]
        if rows:
            connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", rows)
        yield connection


def by_part(connection: duckdb.DuckDBPyConnection) -> list[list[tuple[Key, int]]]:
    """The rows of each part, in their order."""
    queries = [f"SELECT tenant, id, n FROM rows WHERE {part} ORDER BY ALL" for part in parts_of(connection, "rows")]
    return [[((tenant, id), n) for tenant, id, n in connection.sql(query).fetchall()] for query in queries]


@given(
    ordered=st.lists(KEYS, max_size=40),
    behind=st.lists(KEYS, max_size=15),
    size=st.integers(1, 12),
    batch=st.integers(1, 9),
    most=st.sampled_from([0.0, 0.1, 1.0]),
)
def test_parts_have_all_rows_in_order(
    ordered: list[Key], behind: list[Key], size: int, batch: int, most: float
) -> None:
    """Whatever lies behind those that are in order."""
    ordered.sort(key=lambda key: [text.encode() for text in key])
    with table([*ordered, *behind]) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "AT_ONCE", size)
        patch.setattr(ordering, "_BATCH", batch)
        patch.setattr(ordering, "_MOST_BEHIND", most)
        parts = by_part(connection)
        everything = connection.sql("SELECT tenant, id, n FROM rows ORDER BY ALL").fetchall()
    assert [((tenant, id), n) for tenant, id, n in everything] == [row for part in parts for row in part]
    keys = [{key for key, _ in part} for part in parts]
    assert not any(one & other for n, one in enumerate(keys) for other in keys[n + 1 :])


@pytest.mark.parametrize(
    ("rows", "size", "parts"),
    [(1000, 100, [100] * 10), (1000, 999, [999, 1]), (1000, 300, [300, 300, 300, 100]), (1000, 1000, [1000])],
)
def test_parts_are_as_large_as_they_may_be(
    rows: int, size: int, parts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each key has one row."""
    monkeypatch.setattr(ordering, "AT_ONCE", size)
    with table([("a", f"{n:04}") for n in range(rows)]) as connection:
        assert [len(part) for part in by_part(connection)] == parts


def test_rows_in_no_order_are_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """To look for those of a part would take longer than to sort all."""
    monkeypatch.setattr(ordering, "AT_ONCE", 10)
    with table([("a", f"{n * 37 % 100:02}") for n in range(100)]) as connection:
        assert parts_of(connection, "rows") == [ALL]


def test_rows_that_changed_since_are_taken_with_their_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as they are few."""
    monkeypatch.setattr(ordering, "AT_ONCE", 30)
    with table([*(("a", f"{n:03}") for n in range(100)), ("a", "000"), ("a", "050")]) as connection:
        assert [len(part) for part in by_part(connection)] == [31, 31, 30, 10]
