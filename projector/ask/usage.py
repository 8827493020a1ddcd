"""Whether an outcome is in use in a course: scores and class figures leave out those that are not."""

from __future__ import annotations

from typing import Final, NamedTuple

from attrs import define, field

from projector.ask.finding import Frame
from projector.domain.facts import part_of, status_of
from projector.store.reading import Reading

_Link = tuple[str | None, str, str | None]  # context, status, outcome

UNLINKED: Final = "unlinked"
_NOT_IN_USE: Final = frozenset({"deleted", "archived"})


class Use(NamedTuple):
    """How an outcome stands in a course: its status for a score, and whether Canvas counts results on it there."""

    status: str
    counts: bool


@define
class Usage:
    """Outcomes in courses as of a frame's instant; each outcome and each course's links are read once.

    Left out are deleted and archived outcomes, and those of whose links in the course some are known and all
    are deleted. An outcome of which no event tells counts, and so does one without a known link in the course.
    """

    _frame: Frame
    _statuses: dict[str, str] = field(factory=dict, init=False)
    _linked: dict[str, dict[str, bool]] = field(factory=dict, init=False)  # by course, then outcome
    _moved: dict[str, _Link] | None = field(default=None, init=False)

    def of(self, reading: Reading, outcome: str, course: str | None) -> Use:
        """The use of an outcome in a course such as ``Course/6``; without one its own status decides."""
        status = self._status(reading, outcome)
        if status in _NOT_IN_USE:
            return Use(status, counts=False)
        if course is not None and self._links_of(reading, course).get(outcome) is False:
            return Use(UNLINKED, counts=False)
        return Use(status, counts=True)

    def _status(self, reading: Reading, outcome: str) -> str:
        if outcome not in self._statuses:
            state = self._frame.state_at(reading, "outcome", outcome)
            self._statuses[outcome] = "unknown" if state is None else status_of(state)
        return self._statuses[outcome]

    def _links_of(self, reading: Reading, course: str) -> dict[str, bool]:
        """Of each outcome that links in the course name, whether one of these links is not deleted."""
        if course not in self._linked:
            frame, moved = self._frame, self._moved_links(reading)
            parts = reading.parts(frame.tenant, course, "link", frame.as_of)
            here = {id: (course, status, outcome) for id, status, _, _, outcome in parts if id not in moved}
            linked = self._linked[course] = {}
            for context, status, outcome in [*here.values(), *moved.values()]:
                if context == course and outcome is not None:
                    linked[outcome] = linked.get(outcome, False) or status != "deleted"
        return self._linked[course]

    def _moved_links(self, reading: Reading) -> dict[str, _Link]:
        """The links that were in several contexts, as of the instant; those that are not known then are nowhere."""
        if self._moved is None:
            frame, self._moved = self._frame, {}
            for kind, id in reading.wanderers(frame.tenant):
                if kind == "link":
                    state = frame.state_at(reading, kind, id) or {}
                    part = part_of(kind, state)
                    outcome = None if part is None else frame.local(part.outcome)
                    self._moved[id] = frame.context_of(kind, state), status_of(state), outcome
        return self._moved
