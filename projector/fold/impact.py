"""What another scale or method changes in the same scores. Pure."""

from __future__ import annotations

from projector.domain.comparison import Change, Move
from projector.domain.scores import Measure, Score


def change(before: Score | None, after: Score | None, of: Measure, under: Measure) -> Change:
    """The change between two scores, of which at least one is given.

    Args:
        of: What ``before`` was judged by; ``under``: what ``after`` is judged by.
    """
    known = after or before
    assert known is not None, "a change is of a score"
    old = None if before is None else level(before.score, of)
    new = None if after is None else level(after.score, under)
    mastery = None if before is None else before.mastery, None if after is None else after.mastery
    return Change(
        learner=known.learner,
        outcome=known.outcome,
        context=known.context,
        before=before,
        after=after,
        level_before=old,
        level_after=new,
        mastery=mastery,
        move=_move(before, after, mastery, (old, new)),
    )


def level(score: float, measure: Measure) -> int | None:
    """How many steps above (or below) mastery a score is; None for a measure without mastery.

    >>> from projector.domain.scores import MeasureStep
    >>> steps = tuple(MeasureStep(description=None, points=points) for points in (4, 3, 0))
    >>> [level(score, Measure(steps=steps, mastery_points=3)) for score in (4, 3.5, 2)]
    [1, 0, -1]
    """
    line = measure.mastery_points
    if line is None:
        return None
    if score >= line:
        return sum(line < step.points <= score for step in measure.steps)
    return -sum(score < step.points <= line for step in measure.steps)


def _move(
    before: Score | None,
    after: Score | None,
    mastery: tuple[bool | None, bool | None],
    levels: tuple[int | None, int | None],
) -> Move:
    if before is None:
        return "appears"
    if after is None:
        return "disappears"
    if mastery in ((False, True), (True, False)):
        return "up" if mastery[1] else "down"
    old, new = levels
    if old is None or new is None or old == new:
        return "same"
    return "up" if new > old else "down"
