"""The results that count as of an instant, by learner, outcome and course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from attrs import define, field

from projector.ask.asking import Asking, id_pages
from projector.ask.question import Question
from projector.ask.usage import UNLINKED, Usage
from projector.domain.canonical import read_json
from projector.domain.catalogue import LEARNER
from projector.domain.facts import ResultFacts, carries_id, result_facts, submission_said, unread_submission
from projector.domain.instants import instant_of
from projector.domain.scores import Graded
from projector.domain.versions import State

Key = tuple[str, str, str | None]  # learner, outcome, course as a context
Class = tuple[str, str | None]  # outcome and course

_PAGE = 5_000


@define(kw_only=True)
class Gathered:
    """Results by key, in no order; ``unattributed`` counts those that name no learner, by outcome and course.

    ``statuses`` are those of the outcomes as a score says them. ``assessments`` are those that say when the work
    behind a result was submitted. ``unreadable`` lists times that decide the order and could not be read.
    """

    results: dict[Key, list[Graded]] = field(factory=dict)
    statuses: dict[Key, str] = field(factory=dict)
    assessments: set[str] = field(factory=set)
    unattributed: Counter[Class] = field(factory=Counter)
    unreadable: list[str] = field(factory=list)


def learners(question: Question, first: str, size: int) -> Iterator[list[str]]:
    """The learners whom events name, in order from one on, in pages."""
    page = [first]
    while page:
        with Asking(question) as asking:
            page = asking.reading.targets(LEARNER, first, size)
        if page:
            yield page
            first = page[-1] + "\0"


def gather_of(question: Question, learners: Sequence[str], *, across: bool, inactive: bool) -> Gathered:
    """The same as `gather` of some learners at once."""
    taking = Taking(question=question, across=across, inactive=inactive)
    meant = frozenset(learners)
    with Asking(question) as asking:
        ids = sorted({id for learner in learners for id in asking.reading.naming(LEARNER, learner, "result")})
    for start in range(0, len(ids), _PAGE):
        with Asking(question) as asking:
            taking.take(asking, _states(asking, ids[start : start + _PAGE]))
    found = taking.handed_over()
    found.results = {key: results for key, results in found.results.items() if key[0] in meant}
    return found


def gather(
    question: Question,
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
    taking = Taking(
        question=question, learner=learner, outcome=outcome, course=course, across=across, inactive=inactive
    )
    for ids in _candidates(question, learner, outcome, course):
        with Asking(question) as asking:
            taking.take(asking, _states(asking, ids))
    return taking.handed_over()


class _Result(NamedTuple):
    """A result that may count; ids as the institution's own aggregates carry them."""

    id: str
    facts: ResultFacts
    outcome: str
    course: str | None  # as a context


@define(kw_only=True)
class Taking:
    """Takes the states of results in effect, some at a time, and keeps those that count: see `gather`."""

    question: Question
    learner: str | None = None
    outcome: str | None = None
    course: str | None = None
    across: bool = False
    inactive: bool = False
    _gathered: Gathered = field(factory=Gathered, init=False)
    _usage: Usage = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._usage = Usage(self.question)

    def handed_over(self) -> Gathered:
        """What was kept since this was asked last."""
        gathered, self._gathered = self._gathered, Gathered()
        return gathered

    def take(self, asking: Asking, states: Iterable[tuple[str, State]]) -> None:
        """Take states, by id."""
        results = (_result(self.question, id, state) for id, state in states)
        self._keep(asking, [one for one in results if one is not None and self._is_meant(one)])

    def _is_meant(self, one: _Result) -> bool:
        return (
            (self.learner is None or one.facts.learner == self.learner)
            and (self.outcome is None or one.outcome == self.outcome)
            and (self.course is None or one.course == self.course)
        )

    def _keep(self, asking: Asking, results: Iterable[_Result]) -> None:
        """Keep those whose outcome is in use, or all where those that are not are asked for too."""
        gathered = self._gathered
        used = [(one, self._usage.of(asking, one.outcome, one.course)) for one in results]
        counting = [(one, use) for one, use in used if use.counts or self.inactive]
        submitted = _submissions(asking, [one for one, _ in counting])
        for one, use in counting:
            of = one.outcome, None if self.across else one.course
            if one.facts.learner is None:
                gathered.unattributed[of] += 1
                continue
            key = (one.facts.learner, *of)
            assessment = self.question.local(one.facts.assessment)
            time = submitted.get(assessment or "")
            gathered.results.setdefault(key, []).append(_graded(self.question, one, time))
            gathered.unreadable += _unreadable(one, assessment, time)
            if gathered.statuses.get(key, UNLINKED) == UNLINKED:  # of several courses one that is in use decides
                gathered.statuses[key] = use.status
        gathered.assessments.update(submitted)


def _candidates(
    question: Question, learner: str | None, outcome: str | None, course: str | None
) -> Iterator[Sequence[str]]:
    """Ids of results that may count, in pages."""
    named = [(LEARNER, learner), ("outcome", outcome), ("Course", course and course.partition("/")[2])]
    for what, id in named:
        if id is not None:
            with Asking(question) as asking:
                ids = asking.reading.naming(what, id, "result")
            yield from (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))
            return
    yield from id_pages(question, "result", _PAGE)


def _states(asking: Asking, ids: Sequence[str]) -> Iterator[tuple[str, State]]:
    """The states of results in effect, without guessed identities that are continued."""
    as_of = asking.question.as_of
    for id, text in asking.reading.bodies("result", ids, as_of):
        body = read_json(text)["body"]
        if carries_id(body) or asking.guesses.of(id, as_of)[1] is None:
            yield id, body


def _result(question: Question, id: str, state: State) -> _Result | None:
    """A result that is active, has a score and names an outcome."""
    facts = result_facts(state)
    outcome = question.local(facts.outcome)
    if facts.status != "active" or facts.score is None or outcome is None:
        return None
    return _Result(id, facts, outcome, None if facts.course is None else f"Course/{question.local(facts.course)}")


def _submissions(asking: Asking, results: Iterable[_Result]) -> dict[str, object]:
    """When the work behind rubric results was submitted, by assessment, where an event says so."""
    question = asking.question
    ids = {id for one in results if (id := question.local(one.facts.assessment)) is not None}
    texts = asking.reading.bodies("assessment", sorted(ids), question.as_of)
    return {id: submission_said(read_json(text)["body"]) for id, text in texts}


def _graded(question: Question, one: _Result, submitted: object) -> Graded:
    return Graded(
        id=one.id,
        score=one.facts.score,
        possible=one.facts.possible,
        percent=one.facts.percent,
        quiz=question.local(one.facts.quiz),
        submitted_at=instant_of(submitted),
        assessed_at=instant_of(one.facts.assessed_at),
    )


def _unreadable(one: _Result, assessment: str | None, submitted: object) -> Iterator[str]:
    """What could not be read of the times that order a result."""
    if (note := unread_submission(submitted, f"assessment {assessment}")) is not None:
        yield note
    if instant_of(submitted) is None and (note := one.facts.unread(f"result {one.id}")) is not None:
        yield note
