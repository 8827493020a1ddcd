"""Which outcomes are in use: results on others count in no score, unless they are asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from tests.ask.answers import unattributed
from tests.builders import Clock, Event, mark, method, outcome, reported, result, scale
from tests.conftest import Stores

EARLY = "2024-01-01T00:00:00Z"


def link(id: str, of: str = "7", context: str = "Course/1", at: str = EARLY, **body: Any) -> Event:
    """A link of an outcome into a group of a context."""
    type, place = context.split("/")
    known = {"learning_outcome_link_id": id, "learning_outcome_id": of, "context_type": type, "context_id": place}
    return reported("learning_outcome_link_updated", known | body, at)


def scored(p: projector.Projector, day: str | None = None, **asked: Any) -> list[tuple[str, str | None, str]]:
    """Learner, course and the outcome's status of each score."""
    return [(s.learner, s.context, s.outcome_status) for s in p.as_of(day).scores(**asked)]


@pytest.fixture
def college(p: projector.Projector) -> projector.Projector:
    """Ada and Ben in two courses, on one outcome, by the latest result."""
    p.append([outcome("Cells", EARLY, id="7"), method("latest"), scale(EARLY)])
    p.append([mark("1", "Ada", 0.5), mark("2", "Ben", 1.0, result_context_id="2")])
    return p


@pytest.mark.parametrize("status", ["deleted", "archived"])
def test_results_on_outcomes_out_of_use_leave_scores_summaries_and_impact(
    college: projector.Projector, status: str
) -> None:
    """From the day on; asked for they are there, with the outcome's status."""
    both = [("Ada", "Course/1", "active"), ("Ben", "Course/2", "active")]
    college.append(outcome("Cells", "2024-05-01T00:00:00Z", id="7", workflow_state=status))
    assert scored(college, "2024-04-30") == both
    after = college.as_of("2024-05-02")
    assert [*after.scores(), *after.summaries()] == []
    assert list(after.impact("Course/1", "2024-04-01", "2024-05-02")) == []
    assert scored(college, "2024-05-02", inactive=True) == [(who, course, status) for who, course, _ in both]
    assert [one.learners for one in after.summaries(inactive=True)] == [1, 1]
    (change,) = after.impact("Course/1", "2024-04-01", "2024-05-02", inactive=True)
    assert (change.learner, change.move) == ("Ada", "same")
    college.append(outcome("Cells", "2024-06-01T00:00:00Z", id="7"))
    assert scored(college, "2024-06-02") == both


@pytest.mark.parametrize("status", ["retired", "", None, "of a later Canvas"])
def test_any_other_status_counts(college: projector.Projector, status: str | None) -> None:
    """Canvas leaves out deleted and archived ones only."""
    college.append(outcome("Cells", "2024-05-01T00:00:00Z", id="7", workflow_state=status))
    assert scored(college, learner="Ada") == [("Ada", "Course/1", status or "active")]


@pytest.mark.parametrize("spelling", [{"id": 7}, {"id": "21070000000000007"}, {"id": "2107~7"}])
def test_an_outcome_is_known_by_any_spelling_of_its_id(college: projector.Projector, spelling: Event) -> None:
    """Local, global or with a tilde; likewise in links."""
    college.append(outcome("Cells", "2024-05-01T00:00:00Z", workflow_state="deleted", **spelling))
    assert scored(college) == []


def test_an_outcome_whose_known_links_in_the_course_are_all_deleted_is_left_out(college: projector.Projector) -> None:
    """In that course only; a link that nobody mentioned leaves nothing out."""
    college.append([link("11"), link("12", learning_outcome_group_id="3")])
    assert scored(college) == [("Ada", "Course/1", "active"), ("Ben", "Course/2", "active")]
    college.append(link("11", at="2024-05-01T00:00:00Z", workflow_state="deleted"))
    assert scored(college) == [("Ada", "Course/1", "active"), ("Ben", "Course/2", "active")]
    college.append(link("12", at="2024-06-01T00:00:00Z", workflow_state="deleted"))
    assert scored(college, "2024-05-31", course=1) == [("Ada", "Course/1", "active")]
    assert scored(college) == [("Ben", "Course/2", "active")]
    assert scored(college, inactive=True) == [("Ada", "Course/1", "unlinked"), ("Ben", "Course/2", "active")]
    changes = college.as_of("2024-07-01").impact("Account/1", "2024-04-01", "2024-07-01")
    assert [change.learner for change in changes] == ["Ben"]
    college.append(link("13", at="2024-07-01T00:00:00Z", learning_outcome_group_id=4))
    assert scored(college, course="Course/1") == [("Ada", "Course/1", "active")]


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"context": "Account/1"},
        {"context": "Course/2"},
        {"of": "8"},
        {"context": "LearningOutcomeGroup/1"},
        {"at": "2024-12-01T00:00:00Z"},
    ],
)
def test_links_of_other_contexts_outcomes_and_days_say_nothing(
    college: projector.Projector, elsewhere: dict[str, Any]
) -> None:
    """Only links whose own context is the result's course, as of the day."""
    college.append(link("11", workflow_state="deleted", **elsewhere))
    assert scored(college, "2024-04-01", learner="Ada") == [("Ada", "Course/1", "active")]


@pytest.mark.parametrize("course", ["1", 1, "21070000000000001", "2107~1"])
def test_a_course_is_known_by_any_spelling_of_its_id(college: projector.Projector, course: Any) -> None:
    """A number, local, global, with a tilde."""
    college.append(link("11", workflow_state="deleted", context_id=course))
    assert scored(college) == [("Ben", "Course/2", "active")]


def test_a_link_that_came_from_another_context_counts_where_it_is(college: projector.Projector) -> None:
    """Canvas does not move links between contexts; a log may tell so nevertheless."""
    college.append([link("11"), link("11", context="Course/2", at="2024-05-01T00:00:00Z", workflow_state="deleted")])
    assert scored(college, "2024-04-30") == [("Ada", "Course/1", "active"), ("Ben", "Course/2", "active")]
    assert scored(college, "2024-05-02") == [("Ada", "Course/1", "active")]
    college.append(link("11", at="2024-06-01T00:00:00Z", workflow_state="deleted"))
    assert scored(college, "2024-06-02") == [("Ben", "Course/2", "active")]


def test_courses_that_are_merged_each_go_by_their_own_links(college: projector.Projector) -> None:
    """Across courses a result counts where its own course links the outcome."""
    college.append([mark("3", "Ada", 1.0, "2024-03-09", result_context_id="2"), link("11", workflow_state="deleted")])
    assert [(s.score, s.results, s.outcome_status) for s in college.now().scores("Ada", across=True)] == [
        (4.0, 1, "active")
    ]
    assert [(s.results, s.outcome_status) for s in college.now().scores("Ada", across=True, inactive=True)] == [
        (2, "active")
    ]
    college.append(link("12", context="Course/2", workflow_state="deleted"))
    assert scored(college, learner="Ada", across=True, inactive=True) == [("Ada", None, "unlinked")]


def test_without_a_course_the_outcomes_own_status_decides(p: projector.Projector) -> None:
    """And an outcome that no event tells of counts."""
    nowhere = result(id="5", user_uuid="Ada", learning_outcome_id="404")
    p.append([nowhere, link("11", of="404", workflow_state="deleted"), mark("6", "Ada", 1.0, of="404")])
    assert scored(p) == [("Ada", None, "unknown")]
    assert scored(p, inactive=True) == [("Ada", None, "unknown"), ("Ada", "Course/1", "unlinked")]
    p.append(outcome("Cells", id="404", workflow_state="deleted"))
    assert scored(p) == []
    assert scored(p, inactive=True) == [("Ada", None, "deleted"), ("Ada", "Course/1", "deleted")]


def test_the_day_of_the_results_decides_and_not_that_of_the_scale(college: projector.Projector) -> None:
    """A scale of before the deletion does not bring results back, nor one of after take them away."""
    college.append(outcome("Cells", "2024-05-01T00:00:00Z", id="7", workflow_state="deleted"))
    assert scored(college, "2024-06-01", scale_as_of="2024-04-01") == []
    assert len(scored(college, "2024-04-01", scale_as_of="2024-06-01")) == 2
    assert list(college.as_of("2024-04-01").impact("Course/1", "2024-06-01", "2024-04-01")) != []


def test_results_without_a_learner_are_counted_of_outcomes_in_use_only(college: projector.Projector) -> None:
    """Each in the summary of its own outcome and course, also where there is no score."""
    nobody = [mark(f"9{n}", "", 0.5, user_uuid=who) for n, who in enumerate((None, "", "  "))]
    college.append([*nobody, mark("80", "", 1.0, of="8", user_uuid=None), link("11", of="8", workflow_state="deleted")])
    assert unattributed(college) == {("7", "Course/1"): 3, ("7", "Course/2"): 0}
    assert unattributed(college, inactive=True)["8", "Course/1"] == 1
    assert unattributed(college, outcome=8, inactive=True) == {("8", "Course/1"): 1}
    (alone,) = college.now().summaries(outcome="8", inactive=True)
    assert (alone.learners, alone.mean, alone.median, alone.mastered) == (0, None, None, 0)
    assert {score.learner for score in college.now().scores(inactive=True)} == {"Ada", "Ben"}
    assert unattributed(college, learner="Ada") == {("7", "Course/1"): 0}


STATES = st.sampled_from(["active", "deleted", "archived", "retired", None])
DAYS = st.integers(1, 28).map(lambda day: f"2024-04-{day:02}T00:00:00Z")
LINKS = st.builds(
    lambda id, of, course, day, state: link(id, of, f"Course/{course}", day, workflow_state=state),
    st.sampled_from(["11", "12", "13"]),
    st.sampled_from(["7", "8"]),
    st.sampled_from(["1", "2"]),
    DAYS,
    STATES,
)
OUTCOMES = st.builds(
    lambda id, day, state: outcome("Cells", day, id=id, workflow_state=state), st.sampled_from(["7", "8"]), DAYS, STATES
)


@given(st.lists(LINKS, max_size=6), st.lists(OUTCOMES, max_size=4), st.integers(1, 28))
def test_what_counts_is_what_links_and_outcomes_say_one_by_one(
    store: Stores, links: list[Event], outcomes: list[Event], day: int
) -> None:
    """By the states that the view itself gives for each of them."""
    marks = [mark(f"{o}{c}", "Ada", 0.5, of=o, result_context_id=c) for o in ("7", "8") for c in ("1", "2")]
    with store(clock=Clock()) as p:
        p.append([*marks, *links, *outcomes])
        view = p.as_of(f"2024-04-{day:02}")
        stand = [(v.status, v.state) for v in view.all("link", deleted=True)]
        expected = {}
        for o in ("7", "8"):
            own = view.get("outcome", o)
            status = "unknown" if own is None else own.status
            for c in ("1", "2"):
                mine = [s for s, b in stand if (b["learning_outcome_id"], b["context_id"]) == (o, c)]
                unlinked = bool(mine) and set(mine) == {"deleted"}
                left_out = status in ("deleted", "archived")
                expected[o, f"Course/{c}"] = status if left_out or not unlinked else "unlinked"
        found = {(s.outcome, s.context): s.outcome_status for s in view.scores(inactive=True)}
        assert found == expected
        out = ("deleted", "archived", "unlinked")
        in_use = {(s.outcome, s.context) for s in view.scores()}
        assert in_use == {key for key, status in expected.items() if status not in out}
