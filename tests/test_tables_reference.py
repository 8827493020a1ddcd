"""The reference of the tables has the columns that they have, and its rules about columns hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import projector
from projector.domain.catalogue import KINDS
from projector.lake.layout import table_of
from tests import reference_tables
from tests.reference_tables import HEAD, Described, described, tables

KNOWN = [Described("known_from", "TIMESTAMPTZ"), Described("known_to", "TIMESTAMPTZ")]


@pytest.fixture(scope="module")
def empty() -> Iterator[projector.Projector]:
    """An empty store."""
    with projector.open(":memory:") as p:
        yield p


def test_the_reference_lists_the_columns_of_the_tables() -> None:
    """As they are now."""
    written = reference_tables.PAGE.read_text(encoding="utf-8")
    assert written == reference_tables.page(), "write them again with: python -m tests.reference_tables"


def test_the_reference_names_every_table_and_macro(empty: projector.Projector) -> None:
    """Those of `SHOW TABLES`; the macros and the tables on both clocks by the table that they are made of."""
    shown = {name for (name,) in empty.sql("SHOW TABLES")}
    ends = "", "_bitemporal", "_as_of(t)", "_as_of(t, k)"
    assert shown == {f"{table}{end}" for table in tables() for end in ends} | {"store"}
    text = reference_tables.PAGE.read_text(encoding="utf-8")
    assert [name for name in [*tables(), "store"] if f"| `{name}`" not in text and f", `{name}`" not in text] == []


@pytest.mark.parametrize("table", tables())
def test_the_columns_of_both_clocks_follow_those_of_time(empty: projector.Projector, table: str) -> None:
    """`known_from` and `known_to` after the first five; `in_tree` is of what is known now."""
    columns = described(empty, table)
    rest = [column for column in columns[len(HEAD) :] if column.name != "in_tree"]
    assert tuple(column.name for column in columns[: len(HEAD)]) == HEAD
    assert described(empty, f"{table}_bitemporal") == [*columns[: len(HEAD)], *KNOWN, *rest]


@pytest.mark.parametrize("table", tables())
def test_the_macros_give_the_columns_of_their_table(empty: projector.Projector, table: str) -> None:
    """With one instant and with two."""
    assert described(empty, f"{table}_as_of(NULL)") == described(empty, table)
    assert described(empty, f"{table}_as_of(NULL, NULL)") == described(empty, table)


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_of_versions_goes_on_with_their_state(empty: projector.Projector, kind: projector.Kind) -> None:
    """Then come the members, of the types that the reference names."""
    columns = described(empty, table_of(kind))
    assert [column.name for column in columns[len(HEAD) :][:3]] == ["status", "event_name", "state"]
    assert {column.type for column in columns} <= {"VARCHAR", "DOUBLE", "BOOLEAN", "TIMESTAMPTZ"}
    assert {column.type for column in columns if column.name.endswith("_id")} <= {"VARCHAR"}
