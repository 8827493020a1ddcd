"""The same results under the scale and method of two days: who changes level."""

from __future__ import annotations

from collections.abc import Iterator

from projector.ask.finding import Frame
from projector.ask.inheritance import context_asked, contexts_above
from projector.ask.results import gather
from projector.ask.scores import Judge, score
from projector.fold.impact import Change, change


def impact_of(results: Frame, before: Judge, after: Judge, context: str) -> Iterator[Change]:
    """Every score in a course, or in all courses below an account, by learner, outcome and course.

    Args:
        results: As of which instant results count, and courses lie below accounts.
    """
    place = context_asked(results, context)
    is_course = place.startswith("Course/")
    gathered = gather(results, course=place if is_course else None)
    below: dict[str | None, bool] = {None: False}
    for key in sorted(gathered.results, key=lambda key: (key[0], key[1], key[2] or "")):
        course = key[2]
        if not is_course:
            if course not in below:
                assert course is not None
                below[course] = place in contexts_above(results, course)
            if not below[course]:
                continue
        old, new = (score(key, gathered.results[key], judge) for judge in (before, after))
        if old is not None or new is not None:
            measures = (judge.judgement(key[1], course).measure for judge in (before, after))
            yield change(old, new, *measures)
