"""Parts of rows: together all of them, each part before the next, and none larger than it need be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
def table(keys: list[Key], times: Sequence[int] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
    """A table with a row for each key, in this order.

    Args:
        times: Those of the rows; else each is later than the one before.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "CREATE TABLE rows (tenant VARCHAR, id VARCHAR, n BIGINT, valid_from BIGINT, known_from BIGINT)"
        )
        rows = [(*key, n, *divmod(times[n] if times else n, 3)) for n, key in enumerate(keys)]
        if rows:
            connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", rows)
        yield connection


def by_part(connection: duckdb.DuckDBPyConnection) -> list[list[tuple[Key, int]]]:
    """The rows of each part, in their order: as they lie where it is said that they are in order."""
    found = []
    for part in parts_of(connection, "rows"):
        order = "" if part.is_in_order else " ORDER BY tenant, id, valid_from, known_from, n"
        rows = connection.sql(f"SELECT tenant, id, n FROM ({part.of('rows')}){order}").fetchall()
        found.append([((tenant, id), n) for tenant, id, n in rows])
    return found


@given(
    ordered=st.lists(KEYS, max_size=40),
    behind=st.lists(KEYS, max_size=15),
    size=st.integers(1, 12),
    batch=st.integers(1, 9),
    most=st.sampled_from([0.0, 0.1, 1.0]),
    data=st.data(),
)
def test_parts_have_all_rows_in_order(
    ordered: list[Key], behind: list[Key], size: int, batch: int, most: float, data: st.DataObject
) -> None:
    """Whatever lies behind those that are in order, and in whatever order the rows of a key lie."""
    ordered.sort(key=lambda key: [text.encode() for text in key])
    keys, times = [*ordered, *behind], list(range(len(ordered) + len(behind)))
    if data.draw(st.booleans(), "times in no order"):
        times = data.draw(st.permutations(times))
    with table(keys, times) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "AT_ONCE", size)
        patch.setattr(ordering, "_BATCH", batch)
        patch.setattr(ordering, "_MOST_BEHIND", most)
        parts = by_part(connection)
        order = "tenant, id, valid_from, known_from, n"
        everything = connection.sql(f"SELECT tenant, id, n FROM rows ORDER BY {order}").fetchall()
    assert [((tenant, id), n) for tenant, id, n in everything] == [row for part in parts for row in part]
    of_parts = [{key for key, _ in part} for part in parts]
    assert not any(one & other for n, one in enumerate(of_parts) for other in of_parts[n + 1 :])


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


def test_a_part_says_whether_its_rows_lie_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a key by their times, too."""
    monkeypatch.setattr(ordering, "AT_ONCE", 4)
    keys, times = [("a", id) for id in "1122334455"], [1, 2, 3, 4, 6, 5, 7, 8, 9, 10]
    with table(keys, times) as connection:
        assert [part.is_in_order for part in parts_of(connection, "rows")] == [True, False, True]


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
