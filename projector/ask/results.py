"""The results that count as of the instant, by learner, outcome and course."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import define, field

from projector.ask.finding import Frame
from projector.domain.canonical import read_json
from projector.domain.instants import instant_of
from projector.domain.kinds import LEARNER
from projector.domain.scores import Graded
from projector.domain.typed import number_of
from projector.domain.versions import State
from projector.fold.continuation import is_guessed
from projector.fold.winning import status_of
from projector.store.reading import Reading

Key = tuple[str, str, str | None]  # learner, outcome, course as a context

_PAGE = 5_000


@define(kw_only=True)
class Gathered:
    """Results by key, in no order; ``unattributed`` are those that name no learner.

    ``assessments`` are those that told when the work behind a result was submitted.
    """

    results: dict[Key, list[Graded]] = field(factory=dict)
    assessments: set[str] = field(factory=set)
    unattributed: int = 0


def gather(
    frame: Frame,
    *,
    learner: str | None = None,
    outcome: str | None = None,
    course: str | None = None,
    across: bool = False,
) -> Gathered:
    """The active results with a score, each row once, by learner, outcome and course.

    Args:
        outcome: A canonical id; ``course``: a context such as ``Course/6``.
        across: Merge a learner's results of one outcome in all courses.
    """
    gathered = Gathered()
    for ids in _candidates(frame, learner, outcome, course):
        with frame.log.reading(frame.pin) as reading:
            found = _states(frame, reading, ids)
            wanted = [(id, state) for id, state in found if _wanted(frame, state, learner, outcome, course)]
            kept = [(id, state) for id, state in wanted if state.get("user_uuid") is not None]
            gathered.unattributed += len(wanted) - len(kept)
            submitted = _submissions(frame, reading, [state for _, state in kept])
            gathered.assessments.update(submitted)
        for id, state in kept:
            key = _key(frame, state, across)
            gathered.results.setdefault(key, []).append(_graded(frame, id, state, submitted))
    return gathered


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
    plain = [id for id in ids if not is_guessed(id)]
    slow = [id for id in ids if is_guessed(id)]
    for id, text in reading.bodies(frame.tenant, "result", plain, frame.as_of):
        yield id, read_json(text)["body"]
    for id in slow:
        version = frame.version_at(reading, "result", id, alone=False)
        if version is not None and version.continued_by is None:
            yield id, version.state


def _wanted(frame: Frame, state: State, learner: str | None, outcome: str | None, course: str | None) -> bool:
    return (
        status_of(state) == "active"
        and number_of(state.get("score")) is not None
        and frame.reference(state.get("learning_outcome_id")) is not None
        and (learner is None or state.get("user_uuid") == learner)
        and (outcome is None or frame.reference(state.get("learning_outcome_id")) == outcome)
        and (course is None or _course(frame, state) == course)
    )


def _course(frame: Frame, state: State) -> str | None:
    id = frame.reference(state.get("result_context_id"))
    return f"Course/{id}" if state.get("result_context_type") == "Course" and id is not None else None


def _key(frame: Frame, state: State, across: bool) -> Key:
    outcome = frame.reference(state.get("learning_outcome_id")) or ""
    return str(state.get("user_uuid")), outcome, None if across else _course(frame, state)


def _submissions(frame: Frame, reading: Reading, states: Iterable[State]) -> dict[str, Any]:
    """When the work behind rubric results was submitted, by assessment, where that was heard."""
    ids = {
        id
        for state in states
        if state.get("artifact_type") == "RubricAssessment"
        and (id := frame.reference(state.get("artifact_id"))) is not None
    }
    found: dict[str, Any] = {}
    for id, text in reading.bodies(frame.tenant, "assessment", sorted(ids), frame.as_of):
        found[id] = read_json(text)["body"].get("submitted_at")
    return found


def _graded(frame: Frame, id: str, state: State, submitted: dict[str, Any]) -> Graded:
    rubric = state.get("artifact_type") == "RubricAssessment"
    artifact = frame.reference(state.get("artifact_id"))
    return Graded(
        id=id,
        score=number_of(state.get("score")),
        possible=number_of(state.get("possible")),
        percent=number_of(state.get("percent")),
        quiz=_quiz(frame, state),
        submitted_at=instant_of(submitted.get(artifact)) if rubric and artifact is not None else None,
        assessed_at=instant_of(state.get("assessed_at")),
    )


def _quiz(frame: Frame, state: State) -> str | None:
    """What names the quiz of a question's result: the quiz itself, else the attempt at it."""
    if state.get("artifact_type") != "Quizzes::QuizSubmission":
        return None
    if state.get("associated_asset_type") == "Quizzes::Quiz":
        return f"quiz {frame.reference(state.get('associated_asset_id'))}"
    return f"attempt {frame.reference(state.get('artifact_id'))}"
