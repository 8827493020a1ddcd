"""One institution's results and rubric assessments: a class at a time, of each producer's generation."""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

from tests.bench.shapes.manner import Manner, Numbers
from tests.bench.shapes.things import Things
from tests.bench.shapes.wording import Wording, opaque
from tests.bench.shapes.writing import Json, Writer

_AGED: Final = 4000  # results that may still be revised
_TITLED: Final = 0.35  # of results without an id, those that name no learner, but have a title
_GAINED: Final = 0.05  # of revisions of results without an id, those that have one


class Assigned(NamedTuple):
    """What a class is graded on."""

    course: str
    account: str
    outcome: str
    asset: str
    quiz: bool
    possible: int


class Graded(NamedTuple):
    """A result that may be revised."""

    body: Json
    assigned: Assigned


class Grades:
    """The results and rubric assessments of one institution."""

    def __init__(self, random: Random, manner: Manner, numbers: Numbers, things: Things, learners: int) -> None:
        self._random, self._manner, self._numbers, self._things = random, manner, numbers, things
        self._writer: Writer = things.writer
        self._wording: Wording = things.wording
        self._learners = [opaque(random) for _ in range(learners)]
        self._graded: list[Graded] = []
        self._assigned: Assigned | None = None
        self._left = 0  # of the class
        self._assessments: list[Json] = []

    @property
    def has_any(self) -> bool:
        """Whether there is a result to revise."""
        return bool(self._graded)

    def new(self, at: int) -> Graded:
        """The next learner's result."""
        random, assigned = self._random, self._next_assigned()
        born, learner = self._writer.moment(at - random.randrange(500, 4000)), random.choice(self._learners)
        body: Json = {
            "learning_outcome_id": assigned.outcome,
            "created_at": born,
            "assessed_at": born,
            "attempt": random.choice((1, 1, 1, 2, 3)),
            **self._scored(assigned.possible, "original_"),
            **self._scored(assigned.possible, ""),
        }
        if random.random() < self._manner.without_id and random.random() < _TITLED:
            body["title"] = f"{self._wording.title()}, {self._wording.title()}"
        else:
            body |= self._later_members(assigned, learner, born)
        graded = Graded(body, assigned)
        self._keep(graded)
        return graded

    def revised(self, at: int) -> Graded:
        """A result after another assessment."""
        place = self._random.randrange(len(self._graded))
        known, assigned = self._graded[place]
        moment = self._writer.moment(at)
        body = known | self._scored(assigned.possible, "") | {"assessed_at": moment, "updated_at": moment}
        body["attempt"] += 1
        if "id" not in body and "user_uuid" in body and self._random.random() < _GAINED:
            body["id"] = self._numbers.next("result")
        self._graded[place] = graded = Graded(body, assigned)
        return graded

    def _next_assigned(self) -> Assigned:
        if self._left == 0 or self._assigned is None:
            random, things = self._random, self._things
            course, account = things.course()
            outcome = things.id_of("outcome", "learning_outcome_id")
            asset, quiz = self._numbers.next("asset"), random.random() < 0.4
            self._assigned = Assigned(course, account, outcome, asset, quiz, random.choice((4, 5, 10)))
            self._left = random.randint(4, 40)
        self._left -= 1
        return self._assigned

    def _scored(self, possible: int, prefix: str) -> Json:
        number = self._writer.number
        score = min(possible, self._random.randrange(0, 2 * possible + 2) / 2)
        scored: Json = {f"{prefix}score": number(score), f"{prefix}possible": number(float(possible))}
        scored[f"{prefix}mastery"] = score >= possible * 0.6
        return scored if prefix else scored | {"percent": number(round(score / possible, 4))}

    def _later_members(self, assigned: Assigned, learner: str, born: str) -> Json:
        """The members that producers after 2019 send, most of them with an id."""
        asset, artifact = ("Quizzes::Quiz", "Quizzes::QuizSubmission") if assigned.quiz else _RUBRIC
        body: Json = {
            "user_uuid": learner,
            "artifact_id": self._numbers.next(artifact),
            "artifact_type": artifact,
            "associated_asset_id": assigned.asset,
            "associated_asset_type": asset,
            "learning_outcome_context_uuid": self._things.uuid,
            "workflow_state": "active",
        }
        if self._random.random() >= self._without_id_left():
            context = {"result_context_id": assigned.course, "result_context_type": "Course"}
            context["result_context_uuid"] = self._things.uuid_of(assigned.course)
            body |= context | {
                "id": self._numbers.next("result"),
                "artifact_created_at": born,
                "artifact_updated_at": born,
            }
        return body

    def _without_id_left(self) -> float:
        """The chance that a result has no id where it is not of the first generation."""
        share = self._manner.without_id
        return share * (1 - _TITLED) / (1 - share * _TITLED)

    def _keep(self, graded: Graded) -> None:
        if len(self._graded) < _AGED:
            self._graded.append(graded)
        else:
            self._graded[self._random.randrange(_AGED)] = graded

    def assessment(self, at: int) -> Json:
        """A rubric assessment: a new one, or an earlier one again."""
        random, moment = self._random, self._writer.moment(at)
        if self._assessments and random.random() < self._manner.revised:
            place = random.randrange(len(self._assessments))
            self._assessments[place] = body = self._assessments[place] | {"updated_at": moment}
            return body
        body = {
            "id": self._numbers.next("RubricAssessment"),
            "aligned_to_outcomes": True,
            "artifact_id": self._numbers.next("submission"),
            "artifact_type": "Submission",
            "assessment_type": "grading",
            "context_uuid": None,
            "submitted_at": self._writer.moment(at - random.randrange(10**6, 10**9)),
            "created_at": moment,
            "updated_at": moment,
            "attempt": None,
        }
        self._assessments = [*self._assessments[-200:], body]
        return body


_RUBRIC: Final = ("Assignment", "RubricAssessment")
