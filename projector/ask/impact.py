"""The same results under the scale and method of two instants: who changes level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from projector.ask.inheritance import context_asked, contexts_above
from projector.ask.question import Question
from projector.ask.results import Key, gather
from projector.ask.scores import Judge, Scoring, in_key_order
from projector.domain.comparison import Change
from projector.fold.impact import change


def impact_of(
    results: Question, before: Judge, after: Judge, context: str, *, inactive: bool = False
) -> Iterator[Change]:
    """Every score in a course, or in all courses below an account, by learner, outcome and course.

    Args:
        results: As of which instant results count, outcomes are in use, and courses lie below accounts.
        inactive: Also results on outcomes that are not in use.
    """
    place = context_asked(results, context)
    is_course = place.startswith("Course/")
    gathered = gather(results, course=place if is_course else None, inactive=inactive)
    if not is_course:
        below = {course: place in contexts_above(results, course) for course in _courses(gathered.results)}
        gathered.results = {key: found for key, found in gathered.results.items() if below.get(key[2] or "")}
    old, new = (Scoring(gathered=gathered, judge=judge).by_key for judge in (before, after))
    for key in in_key_order({*old, *new}):
        measures = (judge.judgement(*key[1:]).measure for judge in (before, after))
        yield change(old.get(key), new.get(key), *measures)


def _courses(keys: Iterable[Key]) -> set[str]:
    return {course for _, _, course in keys if course is not None}
