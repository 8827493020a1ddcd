"""Learners graded in the benchmarks' institution: results in bursts of a class, and their revisions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Final, NamedTuple

from tests.bench.bodies import UUID, uuid
from tests.bench.campus import CLASS_SIZE, Campus
from tests.bench.metadata import DAY, by_job, by_page, second

RUBRIC: Final = "RubricAssessment#update_outcomes_for_assessment"
QUIZ: Final = "Quizzes::SubmissionGrader#update_outcomes"
REVISED: Final = 0.28  # revisions a new result: 22 % of all result events
_AGED: Final = 40  # every so many-th result is remembered for a revision years later


class Row(NamedTuple):
    """A result that may be revised: the parts of its body that stay."""

    number: int
    course: int
    tag: str
    head: str  # up to result_context_uuid
    born: str
    original: str
    learner: str  # user_uuid up to artifact_created_at
    asset: str
    score: float
    attempt: int


@cache
def _learner(number: int) -> str:
    return uuid(f"learner {number}")


@cache
def _course(number: int) -> str:
    return uuid(f"course {number}")


class Grading:
    """The results of the whole time, burst by burst."""

    def __init__(self, count: int, campus: Campus, random: Random) -> None:
        self._campus, self._random = campus, random
        self._recent: deque[Row] = deque(maxlen=max(60, count // 60))  # some weeks
        self._aged: list[Row] = []
        self._results, self._assessments, self._items = 90_000, 5_000, 700
        self._rosters: dict[int, range] = {}

    def _roster(self, course: int) -> range:
        """The learners of a course: neighbours by number, so that classes overlap in part."""
        if (known := self._rosters.get(course)) is None:
            size = min(self._campus.learners, self._random.randint(CLASS_SIZE - 3, CLASS_SIZE + 3))
            first = self._random.randrange(self._campus.learners - size + 1)
            known = self._rosters[course] = range(first, first + size)
        return known

    def burst(self, course: int, at: int) -> Iterator[tuple[int, str]]:
        """A quiz or an assignment of a course graded: each learner's results, as (milliseconds, line)."""
        random, outcomes = self._random, self._campus.outcomes_of(course)
        quiz, on_page = random.random() < 0.4, random.random() < 0.1
        assessed = random.sample(outcomes, 1 if quiz else random.choice((1, 2, 2, 3, 3)))
        self._items += 1
        step = random.choice((40, 150, 2500))
        for learner in self._roster(course):
            self._assessments += 1
            at += random.randrange(1, step)
            if not quiz and random.random() < 0.2:
                yield at, self._assessed(course, at, on_page)
            for outcome in assessed:
                at += random.randrange(3, 40)
                row = self._new(course, outcome, learner, quiz, at)
                yield at, self._line("created", row, at, row.score, on_page)
        graded = len(assessed) * len(self._roster(course))
        yield from self._revisions(at, round(graded * REVISED))

    def _new(self, course: int, outcome: int, learner: int, quiz: bool, at: int) -> Row:
        self._results += 1
        random, born = self._random, second(at - 1000)
        score = min(4.0, max(0, round(random.gauss(5.6, 1.8))) / 2)
        kind, asset = ("Quizzes::QuizSubmission", "Quizzes::Quiz") if quiz else ("RubricAssessment", "Assignment")
        row = Row(
            number=self._results,
            course=course,
            tag=QUIZ if quiz else RUBRIC,
            head=f'"id":"{self._results}","learning_outcome_id":"{outcome}","learning_outcome_context_uuid":"{UUID}",'
            f'"result_context_id":"{course}","result_context_type":"Course","result_context_uuid":"{_course(course)}"',
            born=born,
            original=f'"original_score":{score},"original_possible":4.0,"original_mastery":{_flag(score)}',
            learner=f'"user_uuid":"{_learner(learner)}","artifact_id":"{self._assessments}","artifact_type":"{kind}",'
            f'"artifact_created_at":"{born}"',
            asset=f'"associated_asset_id":"{self._items}","associated_asset_type":"{asset}"',
            score=score,
            attempt=1,
        )
        self._recent.append(row)
        if self._results % _AGED == 0:
            self._aged.append(row)
        return row

    def _line(self, verb: str, row: Row, at: int, score: float, on_page: bool = False, state: str = "active") -> str:
        name, graded = f"learning_outcome_result_{verb}", second(at - 1000)
        metadata = by_page(name, at, row.number, row.course) if on_page else by_job(name, at, row.tag, row.number * 3)
        updated = f',"updated_at":"{graded}"' if verb == "updated" else ""
        percent = round(score / 4 * 0.9375, 4) if row.number % 29 == 0 else score / 4
        return (
            f'{{"metadata":{metadata},"body":{{{row.head},"mastery":{_flag(score)},"score":{score},'
            f'"created_at":"{row.born}","attempt":{row.attempt},"possible":4.0,{row.original},'
            f'"assessed_at":"{graded}","percent":{percent},"workflow_state":"{state}",{row.learner},'
            f'"artifact_updated_at":"{graded}",{row.asset}{updated}}}}}'
        )

    def _revisions(self, at: int, due: int) -> Iterator[tuple[int, str]]:
        """Earlier results graded again, a few neighbours at a time: most of recent weeks, some much older."""
        random, rows = self._random, self._recent
        while due > 0:
            at += random.randrange(1, 60_000)
            old = bool(self._aged) and random.random() < 0.02
            first = random.randrange(len(rows))
            for place in range(first, min(first + random.randint(1, 8), len(rows), first + due)):
                row = random.choice(self._aged) if old else rows[place]
                at += random.randrange(3, 900)
                due -= 1
                score = min(4.0, max(0.0, row.score + random.choice((-0.5, 0.5, 1.0))))
                again = row._replace(score=score, attempt=row.attempt + 1)
                if not old:
                    rows[place] = again
                state = "deleted" if random.random() < 0.015 else "active"
                yield at, self._line("updated", again, at, score, state=state)

    def _assessed(self, course: int, at: int, on_page: bool) -> str:
        graded = second(at - 1000)
        submitted = second(at - self._random.randrange(1, 9) * DAY)
        name, id = "rubric_assessed", self._assessments
        metadata = by_page(name, at, id, course) if on_page else by_job(name, at, RUBRIC, id)
        return (
            f'{{"metadata":{metadata},"body":{{"id":"{id}","aligned_to_outcomes":true,"artifact_id":"{id * 3}",'
            f'"artifact_type":"Submission","assessment_type":"grading","context_uuid":"{_course(course)}",'
            f'"submitted_at":"{submitted}","created_at":"{graded}","updated_at":"{graded}","attempt":1}}}}'
        )


def _flag(score: float) -> str:
    return "true" if score >= 3 else "false"
