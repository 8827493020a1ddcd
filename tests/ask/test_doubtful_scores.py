"""Scores from strange, yet acceptable events: quizzes, learners, methods, and values beyond all measure."""

from __future__ import annotations

from typing import Any

import pytest

import projector
from projector import BadQuestion
from tests.ask.answers import scores_of, unattributed
from tests.builders import Event, mark, method, outcome, reported, scale

EARLY = "2024-01-01T00:00:00Z"


def question(id: str, percent: float, possible: float, artifact: Any, **body: Any) -> dict[str, Any]:
    """Ada's result on a question of a quiz."""
    known: dict[str, Any] = {
        "score": percent * possible,
        "possible": possible,
        "artifact_type": "Quizzes::QuizSubmission",
    }
    return mark(id, "Ada", percent, **known | {"artifact_id": artifact} | body)


def changed(event: Event, members: dict[str, Any]) -> Event:
    """An event with other members in its body."""
    return event | {"body": event["body"] | members}


@pytest.mark.parametrize(
    "assets",
    [
        {"associated_asset_type": "AssessmentQuestion"},
        {"associated_asset_type": "Quizzes::Quiz"},
        {"associated_asset_type": None},
    ],
)
def test_questions_belong_together_by_the_quiz_submission(p: projector.Projector, assets: dict[str, Any]) -> None:
    """Whatever asset they name: the submission is one quiz of one learner."""
    p.append([method("average"), scale(EARLY, points=(4, 3, 0))])
    asked = [("1", 1.0, 1, 50), ("2", 0.0, 3, "50"), ("3", 1.0, 4, "21070000000000050")]
    p.append([question(*one, associated_asset_id=f"9{one[0]}", **assets) for one in asked])
    p.append(question("4", 1.0, 1, "51", associated_asset_id="91", **assets))
    whole = 4 * 5 / 8
    assert [s.score for s in p.now().scores()] == [round((whole * 3 + 4.0) / 4, 2)]


@pytest.mark.parametrize("artifact", [None, "", "  "])
def test_questions_without_a_submission_each_count_by_themselves(p: projector.Projector, artifact: Any) -> None:
    """Also where they name one quiz."""
    asset = {"associated_asset_type": "Quizzes::Quiz", "associated_asset_id": "5"}
    p.append([method("average"), scale(EARLY, points=(4, 3, 0))])
    p.append([question("1", 1.0, 1, artifact, **asset), question("2", 0.0, 3, artifact, **asset)])
    assert [(s.score, s.results) for s in p.now().scores()] == [(2.0, 2)]


@pytest.mark.parametrize("name", ["mode", "Highest", "decaying average", "0"])
def test_by_a_method_that_canvas_does_not_know_there_is_no_score(p: projector.Projector, name: str) -> None:
    """And it says why; a summary counts results without a learner nevertheless."""
    p.append([method(name), mark("1", "Ada", 0.5), mark("2", "", 0.5, user_uuid=None)])
    scoring = p.now().scoring()
    assert list(scoring) == []
    assert scoring.basis.assumed[2:] == (f'no score by calculation_method "{name}": Canvas knows none of that name',)
    assert [(one.learners, one.unattributed) for one in scoring.summaries] == [(0, 1)]
    assert list(p.now().impact("Course/1", "2024-04-01", "2024-05-01")) == []


@pytest.mark.parametrize(("sent", "learner"), [(42, "42"), (4.0e3, "4000"), ("0042", "0042"), (" Ada ", " Ada ")])
def test_a_learner_that_has_scores_can_be_asked_for(p: projector.Projector, sent: Any, learner: str) -> None:
    """A number is its digits; a text is as it is."""
    p.append(mark("1", "", 0.5, user_uuid=sent))
    assert [s.learner for s in p.now().scores()] == [learner]
    assert [s.learner for s in p.now().scores(learner)] == [learner]
    assert p.now().sources_of(learner, "7")[0] == ("result", "1")


@pytest.mark.parametrize("sent", [21070000000000042, "21070000000000042", "2107~42"])
def test_a_learner_is_no_id_of_a_shard(p: projector.Projector, sent: Any) -> None:
    """Its digits stay what they are, also beside global ids of the institution's own shard."""
    p.append(mark("21070000000000001", "", 0.5, of="21070000000000007", user_uuid=sent))
    assert [s.learner for s in p.now().scores()] == [str(sent)]
    assert [s.learner for s in p.now().scores(str(sent))] == [str(sent)]
    assert list(p.now().scores("42")) == []


@pytest.mark.parametrize("sent", [None, "", " ", "\t\n", True, 4.5])
def test_what_names_nobody_is_in_no_score(p: projector.Projector, sent: Any) -> None:
    """A summary counts it."""
    p.append(mark("1", "", 0.5, user_uuid=sent))
    assert list(p.now().scores()) == []
    assert unattributed(p) == {("7", "Course/1"): 1}


@pytest.mark.parametrize("asked", ["", " ", "\n"])
def test_nobody_cannot_be_asked_for(p: projector.Projector, asked: str) -> None:
    """It says so, instead of all results that name nobody."""
    with pytest.raises(BadQuestion, match="the learner is blank"):
        p.now().scores(asked)


@pytest.mark.parametrize(
    "strange",
    [
        {"percent": 1.7e308},
        {"percent": -1.7e308, "score": 0},
        {"percent": "1.7e308"},
        {"percent": 10**300, "possible": 10**300},
    ],
)
@pytest.mark.parametrize("name", ["highest", "average", "latest", "decaying_average", "n_mastery"])
def test_a_value_beyond_a_double_costs_only_its_own_learner_a_score(
    p: projector.Projector, strange: dict[str, Any], name: str
) -> None:
    """All others are answered, and the reason is said."""
    points = (10**300, 3, 0) if strange.get("possible") else (40, 3, 0)
    p.append([method(name, 1 if name == "n_mastery" else None), scale(EARLY, points=points)])
    p.append([changed(mark("1", "Ada", 0.5), strange), mark("2", "Ben", 0.5)])
    scoring = p.now().scoring()
    scores = [score.learner for score in scoring]
    if strange.get("percent") == -1.7e308 and name == "n_mastery":
        assert scores == ["Ben"]  # it does not reach mastery
        return
    assert scores == ["Ben"]
    assert scoring.basis.assumed[2:] == ("no score of Ada on outcome 7 in Course/1: a value beyond a double",)
    assert [one.learners for one in scoring.summaries] == [1]
    assert [change.learner for change in p.now().impact("Course/1", "2024-04-01", "2024-05-01")] == ["Ben"]


@pytest.mark.parametrize(
    "strange",
    [
        {"id": "9" * 5000},
        {"id": "1" + "0" * 4400, "percent": None, "score": 1.7e308},
        {"id": "5", "percent": None, "score": 1.7e308, "possible": 1e-300},
        {"id": "6", "percent": 1e-320},
        {"id": "7", "score": 10**300, "possible": 10**300, "percent": None},
    ],
    ids=lambda strange: str(strange)[:20],
)
def test_one_strange_result_breaks_nobodys_answers(p: projector.Projector, strange: dict[str, Any]) -> None:
    """Ids and numbers of any length."""
    p.append([method("latest"), scale(EARLY), outcome("Cells", EARLY, id="7"), mark("2", "Ben", 0.5)])
    p.append(changed(mark("1", "Ada", 0.5), strange))
    assert {learner for learner, *_ in scores_of(p)} == {"Ada", "Ben"}
    assert [one.learners for one in p.now().summaries()] == [2]
    assert len(list(p.now().impact("Account/1", "2024-04-01", "2024-05-01"))) == 2


@pytest.mark.parametrize("context", [True, 5.5, " ", "", False, None, 0])
def test_an_outcome_in_no_context_that_can_be_meant_breaks_nobodys_answers(
    p: projector.Projector, context: Any
) -> None:
    """Its results without a course are judged as at the root account."""
    p.append(outcome("Cells", EARLY, id="7", context_type="Course", context_id=context))
    p.append([scale(EARLY), mark("1", "Ada", 0.5, result_context_id=None), mark("2", "Ben", 0.5, of="8")])
    assert {(s.learner, s.score) for s in p.now().scores()} == {("Ada", 2.0), ("Ben", 2.0)}
    assert p.now().scale_in_force(outcome="7").scale is not None


@pytest.mark.parametrize("account", [True, 5.5, " ", "", None])
def test_a_course_in_no_account_that_can_be_meant_is_judged_as_at_the_root(
    p: projector.Projector, account: Any
) -> None:
    """As if it had named none."""
    p.append([scale(EARLY), mark("1", "Ada", 0.5)])
    p.append(reported("course_updated", {"course_id": "1", "account_id": account}, EARLY))
    assert [score.score for score in p.now().scores()] == [2.0]


@pytest.mark.parametrize("points", [10**300, 1.7e308, 10**18])
def test_a_scale_may_have_points_of_any_length(p: projector.Projector, points: float) -> None:
    """Scores are shares of them."""
    p.append([method("average"), scale(EARLY, points=(points, 3, 0)), mark("1", "Ada", 0.5), mark("2", "Ben", 1.0)])
    assert [(score.score, score.mastery) for score in p.now().scores()] == [
        (0.5 * float(points), True),
        (float(points), True),
    ]
    assert [one.mastered for one in p.now().summaries()] == [2]


@pytest.mark.parametrize(
    ("ratings", "mastery"), [((5, 2, 0), 3), ((10, 8, 6, 4, 2), 7), ((4, 3, 0), 3), ((), 3), ((3, 1), None)]
)
def test_the_scale_that_judged_an_outcome_is_the_one_of_its_score(
    p: projector.Projector, ratings: tuple[int, ...], mastery: int | None
) -> None:
    """Its own criterion, whether or not a rating lies at the mastery points."""
    criterion = {"mastery_points": mastery, "points_possible": 5, "ratings": [{"points": n} for n in ratings]}
    p.append([outcome("Cells", EARLY, id="7", rubric_criterion=criterion), mark("1", "Ada", 0.6)])
    (score,) = p.now().scores()
    scale_of_outcome = p.now().scale_in_force(outcome="7").scale
    assert scale_of_outcome is not None
    assert (scale_of_outcome.mastery_points, scale_of_outcome.points_possible) == (mastery, 5)
    assert (score.mastery_points, score.points_possible, score.score) == (mastery, 5, 3.0)


@pytest.mark.parametrize(
    ("percent", "points", "expected"), [(0.9229999999999999, 5, 4.61), (0.5769999999999999, 5, 2.88), (0.285, 1, 0.29)]
)
def test_a_score_is_rounded_as_canvas_rounds_it(
    p: projector.Projector, percent: float, points: int, expected: float
) -> None:
    """92.3 of 100 on 5 points, as a double, lies just below the half."""
    p.append([method("highest"), scale(EARLY, points=(points, 0), mastery=points), mark("1", "Ada", percent)])
    assert [score.score for score in p.now().scores()] == [expected]


@pytest.mark.parametrize(("marks", "expected"), [((0.402, 0.244), 1.61), ((0.02, 0.223), 0.61)])
def test_the_mean_of_a_class_is_rounded_as_canvas_rounds_it(
    p: projector.Projector, marks: tuple[float, ...], expected: float
) -> None:
    """Of 2.01 and 1.22 it is 1.61."""
    p.append([method("highest"), scale(EARLY, points=(5, 0), mastery=5)])
    p.append([mark(str(n), f"L{n}", percent) for n, percent in enumerate(marks, 1)])
    assert [one.mean for one in p.now().summaries()] == [expected]
