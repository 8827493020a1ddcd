"""From results to a score: Canvas' calculation methods. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from projector.domain.instants import SECOND
from projector.domain.scores import Graded, Measure, MeasureStep, Method, Number, OrderedBy
from projector.fold.arithmetic import mean, rounded

NEWEST_WEIGHT: Final = 65  # percent, where a decaying method names none
TIMES: Final = 5  # where n_mastery names none

_TIMELESS: Final = ("highest", "n_mastery", "average")  # methods that take results as they come, by id
_ALONE: Final = ("highest", "n_mastery")  # methods to which each question of a quiz is a result of its own


def in_order(results: Iterable[Graded], method: Method) -> list[Graded]:
    """Results in the order in which Canvas takes them for a method.

    For ``latest`` and the decaying family by submission, else grading, in whole seconds, ties by id; for all
    others by id, which matters to the last digit of a sum.
    """
    by_id = sorted(results, key=lambda result: _id_order(result.id))
    return by_id if method.method in _TIMELESS else sorted(by_id, key=lambda result: (_time(result) or 0) // SECOND)


def _time(result: Graded) -> int | None:
    return result.assessed_at if result.submitted_at is None else result.submitted_at


def _id_order(id: str) -> tuple[int, int, str]:
    """Where an id comes: numbers by their value, however long they are, before all others."""
    if not (id.isascii() and id.isdigit()):
        return 1, 0, id
    digits = id.lstrip("0")
    return 0, len(digits), digits


def ordered_by(results: Iterable[Graded]) -> OrderedBy:
    """Which time put them in order."""
    used = {"assessed_at" if result.submitted_at is None else "submitted_at" for result in results}
    if len(used) == 2:
        return "both"
    return "submitted_at" if "submitted_at" in used else "assessed_at"


def values(results: Sequence[Graded], measure: Measure, method: Method) -> list[float]:
    """What each result counts, in the order given: its percent of the points possible, else its raw score.

    The questions of a quiz count what the whole quiz does, each in its own slot; but for ``highest`` and
    ``n_mastery`` each counts by itself.
    """
    possible = measure.points_possible
    points = possible if possible is not None and possible > 0 else measure.mastery_points
    shares = {} if method.method in _ALONE else _quiz_shares(results)
    counted = []
    for result in results:
        share = shares.get(result.quiz, result.percent)
        if share is None and result.quiz in shares:
            continue  # a quiz without possible points says nothing
        if share is not None and points is not None:
            counted.append(float(share) * float(points))
        elif result.score is not None:
            counted.append(float(result.score))
    return counted


def _quiz_shares(results: Iterable[Graded]) -> Mapping[str | None, float | None]:
    """Of each quiz the share of its possible points that was earned, by plain sums by id; None where it has none."""
    earned: dict[str, float] = {}
    total: dict[str, float] = {}
    for result in sorted(results, key=lambda result: _id_order(result.id)):
        if (quiz := result.quiz) is None:
            continue
        points, share = result.possible, result.percent
        gained = result.score or 0 if share is None else float(points or 0) * float(share)
        earned[quiz] = earned.get(quiz, 0.0) + (0.0 if points is None else gained)
        total[quiz] = total.get(quiz, 0.0) + float(points or 0)
    return {quiz: earned[quiz] / points if points else None for quiz, points in total.items()}


def score_of(values: Sequence[float], measure: Measure, method: Method, *, recursive: bool) -> float | None:
    """The score that values in order come to, at two decimals; None where they come to none.

    They come to none by a method that Canvas does not know.

    Args:
        recursive: Whether ``standard_decaying_average`` weighs each newer value, as the newer Canvas does.

    Raises:
        OverflowError: some step of it is beyond what a double holds.

    >>> score_of([1, 2, 3, 4, 5], Measure(), Method(method="decaying_average", int=65), recursive=True)
    4.13
    """
    if not values or (compute := _METHODS.get(method.method)) is None:
        return None
    found = compute(values, measure, method, recursive)
    if found is not None and not math.isfinite(found):
        raise OverflowError("a value beyond a double")
    return None if found is None else rounded(found)


def _highest(values: Sequence[float], measure: Measure, method: Method, recursive: bool) -> float | None:
    return max(values)


def _latest(values: Sequence[float], measure: Measure, method: Method, recursive: bool) -> float | None:
    return values[-1]


def _average(values: Sequence[float], measure: Measure, method: Method, recursive: bool) -> float | None:
    return mean(values)


def _n_mastery(values: Sequence[float], measure: Measure, method: Method, recursive: bool) -> float | None:
    line = measure.mastery_points
    reached = [value for value in values if line is not None and value >= line]
    times = TIMES if method.int is None else method.int
    return mean(reached) if reached and len(reached) >= times else None


def _weighted(values: Sequence[float], measure: Measure, method: Method, recursive: bool) -> float | None:
    *older, newest = values
    if not older:
        return newest
    of_newest, of_older = _weights(method)
    return newest * of_newest + mean(older) * of_older


def _standard(values: Sequence[float], measure: Measure, method: Method, recursive: bool) -> float | None:
    if not recursive:
        return _weighted(values, measure, method, recursive)
    of_newer, of_older = _weights(method)
    decayed = values[0]
    for value in values[1:]:
        decayed = decayed * of_older + value * of_newer
    return decayed


def _weights(method: Method) -> tuple[float, float]:
    """What the newest value weighs, and the rest; each as a double of its own, as Canvas makes them."""
    percent = NEWEST_WEIGHT if method.int is None else method.int
    return 0.01 * percent, 0.01 * (100 - percent)


_METHODS: Final[Mapping[str, Callable[[Sequence[float], Measure, Method, bool], float | None]]] = {
    "highest": _highest,
    "latest": _latest,
    "average": _average,
    "n_mastery": _n_mastery,
    "decaying_average": _weighted,
    "weighted_average": _weighted,
    "standard_decaying_average": _standard,
}


def is_known(method: Method) -> bool:
    """Whether it is a method that Canvas knows; by any other there is no score."""
    return method.method in _METHODS


def number_used(method: Method) -> Number | None:
    """The method's number, with its default; None where it uses none."""
    match method.method:
        case "n_mastery":
            return TIMES if method.int is None else method.int
        case "decaying_average" | "weighted_average" | "standard_decaying_average":
            return NEWEST_WEIGHT if method.int is None else method.int
    return None


def step_for(score: float, measure: Measure) -> MeasureStep | None:
    """The highest step whose points are reached; None below all."""
    return next((step for step in measure.steps if step.points <= score), None)


def is_mastered(score: float, measure: Measure) -> bool | None:
    """Whether a score is at mastery; None for a measure without mastery."""
    return None if measure.mastery_points is None else score >= measure.mastery_points
