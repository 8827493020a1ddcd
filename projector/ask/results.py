"""The results that count as of the instant, by learner, outcome and course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field

from projector.ask.finding import Frame
from projector.ask.usage import UNLINKED, Usage, Use
from projector.domain.canonical import read_json
from projector.domain.ids import learner_of
from projector.domain.instants import instant_of, not_read
from projector.domain.kinds import LEARNER
from projector.domain.scores import Graded
from projector.domain.typed import number_of
from projector.domain.versions import State
from projector.fold.continuation import carries_id
from projector.fold.winning import status_of
from projector.store.reading import Reading

Key = tuple[str, str, str | None]  # learner, outcome, course as a context
Class = tuple[str, str | None]  # outcome and course

_PAGE = 5_000


@define(kw_only=True)
class Gathered:
    """Results by key, in no order; ``unattributed`` counts those that name no learner, by outcome and course.

    ``statuses`` are those of the outcomes as a score says them. ``assessments`` are those that say when the work
    behind a result was submitted. ``unreadable`` tells of times that decide the order and could not be read.
    """

    results: dict[Key, list[Graded]] = field(factory=dict)
    statuses: dict[Key, str] = field(factory=dict)
    assessments: set[str] = field(factory=set)
    unattributed: Counter[Class] = field(factory=Counter)
    unreadable: list[str] = field(factory=list)


def gather(
    frame: Frame,
    *,
    learner: str | None = None,
    outcome: str | None = None,
    course: str | None = None,
    across: bool = False,
    inactive: bool = False,
) -> Gathered:
    """The active results with a score, each row once, by learner, outcome and course.

    Args:
        outcome: A canonical id; ``course``: a context such as ``Course/6``.
        across: Merge a learner's results of one outcome in all courses.
        inactive: Also those on outcomes that are not in use: see `projector.ask.usage.Usage`.
    """
    taking = _Taking(frame=frame, across=across, inactive=inactive)
    for ids in _candidates(frame, learner, outcome, course):
        with frame.log.reading(frame.pin) as reading:
            found = _states(frame, reading, ids)
            wanted = [(id, state) for id, state in found if _wanted(frame, state, learner, outcome, course)]
            taking.take(reading, wanted)
    return taking.gathered


@define(kw_only=True)
class _Taking:
    """Takes results, a page at a time."""

    frame: Frame
    across: bool
    inactive: bool
    gathered: Gathered = field(factory=Gathered, init=False)
    _usage: Usage = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._usage = Usage(self.frame)

    def take(self, reading: Reading, results: Iterable[tuple[str, State]]) -> None:
        """Take those results whose outcome is in use, or all where those that are not are asked for too."""
        frame, gathered = self.frame, self.gathered
        used = [(id, state, self._use(reading, state)) for id, state in results]
        counting = [(id, state, use) for id, state, use in used if use.counts or self.inactive]
        submitted = _submissions(frame, reading, [state for _, state, _ in counting])
        for id, state, use in counting:
            learner, of = learner_of(state.get("user_uuid")), self._class_of(state)
            if learner is None:
                gathered.unattributed[of] += 1
                continue
            key = (learner, *of)
            gathered.results.setdefault(key, []).append(_graded(frame, id, state, submitted))
            gathered.unreadable += _unreadable(frame, id, state, submitted)
            if gathered.statuses.get(key, UNLINKED) == UNLINKED:  # of several courses one that is in use decides
                gathered.statuses[key] = use.status
        gathered.assessments.update(submitted)

    def _use(self, reading: Reading, state: State) -> Use:
        return self._usage.of(reading, _outcome(self.frame, state), _course(self.frame, state))

    def _class_of(self, state: State) -> Class:
        return _outcome(self.frame, state), None if self.across else _course(self.frame, state)


def _candidates(frame: Frame, learner: str | None, outcome: str | None, course: str | None) -> Iterator[Sequence[str]]:
    """Ids of results that may count, in pages."""
    named = [(LEARNER, learner), ("outcome", outcome), ("Course", course and course.partition("/")[2])]
    for what, id in named:
        if id is not None:
            with frame.log.reading(frame.pin) as reading:
                ids = reading.naming(frame.tenant, what, id, "result")
            yield from (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))
            return
    last, page = "", [""]
    while page:
        with frame.log.reading(frame.pin) as reading:
            page = reading.ids(frame.tenant, "result", last, _PAGE)
        if page:
            yield page
            last = page[-1]


def _states(frame: Frame, reading: Reading, ids: Sequence[str]) -> Iterator[tuple[str, State]]:
    """The states of results that stand; a guessed identity that is continued leaves."""
    guesses = frame.guesses(reading)
    for id, text in reading.bodies(frame.tenant, "result", ids, frame.as_of):
        body = read_json(text)["body"]
        if carries_id(body) or guesses.of(id, frame.as_of)[1] is None:
            yield id, body


def _wanted(frame: Frame, state: State, learner: str | None, outcome: str | None, course: str | None) -> bool:
    return (
        status_of(state) == "active"
        and number_of(state.get("score")) is not None
        and frame.reference(state.get("learning_outcome_id")) is not None
        and (learner is None or learner_of(state.get("user_uuid")) == learner)
        and (outcome is None or frame.reference(state.get("learning_outcome_id")) == outcome)
        and (course is None or _course(frame, state) == course)
    )


def _course(frame: Frame, state: State) -> str | None:
    id = frame.reference(state.get("result_context_id"))
    return f"Course/{id}" if state.get("result_context_type") == "Course" and id is not None else None


def _outcome(frame: Frame, state: State) -> str:
    outcome = frame.reference(state.get("learning_outcome_id"))
    assert outcome is not None, "only results that name an outcome are taken"
    return outcome


def _submissions(frame: Frame, reading: Reading, states: Iterable[State]) -> dict[str, Any]:
    """When the work behind rubric results was submitted, by assessment, where an event says so."""
    ids = {id for state in states if (id := _assessment(frame, state)) is not None}
    found: dict[str, Any] = {}
    for id, text in reading.bodies(frame.tenant, "assessment", sorted(ids), frame.as_of):
        found[id] = read_json(text)["body"].get("submitted_at")
    return found


def _assessment(frame: Frame, state: State) -> str | None:
    """The rubric assessment behind a result."""
    is_rubric = state.get("artifact_type") == "RubricAssessment"
    return frame.reference(state.get("artifact_id")) if is_rubric else None


def _graded(frame: Frame, id: str, state: State, submitted: Mapping[str, Any]) -> Graded:
    return Graded(
        id=id,
        score=number_of(state.get("score")),
        possible=number_of(state.get("possible")),
        percent=number_of(state.get("percent")),
        quiz=_quiz(frame, state),
        submitted_at=instant_of(submitted.get(_assessment(frame, state) or "")),
        assessed_at=instant_of(state.get("assessed_at")),
    )


def _quiz(frame: Frame, state: State) -> str | None:
    """The quiz submission that a question's result belongs to."""
    is_question = state.get("artifact_type") == "Quizzes::QuizSubmission"
    return frame.reference(state.get("artifact_id")) if is_question else None


def _unreadable(frame: Frame, id: str, state: State, submitted: Mapping[str, Any]) -> Iterator[str]:
    """What could not be read of the times that order a result."""
    assessment = _assessment(frame, state)
    time = submitted.get(assessment or "")
    if (note := not_read(time, "submitted_at", f"assessment {assessment}")) is not None:
        yield note
    if instant_of(time) is None and (note := not_read(state.get("assessed_at"), "assessed_at", f"result {id}")):
        yield note
