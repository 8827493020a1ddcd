"""The JSON shapes of scores, classes and impacts."""

from __future__ import annotations

from typing import Any

from projector.domain.scores import Score
from projector.fold.impact import Change
from projector.fold.summary import Summary

Shape = dict[str, Any]


def score_shape(score: Score) -> Shape:
    """One learner's score on one outcome in one course."""
    return {
        "learner": score.learner,
        "outcome": score.outcome,
        "context": score.context,
        "score": score.score,
        "method": score.method,
        "int": score.int,
        "mastery": score.mastery,
        "rating": score.rating,
        "points_possible": score.points_possible,
        "mastery_points": score.mastery_points,
        "results": score.results,
        "ordered_by": score.ordered_by,
        "judged_by": {"scale": score.judged_by.scale, "method": score.judged_by.method},
        "outcome_status": score.outcome_status,
    }


def summary_shape(summary: Summary) -> Shape:
    """A class in a few numbers."""
    return {
        "outcome": summary.outcome,
        "context": summary.context,
        "learners": summary.learners,
        "mean": summary.mean,
        "median": summary.median,
        "mastered": summary.mastered,
        "ratings": [
            {"description": s.description, "color": s.color, "count": s.count, "share": s.share}
            for s in summary.ratings
        ],
        "unrated": summary.unrated,
        "unattributed": summary.unattributed,
    }


def change_shape(change: Change) -> Shape:
    """One score under one scale and method and under another."""

    def side(score: Score | None, level: int | None) -> Shape | None:
        if score is None:
            return None
        return {"score": score.score, "rating": score.rating, "mastery": score.mastery, "level": level}

    return {
        "learner": change.learner,
        "outcome": change.outcome,
        "context": change.context,
        "before": side(change.before, change.level_before),
        "after": side(change.after, change.level_after),
        "mastery": list(change.mastery),
        "move": change.move,
    }
