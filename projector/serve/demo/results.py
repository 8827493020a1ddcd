"""The results of the demo's learners, some of them graded twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from projector.serve.demo.setting import COURSES, FAMILY_NAMES, FIRST_DAY, GIVEN_NAMES, Register, second

LEARNERS: Final = 300
_COURSES_EACH: Final = 3
_ASSIGNMENTS: Final = 8  # of a course in the term, one every two weeks
_NEWER_PRODUCER: Final = FIRST_DAY + timedelta(days=16)  # from then on results carry their id
_RUBRIC: Final = "RubricAssessment#update_outcomes_for_assessment"
_QUIZ: Final = "Quizzes::SubmissionGrader#update_outcomes"


def learners() -> Iterator[tuple[str, str, str]]:
    """The learners, invented: uuid, name and SIS id."""
    for learner in range(LEARNERS):
        block, given = divmod(learner, len(GIVEN_NAMES))
        family = FAMILY_NAMES[(block + given) % len(FAMILY_NAMES)]
        yield learner_uuid(learner), f"{GIVEN_NAMES[given]} {family}", f"H{learner + 1:05}"


def learner_uuid(learner: int) -> str:
    """The uuid of a learner, by number."""
    return f"learner{learner:033}"


def assess(register: Register) -> None:
    """Every learner's results in every course, some graded again."""
    random = register.random
    classes: dict[int, list[int]] = {course: [] for course in COURSES}
    for learner in range(LEARNERS):
        for course in random.sample(sorted(COURSES), _COURSES_EACH):
            classes[course].append(learner)
    ability = [random.gauss(3.0, 0.7) for _ in range(LEARNERS)]
    row = 90_000
    for course, learners in classes.items():
        for number in range(_ASSIGNMENTS):
            due = FIRST_DAY + timedelta(days=7 + 14 * number, hours=random.uniform(0, 30))
            outcomes = random.sample(register.outcomes[course], 2)
            for learner in learners:
                graded = due + timedelta(hours=random.uniform(1, 60))
                assessment = course * 100_000 + number * 1_000 + learner
                quiz = number % 4 == 3
                if not quiz:
                    _assessed(register, assessment, graded, due)
                for outcome in outcomes:
                    row += 1
                    points = round(min(5.0, max(0.0, random.gauss(ability[learner] + 0.1 * number, 0.8))) * 2) / 2
                    _result(register, row, course, number, learner, outcome, assessment, points, graded, quiz=quiz)


def _assessed(register: Register, assessment: int, graded: datetime, due: datetime) -> None:
    body = {
        "id": str(assessment),
        "aligned_to_outcomes": True,
        "artifact_id": str(assessment + 7_000_000),
        "artifact_type": "Submission",
        "assessment_type": "grading",
        "context_uuid": None,
        "submitted_at": second(due - timedelta(hours=register.random.uniform(0, 48))),
        "created_at": second(graded),
        "updated_at": second(graded),
        "attempt": 1,
    }
    register.add("rubric_assessed", graded, body, course=assessment // 100_000)


def _result(
    register: Register,
    row: int,
    course: int,
    number: int,
    learner: int,
    outcome: int,
    assessment: int,
    points: float,
    graded: datetime,
    *,
    quiz: bool,
) -> None:
    body: dict[str, Any] = {
        "id": str(row),
        "learning_outcome_id": str(outcome),
        "learning_outcome_context_uuid": f"account{1:033}",
        "user_uuid": learner_uuid(learner),
        "created_at": second(graded),
        "original_score": points,
        "original_possible": 5.0,
        "original_mastery": points >= 3,
        "artifact_id": str(assessment),
        "artifact_type": "Quizzes::QuizSubmission" if quiz else "RubricAssessment",
        "associated_asset_id": str(course * 100 + number),
        "associated_asset_type": "Quizzes::Quiz" if quiz else "Assignment",
        "result_context_id": str(course),
        "result_context_type": "Course",
        "result_context_uuid": f"course{course:034}",
        "artifact_created_at": second(graded),
        "artifact_updated_at": second(graded),
        "workflow_state": "active",
    }
    job = _QUIZ if quiz else _RUBRIC
    register.add("learning_outcome_result_created", graded, _scored(body, points, graded, 1), job=job)
    if register.random.random() < 0.15:
        again = graded + timedelta(days=register.random.uniform(1, 12))
        better = min(5.0, points + register.random.choice((-0.5, 0.5, 1.0)))
        state = "deleted" if register.random.random() < 0.01 else "active"
        change = {"updated_at": second(again), "workflow_state": state}
        register.add("learning_outcome_result_updated", again, _scored(body | change, better, again, 2), job=job)


def _scored(body: dict[str, Any], points: float, graded: datetime, attempt: int) -> dict[str, Any]:
    """The body with a score; of an older producer without the members that came later."""
    scored = body | {
        "mastery": points >= 3,
        "score": points,
        "possible": 5.0,
        "percent": round(points / 5.0, 4),
        "attempt": attempt,
        "assessed_at": second(graded),
    }
    if graded >= _NEWER_PRODUCER:
        return scored
    newer = ("id", "result_context_id", "result_context_type", "result_context_uuid")
    return {k: v for k, v in scored.items() if k not in (*newer, "artifact_created_at", "artifact_updated_at")}
