"""The scores of a course in a few numbers, as Canvas computes them. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from projector.domain.scores import Measure, Score, Share, Summary
from projector.fold.arithmetic import mean, rounded
from projector.fold.scores import step_for


def summarise(
    outcome: str, context: str | None, scores: Sequence[Score], measure: Measure, unattributed: int
) -> Summary:
    """The scores of one outcome in one course, in a few numbers."""
    from statistics import median  # with decimals and fractions: only here

    points = [score.score for score in scores]
    reached = [step_for(value, measure) for value in points]
    rated = sum(step is not None for step in reached)
    ratings = []
    for step in measure.steps:
        count = sum(found is step for found in reached)
        share = math.floor(100 * count / rated + 0.5) if rated else 0
        ratings.append(Share(description=step.description, color=step.color, count=count, share=share))
    return Summary(
        outcome=outcome,
        context=context,
        learners=len(points),
        mean=_within_double(mean(points), rounded) if points else None,
        median=_within_double(median(points)) if points else None,
        mastered=None if measure.mastery_points is None else sum(score.mastery is True for score in scores),
        ratings=tuple(ratings),
        unrated=len(points) - rated,
        unattributed=unattributed,
    )


def _within_double(value: float, finish: Callable[[float], float] = float) -> float | None:
    return finish(value) if math.isfinite(value) else None
