"""A change is one of meaning, not of spelling."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from projector.fold.changes import changes
from tests.strategies import json_values

SHARDS = {2107}


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("points", 5, 5.0),
        ("points", 0.0, -0.0),
        ("note", None, None),
        ("updated_at", "2020-08-18T17:24:46-06:00", "2020-08-18T23:24:46.000Z"),
        ("context_id", 5, "5"),
        ("id", "5", 5),
        ("context_id", "565", "21070000000000565"),
        ("context_id", "2107~565", 21070000000000565),
        ("criterion", {"points": 5, "note": None}, {"points": 5.0}),
        ("ratings", [{"points": 5}], [{"points": 5.0}]),
        ("ratings", [{"rating_id": 5}], [{"rating_id": "5"}]),
    ],
)
def test_another_spelling_is_no_change(member: str, old: Any, new: Any) -> None:
    """Numbers, nulls, instants, ids, and the same within nested values."""
    assert changes({member: old}, {member: new}, SHARDS) == {}
    assert changes({member: new}, {member: old}, SHARDS) == {}


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("title", "Cells", "cells"),
        ("title", "5", 5),
        ("points", 1, True),
        ("points", 0, False),
        ("points", 0, None),
        ("title", "", None),
        ("title", "2020-08-18T17:24:46-06:00", "2020-08-18T23:24:46Z"),
        ("updated_at", "2020-08-18T17:24:46-06:00", "2020-08-18T17:24:46Z"),
        ("updated_at", "soon", "later"),
        ("context_id", "565", "21080000000000565"),
        ("context_id", True, "1"),
        ("ratings", [{"points": 5}], [{"points": 5}, {"points": 3}]),
        ("ratings", [], None),
        ("criterion", {"points": 5}, {"points": 4}),
        ("criterion", {"points": {"a": 1}}, {"points": {"a": True}}),
    ],
)
def test_another_meaning_is_a_change(member: str, old: Any, new: Any) -> None:
    """With the old and the new value as they were sent."""
    assert changes({member: old}, {member: new}, SHARDS) == {member: (old, new)}


def test_the_first_version_changes_nothing() -> None:
    """There is nothing before it; a member that comes or goes is a change."""
    assert changes(None, {"title": "Cells"}) == {}
    assert changes({"a": 1}, {"b": 2}) == {"a": (1, None), "b": (None, 2)}


@given(json_values)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    """Whatever it is."""
    assert changes({"x": value}, {"x": value}) == {}
