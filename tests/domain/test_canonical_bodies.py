"""The canonical JSON of bodies, written quickly, is that which is written of each alone."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.canonical import canonical_json
from projector.domain.canonical_bodies import CanonicalBodies
from projector.domain.catalogue import BY_NAME, CATALOGUE, KINDS, Entry, Kind
from projector.domain.structs import MOST_LEARNT, nested_members
from tests.lake.hostile import hostile
from tests.strategies import json_values

FLOATS = st.sampled_from([5.0, 0.5, -0.0, 1e-7, 3e-5, 1e22, 2.0**70, 1.5e300])
ODD = json_values | FLOATS | st.integers(-(2**70), 2**70) | st.sampled_from(["re-do", "5.0,", "x.0}", "1e-7"])


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Kind, list[dict[str, Any]]]:
    """Bodies of a kind, with members of the catalogue and others, of any values."""
    entry = draw(st.sampled_from(CATALOGUE))
    names = st.sampled_from([*entry.members, "new", "other_new", "class", "__x", "ü"])
    return entry.kind, draw(st.lists(st.dictionaries(names, ODD, max_size=8), max_size=5))


def written(kind: Kind, all: list[dict[str, Any]]) -> list[bytes]:
    """What one writer writes of bodies, one after the other."""
    writer, lines = CanonicalBodies(kind), list[bytes]()
    for body in all:
        line = bytearray(b"before")
        writer.write(json.dumps(body, ensure_ascii=False).encode(), line)
        lines.append(bytes(line))
    return lines


@given(bodies())
def test_of_any_bodies(kind_and_bodies: tuple[Kind, list[dict[str, Any]]]) -> None:
    """Also where one writer wrote others before."""
    kind, all = kind_and_bodies
    assert written(kind, all) == [b"before" + canonical_json(body) for body in all]


@given(st.integers(0, 2**32))
def test_of_bodies_as_producers_send_them(seed: int) -> None:
    """Of every kind."""
    events = hostile(Random(seed), 40)
    for kind in KINDS:
        all = [event["body"] for event in events if BY_NAME[event["metadata"]["event_name"]].kind == kind]
        assert written(kind, all) == [b"before" + canonical_json(body) for body in all]


def test_of_more_names_than_are_learnt() -> None:
    """The others are written one by one."""
    all = [{f"new_{number}": 5.0, "title": "T"} for number in range(MOST_LEARNT + 3)] * 2
    assert written("link", all) == [b"before" + canonical_json(body) for body in all]


@pytest.mark.parametrize(
    "number", [1e16, 1e22, -1e17, 1.5e300, 2.0**70, 9e-5, 3e-5, -1e-5, 1e-7, 5e-324, -0.0, 5.0, 1e15]
)
@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.kind)
def test_of_numbers_that_encoders_spell_in_different_ways(entry: Entry, number: float) -> None:
    """In a member of the catalogue, in another, and within both."""
    for name in (*entry.numbers, *nested_members(entry), "new"):
        within = {"points": number, "mastery_points": number, "ratings": [{"points": number}]}
        all = [{name: value, "title": "T"} for value in (number, within, [within])]
        assert written(entry.kind, all * 2) == [b"before" + canonical_json(body) for body in all * 2]
