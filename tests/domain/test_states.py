"""The typed view of any state that the wire accepts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.catalogue import CATALOGUE, KINDS, Nested, kind_named
from projector.domain.states import Outcome, ProficiencyScale, Result
from projector.domain.typed import typed
from projector.wire.decode import decode
from tests.builders import reported
from tests.conftest import FIXTURES

PLAIN = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=5)
NUMBERS = st.none() | st.integers(-9, 9) | st.floats(0, 9) | st.sampled_from(["4.5", "-1e3"])


def values(shape: Any) -> st.SearchStrategy[Any]:
    """What a member may hold."""
    if isinstance(shape, Nested):
        inner = st.fixed_dictionaries({}, optional={name: values(of) for name, of in shape.members.items()})
        return st.none() | (st.lists(inner, max_size=3) if shape.many else inner)
    return NUMBERS if shape == "number" else PLAIN


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.kind)
@given(data=st.data())
def test_any_accepted_state_has_a_typed_view(entry: Any, data: st.DataObject) -> None:
    """It never raises, whatever plain values stand in plain places."""
    members = {name: values(shape) for name, shape in entry.members.items()}
    body = data.draw(st.fixed_dictionaries({}, optional=members)) | {entry.id: "7"}
    name = "rubric_assessed" if entry.kind == "assessment" else f"{entry.stem}_updated"
    if not hasattr(decode(json.dumps(reported(name, body)).encode()), "kind"):
        return  # refused at the wire: no state
    assert getattr(typed(entry.kind, body), entry.id) == "7"


def test_a_scale_as_canvas_sends_it() -> None:
    """Ratings as values, the instant in UTC, ids as text."""
    event = json.loads((FIXTURES / "events" / "outcome_proficiency_updated.json").read_text())
    scale = typed("scale", event["body"])
    assert isinstance(scale, ProficiencyScale)
    assert [(r.description, r.points, r.mastery) for r in scale.outcome_proficiency_ratings] == [
        ("Secure", 2.0, True),
        ("Not yet", 0.0, False),
    ]
    assert scale.updated_at == datetime(2024, 9, 4, 8, tzinfo=UTC)
    assert scale.mastery_points == 2.0


def test_text_is_not_taken_for_a_flag() -> None:
    """The library's default would read "false" as True."""
    results = [typed("result", {"mastery": value}) for value in ("false", "true", "yes", 1, 0, None)]
    assert results == [Result(mastery=flag) for flag in (False, True, None, None, None, None)]


def test_states_are_values() -> None:
    """Equal by content, and frozen."""
    outcome = typed("outcome", {"learning_outcome_id": 7, "calculation_int": "65", "rubric_criterion": None})
    assert outcome == Outcome(learning_outcome_id="7", calculation_int=65.0)
    with pytest.raises(FrozenInstanceError):
        outcome.title = "x"  # type: ignore[misc]
    assert Result() == typed("result", {})


def test_kinds_by_their_names() -> None:
    """Singular or plural, in any case."""
    assert [kind_named(kind) for kind in KINDS] == list(KINDS)
    assert [kind_named(f"{kind}s".upper()) for kind in KINDS] == list(KINDS)
