"""Scores as of any instant, under the scale and method as of any instant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Self

from attrs import define, evolve, field, frozen

from projector.ask.asking import Asking
from projector.ask.inheritance import context_asked, in_force, in_force_for_outcome
from projector.ask.question import Question
from projector.ask.results import Class, Gathered, Key, gather
from projector.ask.texts import text_asked
from projector.domain.errors import BadQuestion
from projector.domain.ids import learner_of
from projector.domain.inforce import MethodInForce, ScaleInForce, own_method, own_scale
from projector.domain.instants import is_of_unread
from projector.domain.scores import JudgedBy, Measure, Method, Reference, Score, Scores, Summary
from projector.domain.settings import ACCOUNT_SCALES, NEW_DECAYING
from projector.domain.states import Outcome
from projector.domain.typed import typed
from projector.domain.versions import Basis
from projector.fold.scores import in_order, is_known, is_mastered, number_used, ordered_by, score_of, step_for, values
from projector.fold.summary import summarise

_NOTES = 20  # what could not be read or computed that an answer names


@frozen(kw_only=True)
class Judgement:
    """By what the results of one outcome in one course are judged."""

    measure: Measure
    method: Method
    judged_by: JudgedBy


@define
class Judge:
    """Finds by what results are judged, as of its question; asks once for each course and outcome."""

    question: Question
    _judgements: dict[tuple[str, str | None], Judgement] = field(factory=dict, init=False)
    _found: dict[tuple[str | None, str | None], tuple[ScaleInForce, MethodInForce]] = field(factory=dict, init=False)
    _outcomes: dict[str, Outcome | None] = field(factory=dict, init=False)

    @cached_property
    def recursive(self) -> bool:
        """Whether the standard decaying average weighs each newer value."""
        return self.question.setting(NEW_DECAYING)[0] == "on"

    def judgement(self, outcome: str, context: str | None) -> Judgement:
        """By what an outcome's results in a course count; without a course in the outcome's own context."""
        if (outcome, context) not in self._judgements:
            self._judgements[outcome, context] = self._judge(outcome, context)
        return self._judgements[outcome, context]

    def _judge(self, outcome: str, context: str | None) -> Judgement:
        found_scale, found_method = self._in_force(outcome, context)
        measure, scale = self._measure(found_scale, outcome)
        method, found_in = self._method(found_method, outcome)
        return Judgement(measure=measure, method=method, judged_by=JudgedBy(scale=scale, method=found_in))

    def _measure(self, found: ScaleInForce, outcome: str) -> tuple[Measure, str]:
        if found.in_context is not None and found.scale is not None:
            return Measure.of(found.scale), found.in_context
        own = self._outcome(outcome)
        scale = None if own is None else own_scale(own)
        return (Measure() if scale is None else Measure.of(scale)), "outcome"

    def _method(self, found: MethodInForce, outcome: str) -> tuple[Method, str]:
        if found.in_context is not None and found.method is not None:
            return Method.of(found.method), found.in_context
        own = self._outcome(outcome)
        return (Method(method="highest") if own is None else Method.of(own_method(own))), "outcome"

    @property
    def unread(self) -> Iterator[str]:
        """What could not be read of the scales and methods that were asked for."""
        found = sorted(self._found.items(), key=lambda item: item[0][1] is None)  # courses before outcomes
        answers = (answer for _, pair in found for answer in pair)
        return (note for answer in answers for note in answer.basis.assumed if is_of_unread(note))

    def versions(self, outcome: str, context: str | None) -> list[Reference]:
        """The scale and the method that an outcome's results in a course are judged by."""
        found = self._in_force(outcome, context)
        return [(f.version.kind, f.version.id) for f in found if f.version is not None and f.version.kind != "outcome"]

    def _in_force(self, outcome: str, context: str | None) -> tuple[ScaleInForce, MethodInForce]:
        """What is in force in a course; without one in the outcome's own context."""
        key = (outcome, None) if context is None else (None, context)
        if key not in self._found:
            ask, where = (in_force_for_outcome, outcome) if context is None else (in_force, context)
            self._found[key] = ask(self.question, ScaleInForce, where), ask(self.question, MethodInForce, where)
        return self._found[key]

    def _outcome(self, id: str) -> Outcome | None:
        if id not in self._outcomes:
            with Asking(self.question) as asking:
                state = asking.state("outcome", id)
            found = None if state is None else typed("outcome", state)
            self._outcomes[id] = found if isinstance(found, Outcome) else None
        return self._outcomes[id]


def score(key: Key, gathered: Gathered, judge: Judge) -> Score | None:
    """What a learner's results of one outcome in one course come to; None where they come to nothing.

    Raises:
        OverflowError: some step of it is beyond what a double holds.
    """
    learner, outcome, context = key
    judgement = judge.judgement(outcome, context)
    measure, method = judgement.measure, judgement.method
    ordered = in_order(gathered.results[key], method)
    counted = values(ordered, measure, method)
    found = score_of(counted, measure, method, recursive=judge.recursive)
    if found is None:
        return None
    step = step_for(found, measure)
    return Score(
        learner=learner,
        outcome=outcome,
        context=context,
        score=found,
        method=method.method,
        int=number_used(method),
        mastery=is_mastered(found, measure),
        rating=step.description if step else None,
        points_possible=measure.points_possible,
        mastery_points=measure.mastery_points,
        results=len(counted),
        ordered_by=ordered_by(ordered),
        judged_by=judgement.judged_by,
        outcome_status=gathered.statuses[key],
    )


@frozen(kw_only=True)
class ScoresAsked:
    """Which scores are asked for, with ids as the institution's own aggregates carry them.

    ``judged`` is the same question as of the instant whose scale and method count. ``across`` and ``inactive`` are as
    in `projector.ask.results.gather`.
    """

    question: Question
    judged: Question
    learner: str | None = None
    outcome: str | None = None
    course: str | None = None
    across: bool = False
    inactive: bool = False

    @classmethod
    def of(
        cls,
        question: Question,
        judged: Question,
        learner: str | None,
        outcome: str | int | None,
        course: str | int | None,
        *,
        across: bool,
        inactive: bool,
    ) -> Self:
        """Those of a learner, an outcome and a course, any mix.

        Raises:
            BadQuestion: one of them is not UTF-8 text, the learner is blank, or the course has another form.
        """
        return cls(
            question=question,
            judged=judged,
            learner=None if learner is None else learner_named(learner),
            outcome=None if outcome is None else question.own_id(outcome),
            course=None if course is None else course_asked(question, course),
            across=across,
            inactive=inactive,
        )

    @property
    def of_all(self) -> bool:
        """Whether neither learner nor outcome nor course is named."""
        return self.learner is None and self.outcome is None and self.course is None

    def gathered(self) -> Gathered:
        """The results that are asked for."""
        return gather(
            self.question,
            learner=self.learner,
            outcome=self.outcome,
            course=self.course,
            across=self.across,
            inactive=self.inactive,
        )

    def basis(self, notes: Collection[str], further: int = 0) -> Basis:
        """What the scores rest on.

        Args:
            notes: What could not be read or computed, of which the first are named.
            further: The number of such notes beside these.
        """
        assumed = [self.judged.setting(name)[1] for name in (ACCOUNT_SCALES, NEW_DECAYING)]
        judged_at = self.judged.basis.as_of
        if self.judged.as_of != self.question.as_of and judged_at is not None:
            assumed.append(f"scale and method as of {judged_at.isoformat()}")
        if self.across:
            assumed.append("courses merged")
        assumed += islice(notes, _NOTES)
        if (more := len(notes) + further - _NOTES) > 0:
            assumed.append(f"and {more:,} more")
        return evolve(self.question.basis, assumed=tuple(assumed))


@define(kw_only=True)
class Scoring:
    """The scores that a question comes to, computed when they are first asked for, and what they rest on."""

    _gathered: Gathered = field(repr=False)
    _judge: Judge = field(repr=False)
    _missing: dict[str, None] = field(factory=dict, init=False)  # why there is no score, each reason once

    @cached_property
    def by_key(self) -> dict[Key, Score]:
        """The scores by learner, outcome and course, in this order."""
        found = ((key, self._score(key)) for key in in_key_order(self._gathered.results))
        return {key: score for key, score in found if score is not None}

    def answer(self, asked: ScoresAsked) -> Scores:
        """The scores as they are given to users."""
        return Scores(
            scores=tuple(self.by_key.values()),
            basis=asked.basis(self._notes),
            find_summaries=self._summaries,
            find_sources=self._sources,
        )

    def first(self, most: int, behind: Key | None = None) -> list[Score]:
        """The first scores behind a key, so many at most; no others are computed."""
        keys = (key for key in in_key_order(self._gathered.results) if behind is None or _place(key) > _place(behind))
        found = (score for key in keys if (score := self._score(key)) is not None)
        return list(islice(found, most))

    @property
    def notes(self) -> Collection[str]:
        """What could not be read or computed of the scores so far."""
        return dict.fromkeys([*self._judge.unread, *self._gathered.unreadable, *self._missing])

    @property
    def missing(self) -> Collection[str]:
        """Why there is no score, each reason once."""
        _ = self.by_key  # finds them
        return self._missing.keys()

    @property
    def _notes(self) -> Collection[str]:
        _ = self.by_key  # finds them
        return self.notes

    def _score(self, key: Key) -> Score | None:
        method = self._judge.judgement(*key[1:]).method
        if not is_known(method):
            reason = f'no score by calculation_method "{method.method[:60]}": Canvas knows none of that name'
            self._missing[reason] = None
            return None
        try:
            return score(key, self._gathered, self._judge)
        except OverflowError as error:
            learner, outcome, context = key
            where = "" if context is None else f" in {context}"
            self._missing[f"no score of {learner} on outcome {outcome}{where}: {error}"] = None
            return None

    def _sources(self) -> tuple[Reference, ...]:
        gathered, keys = self._gathered, self._gathered.results
        results = sorted({graded.id for found in keys.values() for graded in found})
        judged = {version for _, outcome, context in keys for version in self._judge.versions(outcome, context)}
        return (
            *(("result", id) for id in results),
            *(("assessment", id) for id in sorted(gathered.assessments)),
            *(("outcome", id) for id in sorted({outcome for _, outcome, _ in keys})),
            *sorted(judged),
        )

    def _summaries(self) -> tuple[Summary, ...]:
        classes: dict[Class, list[Score]] = {key: [] for key in self._gathered.unattributed}
        for (_, outcome, context), found in self.by_key.items():
            classes.setdefault((outcome, context), []).append(found)
        return tuple(
            summarise(*key, classes[key], self._judge.judgement(*key).measure, self._gathered.unattributed[key])
            for key in sorted(classes, key=lambda key: (key[0], key[1] or ""))
        )


def in_key_order(keys: Iterable[Key]) -> list[Key]:
    """Keys by learner, outcome and context."""
    return sorted(keys, key=_place)


def _place(key: Key) -> tuple[str, str, str]:
    return key[0], key[1], key[2] or ""


def learner_named(asked: str) -> str:
    """A learner as events name one.

    Raises:
        BadQuestion: it is blank, or not UTF-8 text.
    """
    if (learner := learner_of(text_asked(asked, "the learner"))) is None:
        raise BadQuestion("the learner is blank; write a user's uuid")
    return learner


def course_asked(question: Question, course: str | int) -> str:
    """A course as a context; a bare id means a course."""
    return context_asked(question, course if isinstance(course, str) and "/" in course else f"Course/{course}")
