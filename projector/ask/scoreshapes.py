"""The JSON shapes of scores, classes and impacts."""

from __future__ import annotations

from typing import Any

from attrs import asdict

from projector.domain.scores import Score
from projector.fold.impact import Change
from projector.fold.summary import Summary

Shape = dict[str, Any]


def score_shape(score: Score) -> Shape:
    """One learner's score on one outcome in one course."""
    return asdict(score, recurse=False) | {"judged_by": asdict(score.judged_by)}


def summary_shape(summary: Summary) -> Shape:
    """A class in a few numbers."""
    return asdict(summary)


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
