"""Mastery as it was: a class before and after a change of scale, and what never matters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from tests.ask.answers import scores_of, unattributed
from tests.builders import Clock, Event, mark, method, outcome, reported, result, scale
from tests.conftest import FIXTURES, Stores

STORY = FIXTURES / "scenarios" / "class-and-scale.jsonl"
EXPECTED = json.loads(STORY.with_suffix(".expected.json").read_text())


@pytest.fixture
def story(store: Stores) -> Any:
    """A class of three, a scale that changes in mid-term, and a regrade that arrives late."""
    with store() as p:
        p.replay(STORY, keep_recorded_at=True)
        yield p


@pytest.mark.parametrize("question", EXPECTED["scores"], ids=lambda q: q["what"])
def test_the_scores_of_the_story(story: projector.Projector, question: dict[str, Any]) -> None:
    """By the day, by what was known, and under another day's scale."""
    view = story.as_of(question["as_of"], known_at=question.get("known_at"))
    found = view.scores(course="Course/1", scale_as_of=question.get("scale_as_of"))
    assert [[s.learner, s.score, s.rating, s.mastery] for s in found] == question["expected"]


def test_the_summary_and_the_impact_of_the_story(story: projector.Projector) -> None:
    """A class before and after, and who changed level by the change of scale alone."""
    for day, expected in EXPECTED["summaries"].items():
        (one,) = story.as_of(day).summaries(outcome="7")
        assert [one.learners, one.mean, one.median, one.mastered] == expected
        assert sum(share.count for share in one.ratings) + one.unrated == one.learners
    changes = list(story.as_of("2024-04-15").impact("Course/1", "2024-03-20", "2024-04-15"))
    assert [[c.learner, c.level_before, c.level_after, c.move] for c in changes] == EXPECTED["impact"]
    below = list(story.as_of("2024-04-15").impact("Account/1", "2024-03-20", "2024-04-15"))
    assert below == changes
    assert list(story.as_of("2024-04-15").impact("Account/9", "2024-03-20", "2024-04-15")) == []


def test_each_course_has_its_own_score_and_its_own_judge(p: projector.Projector) -> None:
    """One for each learner, outcome and course; merged only on purpose."""
    p.append([scale("2024-01-01T00:00:00Z", points=(4, 3, 0)), method("latest"), outcome("Cells", id="7")])
    p.append([scale("2024-01-01T00:00:00Z", points=(10, 5), mastery=5, context="Course/2", outcome_proficiency_id="2")])
    p.append([mark("1", "Ada", 0.5), mark("2", "Ada", 0.8, result_context_id="2"), mark("3", "Ben", 1.0, of="8")])
    assert scores_of(p) == [
        ("Ada", "7", "Course/1", 2.0, False),
        ("Ada", "7", "Course/2", 8.0, True),
        ("Ben", "8", "Course/1", 4.0, True),
    ]
    assert scores_of(p, learner="Ben") == scores_of(p, outcome="8") == scores_of(p)[2:]
    assert scores_of(p, course="Course/2") == scores_of(p, course="2") == scores_of(p, course=2) == scores_of(p)[1:2]
    assert scores_of(p, learner="Ada", course="1") == scores_of(p)[:1]
    assert scores_of(p, learner="Ada", across=True) == [("Ada", "7", None, 3.2, True)]
    judged = [s.judged_by for s in p.now().scores()]
    assert [(j.scale, j.method) for j in judged] == [
        ("Account/1", "Account/1"),
        ("Course/2", "Account/1"),
        ("Account/1", "Account/1"),
    ]


def test_without_a_scale_the_outcomes_own_criterion_counts(p: projector.Projector) -> None:
    """Each for itself: the scale may be the outcome's and the method the account's."""
    criterion = {"mastery_points": 3, "points_possible": 5, "ratings": [{"points": 5}, {"points": 3}, {"points": 0}]}
    p.append(
        [
            outcome("Cells", "2024-01-01T00:00:00Z", id="7", rubric_criterion=criterion, calculation_method="latest"),
            mark("1", "Ada", 0.6),
        ]
    )
    (score,) = p.now().scores()
    assert (score.score, score.points_possible, score.mastery, score.method) == (3.0, 5, True, "latest")
    assert (score.judged_by.scale, score.judged_by.method) == ("outcome", "outcome")
    p.append([method("average"), scale("2024-01-01T00:00:00Z", points=(4, 3, 0))])
    p.set("account_level_mastery_scales", "off", "2024-06-01")
    assert [(s.score, s.method) for s in p.as_of("2024-05-01").scores()] == [(2.4, "average")]
    assert [(s.score, s.method) for s in p.as_of("2024-07-01").scores()] == [(3.0, "latest")]
    unknown = mark("2", "Ada", 0.6, of="404", day="2024-07-02")
    p.append(unknown)
    assert [(s.score, s.points_possible, s.mastery) for s in p.now().scores(outcome="404")] == [(3.0, None, None)]


def test_the_order_is_by_submission_where_it_is_known(p: projector.Projector) -> None:
    """The assessment's submitted_at, joined by the artifact; else assessed_at; and the answer says which."""
    rubric = {"artifact_type": "RubricAssessment"}
    p.append([method("latest"), mark("1", "Ada", 0.2, "2024-03-01", artifact_id="91", **rubric)])
    p.append(mark("2", "Ada", 1.0, "2024-03-05", artifact_id="92", **rubric))
    (before,) = p.now().scores()
    assert (before.score, before.ordered_by) == (5.0, "assessed_at")
    p.append(reported("rubric_assessed", {"id": "91", "submitted_at": "2024-03-09T00:00:00Z"}))
    (after,) = p.now().scores()
    assert (after.score, after.ordered_by) == (1.0, "both")


def test_one_row_never_counts_twice(p: projector.Projector) -> None:
    """Deleted results, continued guesses, results without a score or a learner."""
    p.append([method("average"), mark("1", "Ada", 0.2), mark("2", "Ada", 1.0, workflow_state="deleted")])
    p.append(
        [
            mark("3", "Ada", 0.5, score=None),
            result(title="Somebody, quiz", learning_outcome_id="7", possible=4, score=4),
        ]
    )
    row: dict[str, Any] = {
        "user_uuid": "Ada",
        "learning_outcome_id": "7",
        "score": 5,
        "percent": 1.0,
        "created_at": "2024-01-01T00:00:00Z",
    }
    guessed = result("2024-02-01T00:00:00Z", **row)
    p.append(guessed)
    assert [(s[2], s[3]) for s in scores_of(p, across=False)] == [(None, 5.0), ("Course/1", 1.0)]
    p.append(
        result(
            "2024-03-02T00:00:00Z", verb="updated", id="9", result_context_type="Course", result_context_id="1", **row
        )
    )
    assert [(s[2], s[3]) for s in scores_of(p)] == [("Course/1", 3.0)]
    assert unattributed(p) == {("7", None): 1, ("7", "Course/1"): 0}
    p.append(mark("10", "", 0.5, user_uuid=None))
    assert {s[0] for s in scores_of(p)} == {"Ada"}
    assert unattributed(p) == {("7", None): 1, ("7", "Course/1"): 1}


MARKS = st.builds(
    mark,
    st.sampled_from("123456"),
    st.sampled_from(["Ada", "Ben"]),
    st.sampled_from([0.0, 0.2, 0.5, 1.0]),
    st.sampled_from(["2024-03-01", "2024-03-05", "2024-04-01"]),
    workflow_state=st.sampled_from(["active", "deleted"]),
)


@given(
    st.lists(MARKS, max_size=8),
    st.lists(MARKS, max_size=4),
    st.sampled_from(["average", "latest", "decaying_average", "n_mastery"]),
)
def test_what_never_changes_a_score(store: Stores, marks: list[Event], others: list[Event], name: str) -> None:
    """Unrelated learners, repetitions, order, and everything after the day that is asked for."""
    base = [scale("2024-01-01T00:00:00Z"), method(name, 2), outcome("Cells", "2024-01-01T00:00:00Z", id="7")]
    for event in others:
        event["body"] |= {"user_uuid": "Cyd", "id": f"9{event['body']['id']}"}
    with store(clock=Clock()) as p, store() as q:
        p.append([*base, *marks])
        q.append([*reversed(marks), *others, *marks, *base])
        later = mark("5", "Ada", 1.0, "2024-06-01")
        q.append([later, mark("77", "Ada", 0.0, "2024-06-01"), scale("2024-06-02T00:00:00Z", points=(9, 1), mastery=1)])
        for learner in ("Ada", "Ben"):
            for day in ("2024-03-02", "2024-05-01"):
                assert scores_of(q, as_of=day, learner=learner) == scores_of(p, as_of=day, learner=learner)
