"""What a learner's results come to under a scale and a method."""

from __future__ import annotations

from typing import Literal, NamedTuple

from attrs import frozen

from projector.domain.states import CalculationMethod, Outcome, ProficiencyScale

Number = int | float
Count = int  # `Score` has a member of that name
OrderedBy = Literal["submitted_at", "assessed_at", "both"]


@frozen(kw_only=True)
class Step:
    """One step of a measure: its words, its least points, its colour (six hex digits, or None)."""

    description: str | None
    points: Number
    color: str | None = None


@frozen(kw_only=True)
class Measure:
    """A scale, or an outcome's own criterion, as scores are judged by it: steps from the top.

    ``points_possible`` None: nobody told of one, and raw scores count as they are. ``mastery_points`` None:
    no step says mastery.
    """

    steps: tuple[Step, ...] = ()
    points_possible: Number | None = None
    mastery_points: Number | None = None

    @classmethod
    def of_scale(cls, scale: ProficiencyScale) -> Measure:
        """A mastery scale's; of two mastery ratings the lowest counts."""
        steps = [
            Step(description=rating.description, points=rating.points, color=rating.color)
            for rating in scale.outcome_proficiency_ratings
            if rating.points is not None
        ]
        steps.sort(key=lambda step: -step.points)
        top = steps[0].points if steps else None
        return cls(steps=tuple(steps), points_possible=top, mastery_points=scale.mastery_points)

    @classmethod
    def of_outcome(cls, outcome: Outcome) -> Measure:
        """An outcome's own criterion."""
        criterion = outcome.rubric_criterion
        if criterion is None:
            return cls()
        steps = [Step(description=r.description, points=r.points) for r in criterion.ratings if r.points is not None]
        steps.sort(key=lambda step: -step.points)
        possible = criterion.points_possible
        if possible is None and steps:
            possible = steps[0].points
        return cls(steps=tuple(steps), points_possible=possible, mastery_points=criterion.mastery_points)


@frozen(kw_only=True)
class Way:
    """How several results become one score: Canvas' name of the method, and its number."""

    method: str
    int: Number | None = None

    @classmethod
    def of(cls, method: CalculationMethod) -> Way:
        """A calculation method's; without a name it counts as ``highest``."""
        return cls(method=method.calculation_method or "highest", int=method.calculation_int)


class Graded(NamedTuple):
    """What counts of one result; instants in microseconds since 1970.

    ``quiz`` names the quiz that a question's result belongs to, None for other results.
    """

    id: str
    score: Number | None
    possible: Number | None
    percent: Number | None
    quiz: str | None
    submitted_at: int | None
    assessed_at: int | None


@frozen(kw_only=True)
class JudgedBy:
    """Where scale and method were found: a context, or ``outcome`` for its own."""

    scale: str
    method: str


@frozen(kw_only=True)
class Score:
    """One learner's score on one outcome in one course; ``context`` None where no event says the course.

    ``int`` is None where the method uses none; ``rating`` the description of the step that was reached,
    None below all; ``results`` how many counted.
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
