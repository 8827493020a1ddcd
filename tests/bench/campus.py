"""The invented institution of the benchmarks: its accounts, courses and outcomes, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from tests.bench.bodies import (
    FACULTIES,
    account_body,
    course_body,
    friendly_body,
    group_body,
    link_body,
    method_body,
    outcome_body,
    scale_body,
)
from tests.bench.metadata import by_page, second

TERMS: Final = 6
CLASS_SIZE: Final = 27
START: Final = int(datetime(2023, 8, 21, 7, tzinfo=UTC).timestamp()) * 1000
SPAN: Final = 3 * 365 * 86_400_000  # milliseconds


class Campus:
    """Everything but the learners' results, in proportion to the number of events.

    The institution stands at first; each term brings its courses, and now and then something changes.
    """

    def __init__(self, count: int, random: Random) -> None:
        self._random = random
        self._told = 0
        self.learners = max(30, count // 120)
        self.courses = max(TERMS, count * 7 // 10 // (CLASS_SIZE * 14))
        self.outcomes = max(8, count // 2000)

    def _line(self, name: str, at: int, body: dict[str, Any], course: int | None = None) -> str:
        self._told += 1
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        text = text.replace("<", "\\u003c").replace(">", "\\u003e")
        return f'{{"metadata":{by_page(name, at, self._told, course)},"body":{text}}}'

    def courses_of(self, term: int) -> range:
        """The courses taught in a term."""
        return range(1 + self.courses * term // TERMS, 1 + self.courses * (term + 1) // TERMS)

    def outcomes_of(self, course: int) -> list[int]:
        """The outcomes assessed in a course."""
        return [1 + (course * 31 + n * 17) % self.outcomes for n in range(8)]

    def founding(self, at: int) -> Iterator[str]:
        """Accounts, outcomes in groups, scales, methods and friendly descriptions."""
        yield self._line("account_created", at, account_body(1))
        yield self._line("learning_outcome_group_created", at, group_body(1, None, "Account", 1))
        for faculty in FACULTIES:
            yield self._line("account_created", at, account_body(faculty))
            yield self._line("learning_outcome_group_created", at, group_body(faculty, 1, "Account", 1))
        for context in (1, *FACULTIES[::3]):
            yield self._line("outcome_proficiency_created", at, scale_body(context, 3.0))
            yield self._line("outcome_calculation_method_created", at, method_body(context, 0))
        for outcome in range(1, self.outcomes + 1):
            yield self._line("learning_outcome_created", at, outcome_body(outcome, 1))
            yield self._line(
                "learning_outcome_link_created", at, link_body(outcome, outcome, 2 + outcome % 10, "Account", 1)
            )
            if outcome % 4 == 0:
                yield self._line("outcome_friendly_description_created", at, friendly_body(outcome, 1))

    def opening(self, term: int, at: int) -> Iterator[str]:
        """A term's courses, each with a group of the outcomes assessed in it."""
        for course in self.courses_of(term):
            yield self._line("course_created", at, course_body(course, "claimed"))
            yield self._line(
                "learning_outcome_group_created", at, group_body(1000 + course, None, "Course", course), course
            )
            for place, outcome in enumerate(self.outcomes_of(course)):
                link = link_body(100_000 + course * 10 + place, outcome, 1000 + course, "Course", course)
                yield self._line("learning_outcome_link_created", at, link, course)
            opened = course_body(course, "available") | {"updated_at": second(at)}
            yield self._line("course_updated", at, opened, course)

    def change(self, term: int, at: int) -> str:
        """Something that changed: an outcome most often, a link, a group, a scale, a method, a course or a text."""
        random, now = self._random, {"updated_at": second(at)}
        outcome, course = random.randint(1, self.outcomes), random.choice(self.courses_of(term))
        match random.randrange(20):
            case 0:
                return self._line("outcome_proficiency_updated", at, scale_body(1, random.choice((2.0, 3.0))) | now)
            case 1:
                return self._line("outcome_calculation_method_updated", at, method_body(1, random.randrange(5)) | now)
            case 2 | 3:
                body = friendly_body(outcome // 4 * 4 or 4, random.randrange(99))
                return self._line("outcome_friendly_description_updated", at, body | now)
            case 4 | 5:
                return self._line("course_updated", at, course_body(course, "available") | now, course)
            case 6 | 7:
                group = random.choice(FACULTIES)
                parent = 1 if group == 2 else random.choice((1, 2))
                return self._line("learning_outcome_group_updated", at, group_body(group, parent, "Account", 1) | now)
            case 8 | 9 | 10:
                state = random.choice(("active", "deleted"))
                link = link_body(outcome, outcome, random.choice(FACULTIES), "Account", 1) | {"workflow_state": state}
                return self._line("learning_outcome_link_updated", at, link | now)
            case _:
                return self._line("learning_outcome_updated", at, outcome_body(outcome, random.randrange(99)) | now)

    def unknown_event(self, at: int) -> str:
        """An event of another family."""
        name = self._random.choice(("user_created", "submission_created", "grade_change", "logged_in"))
        return self._line(name, at, {"user_id": f"2107{self._random.randrange(10**6):013}", "name": "Somebody"})
