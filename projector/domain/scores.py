"""Scores of learners, their summaries, and what they are computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from attrs import field, frozen

from projector.domain.answers import Answer
from projector.domain.catalogue import Kind
from projector.domain.states import CalculationMethod, ProficiencyScale
from projector.domain.versions import Basis

Number = int | float
Count = int  # `Score` has a member of that name
OrderedBy = Literal["submitted_at", "assessed_at", "both"]


@frozen(kw_only=True)
class MeasureStep:
    """One step of a measure: its words, its least points, its colour (six hex digits, or None)."""

    description: str | None
    points: Number
    color: str | None = None


@frozen(kw_only=True)
class Measure:
    """A scale, or an outcome's own criterion, as scores are judged by it: steps from the top.

    ``points_possible`` None: no event says it, and raw scores count as they are. ``mastery_points`` None:
    no step is at mastery.
    """

    steps: tuple[MeasureStep, ...] = ()
    points_possible: Number | None = None
    mastery_points: Number | None = None

    @classmethod
    def of(cls, scale: ProficiencyScale) -> Measure:
        """A mastery scale's, or that of an outcome's own criterion."""
        steps = [
            MeasureStep(description=rating.description, points=rating.points, color=rating.color)
            for rating in scale.outcome_proficiency_ratings
            if rating.points is not None
        ]
        steps.sort(key=lambda step: -step.points)
        return cls(steps=tuple(steps), points_possible=scale.points_possible, mastery_points=scale.mastery_points)


@frozen(kw_only=True)
class Method:
    """How several results become one score: Canvas' name of the method, and its number."""

    method: str
    int: Number | None = None

    @classmethod
    def of(cls, method: CalculationMethod) -> Method:
        """A calculation method's; without a name it counts as ``highest``."""
        return cls(method=method.calculation_method or "highest", int=method.calculation_int)


class Graded(NamedTuple):
    """What counts of one result; instants in microseconds since 1970.

    ``quiz`` names the quiz submission that a question's result belongs to, None for other results.
    """

    id: str
    score: Number | None
    possible: Number | None
    percent: Number | None
    quiz: str | None
    submitted_at: int | None
    assessed_at: int | None


@frozen(kw_only=True)
class JudgedBy(Answer):
    """Where scale and method were found: a context, or ``outcome`` for its own."""

    scale: str
    method: str


@frozen(kw_only=True)
class Score(Answer):
    """One learner's score on one outcome in one course; ``context`` None where no event says the course.

    ``int`` is None where the method uses none; ``rating`` the description of the step that was reached,
    None below all; ``results`` how many counted. ``outcome_status`` is ``unlinked`` where all links of the
    outcome in the course are deleted and nothing else leaves it out, else the outcome's own status.
    """

    learner: str
    outcome: str
    context: str | None
    score: float
    method: str
    int: Number | None
    mastery: bool | None
    rating: str | None
    points_possible: Number | None
    mastery_points: Number | None
    results: Count
    ordered_by: OrderedBy
    judged_by: JudgedBy
    outcome_status: str


@frozen(kw_only=True)
class Share(Answer):
    """The number of learners who reached a rating and no higher one; ``share`` in whole percent of those rated."""

    description: str | None
    color: str | None
    count: Count
    share: Count


@frozen(kw_only=True)
class Summary(Answer):
    """The scores of one outcome in one course.

    ``mean`` has two decimals, ``median`` is not rounded; both are None without a score, or beyond what a double holds.
    ``mastered`` is None where the scale has no mastery rating; ``unrated`` scores are below every rating;
    ``unattributed`` counts results of this outcome and course that name no learner.
    """

    outcome: str
    context: str | None
    learners: Count
    mean: float | None
    median: float | None
    mastered: Count | None
    ratings: tuple[Share, ...]
    unrated: Count
    unattributed: Count


Reference = tuple[Kind, str]  # an aggregate by kind and id


@frozen(kw_only=True)
class Scores(Answer):
    """Scores by learner, outcome and course, and what they rest on; iterating gives each `Score`."""

    scores: tuple[Score, ...] = field(repr=False)
    basis: Basis
    _find_summaries: Callable[[], tuple[Summary, ...]] = field(alias="find_summaries", eq=False, repr=False)
    _find_sources: Callable[[], tuple[Reference, ...]] = field(alias="find_sources", eq=False, repr=False)

    def __iter__(self) -> Iterator[Score]:
        return iter(self.scores)

    def __len__(self) -> Count:
        return len(self.scores)

    @cached_property
    def summaries(self) -> tuple[Summary, ...]:
        """The scores of each outcome in each course in a few numbers; also where no result names a learner."""
        return self._find_summaries()

    @cached_property
    def sources(self) -> tuple[Reference, ...]:
        """The aggregates the scores rest on: results, assessments behind them, outcomes, scales and methods."""
        return self._find_sources()
