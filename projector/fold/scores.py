"""From results to a score: Canvas' methods, each a few lines. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from projector.domain.instants import SECOND
from projector.domain.scores import Graded, Measure, Number, OrderedBy, Step, Way

NEWEST_WEIGHT: Final = 65  # percent, where a decaying method names none
TIMES: Final = 5  # where n_mastery names none

_TIE: Final = 1e-9  # of the value times 100: a binary value this near a half is one


def rounded(value: float) -> float:
    """A score at two decimals, half away from zero.

    >>> rounded(4.125), rounded(-4.125), rounded(2.675)
    (4.13, -4.13, 2.68)
    """
    return math.copysign(math.floor(abs(value) * 100 + 0.5 + _TIE) / 100, value)


def in_order(results: Iterable[Graded]) -> list[Graded]:
    """Results as Canvas orders them: by submission, else grading, in whole seconds; ties by id."""
    return sorted(results, key=lambda result: ((_time(result) or 0) // SECOND, _id_order(result.id)))


def _time(result: Graded) -> int | None:
    return result.assessed_at if result.submitted_at is None else result.submitted_at


def _id_order(id: str) -> tuple[int, int, str]:
    return (0, int(id), "") if id.isdecimal() else (1, 0, id)


def ordered_by(results: Iterable[Graded]) -> OrderedBy:
    """Which time put them in order."""
    used = {"assessed_at" if result.submitted_at is None else "submitted_at" for result in results}
    if len(used) == 2:
        return "both"
    return "submitted_at" if "submitted_at" in used else "assessed_at"


def values(results: Sequence[Graded], measure: Measure, way: Way) -> list[float]:
    """What each result counts, in order: its percent of the points possible, else its raw score.

    The questions of a quiz count what the whole quiz does, each in its own slot; but for ``highest`` and
    ``n_mastery`` each stands alone.
    """
    points = measure.points_possible or measure.mastery_points
    alone = way.method in ("highest", "n_mastery")
    shares = {} if alone else _quiz_shares(results)
    counted = []
    for result in results:
        share = result.percent
        if not alone and result.quiz is not None:
            share = shares[result.quiz]
            if share is None:
                continue  # a quiz without possible points says nothing
        if share is not None and points is not None:
            counted.append(share * points)
        elif result.score is not None:
            counted.append(float(result.score))
    return counted


def _quiz_shares(results: Iterable[Graded]) -> Mapping[str, float | None]:
    """Of each quiz the share of its possible points that was earned; None where it has none."""
    earned: dict[str, list[float]] = {}
    possible: dict[str, list[float]] = {}
    for result in results:
        if result.quiz is None:
            continue
        points = float(result.possible or 0)
        share = result.percent
        earned.setdefault(result.quiz, []).append(points * share if share is not None else float(result.score or 0))
        possible.setdefault(result.quiz, []).append(points)
    totals = {quiz: math.fsum(points) for quiz, points in possible.items()}
    return {quiz: math.fsum(earned[quiz]) / total if total else None for quiz, total in totals.items()}


def score_of(values: Sequence[float], measure: Measure, way: Way, *, recursive: bool) -> float | None:
    """The score that values in order come to, at two decimals; None where they come to none.

    Args:
        recursive: Whether ``standard_decaying_average`` weighs each newer value, as the newer Canvas does.

    >>> score_of([1, 2, 3, 4, 5], Measure(), Way(method="decaying_average", int=65), recursive=True)
    4.13
    """
    if not values:
        return None
    found = _METHODS.get(way.method, _highest)(values, measure, way, recursive)
    return None if found is None else rounded(found)


def _highest(values: Sequence[float], measure: Measure, way: Way, recursive: bool) -> float | None:
    return max(values)


def _latest(values: Sequence[float], measure: Measure, way: Way, recursive: bool) -> float | None:
    return values[-1]


def _average(values: Sequence[float], measure: Measure, way: Way, recursive: bool) -> float | None:
    return math.fsum(values) / len(values)


def _n_mastery(values: Sequence[float], measure: Measure, way: Way, recursive: bool) -> float | None:
    line = measure.mastery_points
    reached = [value for value in values if line is not None and value >= line]
    times = TIMES if way.int is None else way.int
    return math.fsum(reached) / len(reached) if reached and len(reached) >= times else None


def _weighted(values: Sequence[float], measure: Measure, way: Way, recursive: bool) -> float | None:
    *older, newest = values
    if not older:
        return newest
    weight = 0.01 * (NEWEST_WEIGHT if way.int is None else way.int)
    return math.fsum([weight * newest, (1 - weight) * (math.fsum(older) / len(older))])


def _standard(values: Sequence[float], measure: Measure, way: Way, recursive: bool) -> float | None:
    if not recursive:
        return _weighted(values, measure, way, recursive)
    weight = 0.01 * (NEWEST_WEIGHT if way.int is None else way.int)
    decayed = values[0]
    for value in values[1:]:
        decayed = (1 - weight) * decayed + weight * value
    return decayed


_METHODS: Final[Mapping[str, Callable[[Sequence[float], Measure, Way, bool], float | None]]] = {
    "highest": _highest,
    "latest": _latest,
    "average": _average,
    "n_mastery": _n_mastery,
    "decaying_average": _weighted,
    "weighted_average": _weighted,
    "standard_decaying_average": _standard,
}


def number_used(way: Way) -> Number | None:
    """The method's number, with its default; None where it uses none."""
    match way.method:
        case "n_mastery":
            return TIMES if way.int is None else way.int
        case "decaying_average" | "weighted_average" | "standard_decaying_average":
            return NEWEST_WEIGHT if way.int is None else way.int
    return None


def step_for(score: float, measure: Measure) -> Step | None:
    """The highest step whose points are reached; None below all."""
    return next((step for step in measure.steps if step.points <= score), None)


def is_mastered(score: float, measure: Measure) -> bool | None:
    """Whether the mastery line is reached; None where there is none."""
    return None if measure.mastery_points is None else score >= measure.mastery_points
