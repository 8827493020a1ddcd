"""Scores of any day, under the scale and method of any day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from attrs import define, evolve, field, frozen

from projector.ask.finding import Frame
from projector.ask.inheritance import context_asked, in_force, in_force_for_outcome
from projector.ask.results import Gathered, Key, gather
from projector.ask.texts import text_asked
from projector.domain.inforce import MethodInForce, ScaleInForce, own_method
from projector.domain.kinds import Kind
from projector.domain.scores import Graded, JudgedBy, Measure, Score, Way
from projector.domain.settings import NEW_DECAYING
from projector.domain.states import Outcome
from projector.domain.typed import typed
from projector.domain.versions import Basis
from projector.fold.scores import in_order, is_mastered, number_used, ordered_by, score_of, step_for, values
from projector.fold.summary import Summary, summarise


@frozen(kw_only=True)
class Judgement:
    """By what the results of one outcome in one course are judged."""

    measure: Measure
    way: Way
    judged_by: JudgedBy


@define
class Judge:
    """Finds by what results are judged, as of its frame; asks once for each course and outcome."""

    frame: Frame
    _judgements: dict[tuple[str, str | None], Judgement] = field(factory=dict, init=False)
    _by_course: dict[str, tuple[ScaleInForce, MethodInForce]] = field(factory=dict, init=False)
    _outcomes: dict[str, Outcome | None] = field(factory=dict, init=False)
    _homes: dict[str, tuple[ScaleInForce, MethodInForce]] = field(factory=dict, init=False)

    @cached_property
    def recursive(self) -> bool:
        """Whether the standard decaying average weighs each newer value."""
        return self.frame.setting(NEW_DECAYING)[0] == "on"

    def judgement(self, outcome: str, context: str | None) -> Judgement:
        """By what an outcome's results in a course count; without a course in the outcome's own context."""
        if (outcome, context) not in self._judgements:
            self._judgements[outcome, context] = self._judge(outcome, context)
        return self._judgements[outcome, context]

    def _judge(self, outcome: str, context: str | None) -> Judgement:
        scale, method = self._home(outcome) if context is None else self._course(context)
        measure, found_scale = self._measure(scale, outcome)
        way, found_method = self._way(method, outcome)
        return Judgement(measure=measure, way=way, judged_by=JudgedBy(scale=found_scale, method=found_method))

    def _measure(self, found: ScaleInForce, outcome: str) -> tuple[Measure, str]:
        if found.found_at not in (None, "outcome") and found.scale is not None:
            return Measure.of_scale(found.scale), found.found_at
        own = self._outcome(outcome)
        return (Measure() if own is None else Measure.of_outcome(own)), "outcome"

    def _way(self, found: MethodInForce, outcome: str) -> tuple[Way, str]:
        if found.found_at not in (None, "outcome") and found.method is not None:
            return Way.of(found.method), found.found_at
        own = self._outcome(outcome)
        return (Way(method="highest") if own is None else Way.of(own_method(own))), "outcome"

    def versions(self, outcome: str, context: str | None) -> list[tuple[Kind, str]]:
        """The scale and the method that an outcome's results in a course are judged by."""
        found = self._home(outcome) if context is None else self._course(context)
        return [(f.version.kind, f.version.id) for f in found if f.version is not None and f.version.kind != "outcome"]

    def _course(self, context: str) -> tuple[ScaleInForce, MethodInForce]:
        if context not in self._by_course:
            found = in_force(self.frame, "scale", context), in_force(self.frame, "method", context)
            self._by_course[context] = found  # type: ignore[assignment]
        return self._by_course[context]

    def _home(self, outcome: str) -> tuple[ScaleInForce, MethodInForce]:
        if outcome not in self._homes:
            found = tuple(in_force_for_outcome(self.frame, what, outcome) for what in ("scale", "method"))
            self._homes[outcome] = found  # type: ignore[assignment]
        return self._homes[outcome]

    def _outcome(self, id: str) -> Outcome | None:
        if id not in self._outcomes:
            with self.frame.log.reading(self.frame.pin) as reading:
                state = self.frame.state_at(reading, "outcome", id)
            found = None if state is None else typed("outcome", state)
            self._outcomes[id] = found if isinstance(found, Outcome) else None
        return self._outcomes[id]


def score(key: Key, results: Sequence[Graded], judge: Judge) -> Score | None:
    """What a learner's results of one outcome in one course come to; None where they come to nothing."""
    learner, outcome, context = key
    judgement = judge.judgement(outcome, context)
    ordered = in_order(results)
    counted = values(ordered, judgement.measure, judgement.way)
    found = score_of(counted, judgement.measure, judgement.way, recursive=judge.recursive)
    if found is None:
        return None
    step = step_for(found, judgement.measure)
    return Score(
        learner=learner,
        outcome=outcome,
        context=context,
        score=found,
        method=judgement.way.method,
        int=number_used(judgement.way),
        mastery=is_mastered(found, judgement.measure),
        rating=step.description if step else None,
        points_possible=judgement.measure.points_possible,
        mastery_points=judgement.measure.mastery_points,
        results=len(counted),
        ordered_by=ordered_by(ordered),
        judged_by=judgement.judged_by,
    )


def scores_of(gathered: Gathered, judge: Judge) -> Iterator[Score]:
    """The scores of what was gathered, by learner, outcome and context."""
    for key in sorted(gathered.results, key=lambda key: (key[0], key[1], key[2] or "")):
        if (found := score(key, gathered.results[key], judge)) is not None:
            yield found


def gather_asked(
    frame: Frame, learner: str | None, outcome: str | int | None, course: str | int | None, *, across: bool = False
) -> Gathered:
    """The results that a question means: by learner, outcome and course, any mix.

    Raises:
        BadQuestion: one of them is not UTF-8 text, or the course has another form.
    """
    return gather(
        frame,
        learner=text_asked(learner, "the learner"),
        outcome=None if outcome is None else frame.own_id(outcome),
        course=None if course is None else course_asked(frame, course),
        across=across,
    )


def course_asked(frame: Frame, course: str | int) -> str:
    """A course as a context; a bare id means a course."""
    return context_asked(frame, course if isinstance(course, str) and "/" in course else f"Course/{course}")


def scores_basis(frame: Frame, judge: Judge, *, across: bool = False) -> Basis:
    """What scores rest on."""
    assumed = [judge.frame.setting(name)[1] for name in ("account_level_mastery_scales", NEW_DECAYING)]
    if judge.frame.as_of != frame.as_of and judge.frame.basis.as_of is not None:
        assumed.append(f"scale and method as of {judge.frame.basis.as_of.isoformat()}")
    if across:
        assumed.append("courses merged")
    return evolve(frame.basis, assumed=tuple(assumed))


def summaries_of(gathered: Gathered, judge: Judge) -> list[Summary]:
    """Scores in a few numbers, by outcome and course."""
    classes: dict[tuple[str, str | None], list[Score]] = {}
    for found in scores_of(gathered, judge):
        classes.setdefault((found.outcome, found.context), []).append(found)
    return [
        summarise(*key, classes[key], judge.judgement(*key).measure, gathered.unattributed)
        for key in sorted(classes, key=lambda key: (key[0], key[1] or ""))
    ]


def behind(gathered: Gathered, judge: Judge) -> list[tuple[Kind, str]]:
    """The aggregates that scores rest on: results and the assessments behind them, outcomes, scales and methods."""
    results = sorted({graded.id for found in gathered.results.values() for graded in found})
    outcomes = sorted({key[1] for key in gathered.results})
    judged = {version for _, outcome, context in gathered.results for version in judge.versions(outcome, context)}
    return [
        *(("result", id) for id in results),
        *(("assessment", id) for id in sorted(gathered.assessments)),
        *(("outcome", id) for id in outcomes),
        *sorted(judged),
    ]
