"""Columns hold what the typed view reads, whether Arrow reads all bodies at once or they are read one by one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.catalogue import BY_KIND, BY_NAME, CATALOGUE, KINDS, Entry, Kind
from projector.domain.ids import local_id, long_id
from projector.domain.typed import typed
from projector.lake.columns import RATINGS, Column, said_of
from projector.lake.members import INSTANT, _read_alike, arrays_of, text_array
from tests.lake.hostile import hostile

FIXTURES = sorted(Path("fixtures/events").glob("*.json"))
SHARDS = frozenset({2107})
Body = dict[str, Any]


def written(bodies: Sequence[Body]) -> pa.StringArray:
    """Bodies as JSON texts."""
    return text_array([json.dumps(body, ensure_ascii=False).encode() for body in bodies])


def columns(kind: Kind, bodies: Sequence[Body]) -> dict[str, list[Any]]:
    """What the columns of a kind have of bodies."""
    arrays = arrays_of(said_of(kind), written(bodies), SHARDS)
    return {name: array.to_pylist() for name, array in arrays.items()}


def expected(kind: Kind, column: Column, body: Body) -> Any:
    """What a column is to have of a body, by the typed view."""
    first, *within = column.path
    value = getattr(typed(kind, body), first)
    if column.name == RATINGS:
        ratings = value.ratings if within and value is not None else value or ()
        return [{part.name: plain(part.how, getattr(one, part.name)) for part in column.parts} for one in ratings]
    for name in within:
        value = None if value is None else getattr(value, name)
    return plain(column.how, value)


def plain(how: str, value: Any) -> Any:
    """A typed value as a column has it."""
    if value is None:
        return None
    if how == "id":
        long = long_id(value)
        return value if long is None else local_id(long, SHARDS)
    return float(value) if how == "number" else value


def assert_typed(kind: Kind, bodies: Sequence[Body]) -> None:
    """See that all columns hold what the typed view reads of each body."""
    found = columns(kind, bodies)
    for column in said_of(kind):
        if column.how == "json":
            texts = [None if text is None else json.loads(text) for text in found[column.name]]
            assert texts == [body.get(column.path[0]) for body in bodies]
        else:
            assert found[column.name] == [expected(kind, column, body) for body in bodies], column.name


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_of_every_fixture(path: Path) -> None:
    """Alone, and beside another body that says nothing."""
    event = json.loads(path.read_text(encoding="utf-8"))
    kind = BY_NAME[event["metadata"]["event_name"]].kind
    assert_typed(kind, [event["body"]])
    assert_typed(kind, [event["body"], {BY_KIND[kind].id: "1"}])


@given(st.integers(0, 2**32))
def test_of_odd_values_of_every_kind(seed: int) -> None:
    """Ids, numbers, flags and instants in all spellings, and some that are none."""
    random = Random(seed)
    events = hostile(random, 60)
    for kind in KINDS:
        bodies = [event["body"] for event in events if BY_NAME[event["metadata"]["event_name"]].kind == kind]
        if bodies:
            assert_typed(kind, bodies)


USUAL: dict[str, tuple[st.SearchStrategy[Any], ...]] = {  # by how a column reads: values of one type each
    "text": (st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**63), 2**63 - 1)),
    "id": (st.sampled_from(["1", "21070000000000005", "2107~7", " ", "ü", "a~b"]), st.integers(0, 10**17)),
    "number": (
        st.floats(allow_nan=False, allow_infinity=False),
        st.integers(-(2**70), 2**70),
        st.sampled_from(["1", "0.5", "x", "1e3", "nan"]),
    ),
    "flag": (st.booleans(), st.sampled_from(["true", "false", "x"])),
    "instant": (
        st.sampled_from(["2024-03-01T10:00:00Z", "2024-03-01T10:00:00.500Z"]),
        st.datetimes().map(lambda one: one.isoformat() + "Z"),
        st.sampled_from(["2024-03-01 10:00:00 -0800", "2024-03-01T23:59:60Z", "0000-01-01T00:00:00Z", "soon", ""]),
        st.from_regex(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3}Z|Z|\+[0-9]{4})", fullmatch=True
        ),
    ),
}


@st.composite
def alike(draw: st.DrawFn) -> tuple[Kind, list[Body]]:
    """Bodies of one kind whose members have values of one type each, or are null or missing."""
    entry: Entry = draw(st.sampled_from(CATALOGUE))
    plain_ones = [column for column in said_of(entry.kind) if column.how in USUAL and len(column.path) == 1]
    values = {column.name: draw(st.sampled_from(USUAL[column.how])) for column in plain_ones}
    own = {entry.id: values.pop(entry.id, st.just("1"))}  # without which no event is taken
    body = st.fixed_dictionaries(own, optional={name: value | st.none() for name, value in values.items()})
    return entry.kind, draw(st.lists(body, min_size=1, max_size=6))


@given(alike())
def test_of_values_of_one_type(bodies: tuple[Kind, list[Body]]) -> None:
    """Which Arrow reads at once, where it can."""
    assert_typed(*bodies)


def test_usual_bodies_are_read_at_once() -> None:
    """Also where their texts have line ends, where a member is not in the catalogue, and where ids are numbers."""
    kind: Kind = "result"
    body = {"id": 5, "learning_outcome_id": "7", "score": 3, "percent": 0.5, "mastery": True, "new": [{"a": 1}]}
    texts = [json.dumps(body, indent=2).encode(), json.dumps(body).encode()] * 20
    plain_ones = [column for column in said_of(kind) if len(column.path) == 1]
    read = _read_alike(plain_ones, text_array(texts), SHARDS)
    assert set(read) == {column.name for column in plain_ones}
    assert read["score"].to_pylist() == [3.0] * 40
    assert read["learning_outcome_id"].to_pylist() == ["7"] * 40


def test_a_member_that_is_there_twice_counts_as_it_came_last() -> None:
    """As in the typed view; Arrow refuses such a body."""
    (array,) = (
        arrays_of(said_of("link"), text_array([b'{"context_id": "1", "context_id": "2"}']), SHARDS)["context_id"],
    )
    assert array.to_pylist() == ["2"]


def test_instants_have_microseconds_and_are_in_utc() -> None:
    """Whatever their spelling."""
    texts = written([{"updated_at": "2024-03-01T04:00:00.123456789-06:00"}])
    array = arrays_of(said_of("link"), texts, SHARDS)["updated_at"]
    assert array.type == INSTANT
    assert array[0].as_py().isoformat() == "2024-03-01T10:00:00.123456+00:00"
