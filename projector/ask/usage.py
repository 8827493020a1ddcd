"""Whether an outcome is in use in a course; scores and summaries leave out those that are not."""

from __future__ import annotations

from typing import Final, NamedTuple

from attrs import define, field

from projector.ask.asking import Asking
from projector.ask.question import Question
from projector.domain.facts import part_of, status_of

_Link = tuple[str | None, str, str | None]  # context, status, outcome

UNLINKED: Final = "unlinked"
_NOT_IN_USE: Final = frozenset({"deleted", "archived"})


class Use(NamedTuple):
    """The use of an outcome in a course: its status for a score, and whether Canvas counts results on it there."""

    status: str
    counts: bool


@define
class Usage:
    """Outcomes in courses as of a question's instant; each outcome and each course's links are read once.

    Left out are deleted and archived outcomes, and those of whose links in the course some are known and all
    are deleted. An outcome without an event counts, and so does one without a known link in the course.
    """

    _question: Question
    _statuses: dict[str, str] = field(factory=dict, init=False)
    _linked: dict[str, dict[str, bool]] = field(factory=dict, init=False)  # by course, then outcome
    _moved: dict[str, _Link] | None = field(default=None, init=False)

    def of(self, asking: Asking, outcome: str, course: str | None) -> Use:
        """The use of an outcome in a course such as ``Course/6``; without one its own status decides."""
        status = self._status(asking, outcome)
        if status in _NOT_IN_USE:
            return Use(status, counts=False)
        if course is not None and self._links_of(asking, course).get(outcome) is False:
            return Use(UNLINKED, counts=False)
        return Use(status, counts=True)

    def _status(self, asking: Asking, outcome: str) -> str:
        if outcome not in self._statuses:
            state = asking.state("outcome", outcome)
            self._statuses[outcome] = "unknown" if state is None else status_of(state)
        return self._statuses[outcome]

    def _links_of(self, asking: Asking, course: str) -> dict[str, bool]:
        """Of each outcome that links in the course name, whether one of these links is not deleted."""
        if course not in self._linked:
            moved = self._moved_links(asking)
            parts = asking.reading.parts(course, "link", self._question.as_of)
            here = {id: (course, status, outcome) for id, status, _, _, outcome in parts if id not in moved}
            linked = self._linked[course] = {}
            for context, status, outcome in [*here.values(), *moved.values()]:
                if context == course and outcome is not None:
                    linked[outcome] = linked.get(outcome, False) or status != "deleted"
        return self._linked[course]

    def _moved_links(self, asking: Asking) -> dict[str, _Link]:
        """The links that were in several contexts, as of the instant; those that are not known then are in none."""
        if self._moved is None:
            question, self._moved = self._question, {}
            for kind, id in asking.reading.multi_context_parts():
                if kind == "link":
                    state = asking.state(kind, id) or {}
                    part = part_of(kind, state)
                    outcome = None if part is None else question.local(part.outcome)
                    self._moved[id] = question.context_of(kind, state), status_of(state), outcome
        return self._moved
