"""An instant that decides and cannot be read: every answer that rests on it says so."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

import projector
from tests.builders import Event, mark, method, outcome, reported, scale

AT = "2024-03-01T10:00:00Z"
UNREADABLE = ["yesterday", "2024-02-30T10:00:00Z", 1709287200, "", "2024-03-01"]


def note(member: str, of: str, value: Any) -> str:
    """What an answer assumes of it."""
    return f'{member} of {of} could not be read: "{value}"'


def twice(kind: str, updated_at: Any) -> list[Event]:
    """Two updates of one instant, one of which says when the change was made in no readable way."""
    if kind == "outcome":
        return [outcome("Cells", AT, id="7", updated_at=updated_at), outcome("Cell", AT, id="7", updated_at=AT)]
    return [scale(AT, updated_at=updated_at), scale(AT, points=(5, 3), updated_at=AT)]


@pytest.mark.parametrize("value", UNREADABLE)
@pytest.mark.parametrize("kind", ["outcome", "scale"])
def test_an_unreadable_updated_at_is_said(p: projector.Projector, kind: str, value: Any) -> None:
    """By a version, a history, the scale in force, and why; whatever the order of arrival."""
    id = "7" if kind == "outcome" else "9"
    for events in permutations(twice(kind, value)):
        p.append(list(events))
    expected = note("updated_at", f"{kind} {id}", value)
    version = p.now().get(kind, id)
    assert version is not None
    assert version.basis.decided_by == "updated_at"
    assert expected in version.basis.assumed
    first, second = p.history(kind, id)
    assert (expected in first.basis.assumed, expected in second.basis.assumed) == (False, True)
    explanation = p.now().why(kind, id)
    assert expected in explanation.basis.assumed
    assert [event_verdict.unread for event_verdict in explanation.testimonies] == [(expected,), ()]
    if kind == "scale":
        assert expected in p.now().scale_in_force("Account/1").basis.assumed


@pytest.mark.parametrize("values", [("soon", "later"), (None, "soon"), ("soon", "soon")])
def test_what_only_content_decides_names_what_could_not_be_read(
    p: projector.Projector, values: tuple[Any, Any]
) -> None:
    """Canvas gave an order; it could not be read. What is absent is not unreadable."""
    p.append([outcome(title, AT, id="7", updated_at=at) for title, at in zip(("Cells", "Cell"), values, strict=True)])
    version = p.now().get("outcome", "7")
    assert version is not None
    assert version.basis.decided_by == "content"
    assert set(version.basis.assumed) == {note("updated_at", "outcome 7", value) for value in values if value}


def test_what_decided_nothing_is_not_said(p: projector.Projector) -> None:
    """Where the time of the event or its verb decides, or all can be read."""
    p.append(
        [
            outcome("Cells", AT, id="7", verb="created", updated_at="soon"),
            outcome("Cell", AT, id="7", updated_at="soon"),
            outcome("Mitosis", "2024-03-02T10:00:00Z", id="8", updated_at="soon"),
            outcome("Meiosis", AT, id="8", updated_at="soon"),
            outcome("Roots", AT, id="9"),
            outcome("Leaves", AT, id="9"),
        ]
    )
    for id in ("7", "8", "9"):
        version = p.now().get("outcome", id)
        assert version is not None
        assert version.basis.assumed == ()
    assert all(not event_verdict.unread for id in "789" for event_verdict in p.now().why("outcome", id).testimonies)


@pytest.mark.parametrize("value", UNREADABLE)
def test_scores_say_which_time_of_a_result_could_not_be_read(p: projector.Projector, value: Any) -> None:
    """Of results that count only."""
    p.append([method("latest"), mark("1", "Ada", 0.2), mark("2", "Ada", 1.0, assessed_at=value)])
    p.append([mark("3", "Ben", 1.0, assessed_at=value, workflow_state="deleted"), mark("4", "Ben", 1.0)])
    expected = note("assessed_at", "result 2", value)
    assert [score.score for score in p.now().scores("Ada", course=1)] == [1.0]
    assert p.now().scoring().basis.assumed[2:] == (expected,)
    assert p.now().scoring(learner="Ben").basis.assumed[2:] == ()
    assert expected in p.now().scoring("Ada").basis.assumed


@pytest.mark.parametrize("value", UNREADABLE)
@pytest.mark.parametrize("course", ["1", None])
def test_scores_say_what_could_not_be_read_of_what_judged_them(
    p: projector.Projector, value: Any, course: str | None
) -> None:
    """Of the scale that was chosen between two of one instant, in a course and without one."""
    p.append([*twice("scale", value), outcome("Cells", AT, id="7"), mark("1", "Ada", 0.5, result_context_id=course)])
    assert p.now().scoring("Ada").basis.assumed[2:] == (note("updated_at", "scale 9", value),)


@pytest.mark.parametrize("value", UNREADABLE)
def test_scores_say_which_time_of_submission_could_not_be_read(p: projector.Projector, value: Any) -> None:
    """Then the time of grading orders; where that of submission can be read, no other one matters."""
    rubric = {"artifact_type": "RubricAssessment", "artifact_id": "91"}
    p.append([method("latest"), mark("1", "Ada", 0.2, **rubric), mark("2", "Ada", 1.0, "2024-02-01")])
    p.append(reported("rubric_assessed", {"id": "91", "submitted_at": value, "created_at": AT}, AT))
    scoring = p.now().scoring("Ada")
    assert [(score.score, score.ordered_by) for score in scoring] == [(1.0, "assessed_at")]
    assert scoring.basis.assumed[2:] == (note("submitted_at", "assessment 91", value),)
    p.append(reported("rubric_assessed", {"id": "91", "submitted_at": "2024-01-01T00:00:00Z"}, "2024-03-02T10:00:00Z"))
    p.append(mark("1", "Ada", 0.2, "2024-03-03", assessed_at="soon", **rubric))
    scoring = p.now().scoring("Ada")
    assert [(score.score, score.ordered_by) for score in scoring] == [(5.0, "both")]
    assert scoring.basis.assumed[2:] == ()


def test_of_many_that_could_not_be_read_the_first_are_named(p: projector.Projector) -> None:
    """And how many more there are."""
    p.append([mark(str(n), f"L{n}", 1.0, assessed_at="soon") for n in range(1000, 1030)])
    assumed = p.now().scoring().basis.assumed[2:]
    assert len(assumed) == 21
    assert assumed[-1] == "and 10 more"
    assert assumed[0] == note("assessed_at", "result 1000", "soon")
