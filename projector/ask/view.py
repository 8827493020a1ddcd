"""What stood as of one instant, by what was known at another: the same questions for any pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypedDict, TypeVar, Unpack

from attrs import evolve, field, frozen

from projector.ask.asking import Asking
from projector.ask.impact import impact_of
from projector.ask.inheritance import A, context_asked, in_force, in_force_for_outcome
from projector.ask.instants import Instant, instant_asked
from projector.ask.listing import versions
from projector.ask.named import names_context, names_learner
from projector.ask.question import Question
from projector.ask.scores import Judge, Scoring, gather_asked
from projector.ask.texts import id_asked, name_asked, results_asked
from projector.ask.tree import tree_of
from projector.ask.why import Explanation, why
from projector.domain import states
from projector.domain.catalogue import KIND_OF, Kind, kind_named
from projector.domain.errors import BadQuestion
from projector.domain.inforce import Because, MethodInForce, ScaleInForce
from projector.domain.scores import Score
from projector.domain.tree import Tree
from projector.domain.versions import Basis, Version
from projector.fold.impact import Change
from projector.fold.summary import Summary

T = TypeVar("T", bound=states.Aggregate)
Id = str | int


class Judging(TypedDict, total=False):
    """How results are judged: see `View.scoring`."""

    scale_as_of: Instant | None
    across: bool
    inactive: bool


class Selection(TypedDict, total=False):
    """Which results count: see `View.scoring`."""

    learner: str | None
    outcome: Id | None
    course: Id | None
    across: bool
    inactive: bool


@frozen(kw_only=True)
class View:
    """The store as it stood at two instants, Canvas' and ours, for one institution.

    A view keeps what was known when it was made: its answers never change. It reads through its
    projector, so ask it before that one is closed.
    """

    _question: Question = field(repr=False)

    @property
    def as_of(self) -> datetime | None:
        """Valid time: what Canvas had announced by then; None: no bound."""
        return self.basis.as_of

    @property
    def known_at(self) -> datetime | None:
        """Transaction time: what the store knew then; None: it was empty."""
        return self.basis.known_at

    @property
    def tenant(self) -> str:
        """The institution."""
        return self._question.tenant

    @property
    def tz(self) -> str:
        """The zone in which dates were read."""
        return self._question.tz

    @property
    def basis(self) -> Basis:
        """What this view's answers rest on."""
        return self._question.basis

    # one aggregate

    def get(self, kind: str, id: Id) -> Version | None:
        """The version of an aggregate that stands, None where nothing had been announced yet.

        Args:
            kind: Such as ``outcome``; ``docs/reference/events.md`` lists all ten.
            id: Local, global or tilde; of a result without one its guessed id.
        """
        with Asking(self._question) as asking:
            return asking.version(kind_named(kind), self._question.own_id(id_asked(id)))

    def why_unknown(self, kind: str, id: Id) -> Because:
        """Why `get` gave None: ``never heard of``, ``first heard of later`` or ``created later``."""
        with Asking(self._question) as asking:
            return asking.why_unknown(kind_named(kind), self._question.own_id(id_asked(id)))

    def outcome(self, id: Id) -> states.Outcome | None:
        """The outcome as it stood, or None."""
        return self._typed(states.Outcome, id)

    def group(self, id: Id) -> states.OutcomeGroup | None:
        """The outcome group as it stood, or None."""
        return self._typed(states.OutcomeGroup, id)

    def link(self, id: Id) -> states.Link | None:
        """The link of an outcome into a group as it stood, or None."""
        return self._typed(states.Link, id)

    def result(self, id: Id) -> states.Result | None:
        """The learner's result as it stood, or None."""
        return self._typed(states.Result, id)

    def scale(self, id: Id) -> states.ProficiencyScale | None:
        """The mastery scale of that id as it stood, or None; `scale_in_force` finds the one of a context."""
        return self._typed(states.ProficiencyScale, id)

    def method(self, id: Id) -> states.CalculationMethod | None:
        """The calculation method of that id as it stood, or None."""
        return self._typed(states.CalculationMethod, id)

    def description(self, id: Id) -> states.FriendlyDescription | None:
        """The friendly description as it stood, or None."""
        return self._typed(states.FriendlyDescription, id)

    def assessment(self, id: Id) -> states.RubricAssessment | None:
        """The rubric assessment as it stood, or None."""
        return self._typed(states.RubricAssessment, id)

    def course(self, id: Id) -> states.Course | None:
        """The course as it stood, or None."""
        return self._typed(states.Course, id)

    def account(self, id: Id) -> states.Account | None:
        """The account as it stood, or None."""
        return self._typed(states.Account, id)

    def _typed(self, state: type[T], id: Id) -> T | None:
        version = self.get(KIND_OF[state], id)
        found = None if version is None else version.aggregate
        return found if isinstance(found, state) else None

    # many

    def all(self, kind: str, deleted: bool = False) -> Iterator[Version]:
        """Every aggregate of a kind that stands, ordered by id as text; deleted ones only when asked for.

        Guessed results leave the list from the instant they are continued by the row with an id.
        """
        for version in versions(self._question, kind_named(kind)):
            if (deleted or version.status != "deleted") and version.continued_by is None:
                yield version

    # what counts in a context

    def scale_in_force(
        self,
        context: str | None = None,
        *,
        outcome: Id | None = None,
        within: str | None = None,
        lineage: str | Sequence[str] | None = None,
    ) -> ScaleInForce:
        """The mastery scale that counts in ``Account/1`` or ``Course/565``, or that judged an outcome.

        The context's own active one, else its account's, then up the account tree as it stood. For an outcome:
        in its own context, or ``within`` the one where it was taught; else its own criterion.

        Args:
            lineage: The contexts to ask instead, nearest first: ``Course/565,Account/79,Account/1``.

        Raises:
            BadQuestion: neither a context nor an outcome, or one of another form.
        """
        return self._in_force(ScaleInForce, context, outcome, within, lineage)

    def method_in_force(
        self,
        context: str | None = None,
        *,
        outcome: Id | None = None,
        within: str | None = None,
        lineage: str | Sequence[str] | None = None,
    ) -> MethodInForce:
        """The calculation method that counts; found on its own, as `scale_in_force` finds the scale."""
        return self._in_force(MethodInForce, context, outcome, within, lineage)

    def _in_force(
        self,
        answer: type[A],
        context: str | None,
        outcome: Id | None,
        within: str | None,
        lineage: str | Sequence[str] | None,
    ) -> A:
        if outcome is not None and context is None and lineage is None:
            place = None if within is None else context_asked(self._question, within)
            return in_force_for_outcome(self._question, answer, id_asked(outcome, "the outcome"), place)
        if context is None or outcome is not None or within is not None:
            raise BadQuestion("name a context such as Course/565, or an outcome, not both")
        return in_force(self._question, answer, context, lineage)

    def tree(self, context: str) -> Tree:
        """The outcome groups of ``Account/1`` or ``Course/565`` as a tree, with their outcomes."""
        return tree_of(self._question, context)

    # scores

    def scores(
        self, learner: str | None = None, outcome: Id | None = None, course: Id | None = None, **how: Unpack[Judging]
    ) -> Iterator[Score]:
        """The scores of learners on outcomes in courses, one each, by learner, outcome and course.

        Active results as of the instant, by Canvas' formulas, under the scale and method in force in that course.
        The events taken here do not include hidden results, unposted grades and alignments: more may count here.

        Args:
            learner: A user's uuid; ``outcome``: an id; ``course``: ``Course/6`` or ``6``; any mix of them.
            how: As `scoring` has them: ``scale_as_of``, ``across``, ``inactive``.
        """
        return iter(self.scoring(learner, outcome, course, **how))

    def summaries(
        self, learner: str | None = None, outcome: Id | None = None, course: Id | None = None, **how: Unpack[Judging]
    ) -> list[Summary]:
        """The same scores in a few numbers for each outcome in each course, as Canvas computes a class.

        There is one also where all results on an outcome in a course name no learner.
        """
        return self.scoring(learner, outcome, course, **how).summaries()

    def scoring(
        self,
        learner: str | None = None,
        outcome: Id | None = None,
        course: Id | None = None,
        *,
        scale_as_of: Instant | None = None,
        across: bool = False,
        inactive: bool = False,
    ) -> Scoring:
        """The scores, their summaries and their basis in one: see `scores`.

        Args:
            scale_as_of: Judge the same results by the scale, method, account tree and settings of another day.
            across: Merge a learner's results of an outcome in all courses.
            inactive: Also results on outcomes that are deleted, archived, or no longer linked in the course.
        """
        gathered = gather_asked(
            self._question, *results_asked(learner, outcome, course), across=across, inactive=inactive
        )
        return Scoring(question=self._question, gathered=gathered, judge=self._judge(scale_as_of), across=across)

    def scores_basis(self, scale_as_of: Instant | None = None, **asked: Unpack[Selection]) -> Basis:
        """What the scores that `scoring` finds for the same arguments rest on, with what could not be read."""
        return self.scoring(scale_as_of=scale_as_of, **asked).basis

    def impact(self, context: str, before: Instant, after: Instant, *, inactive: bool = False) -> Iterator[Change]:
        """This view's results under the scale and method of two days: who gains or loses mastery, or changes level."""
        return impact_of(self._question, self._judge(before), self._judge(after), context, inactive=inactive)

    def sources_of(self, learner: str, outcome: Id, course: Id | None = None) -> list[tuple[Kind, str]]:
        """The aggregates that a learner's scores on an outcome rest on: results, and what they were judged by."""
        return self.scoring(name_asked(learner, "the learner"), id_asked(outcome, "the outcome"), course).sources

    @property
    def received(self) -> tuple[datetime, datetime] | None:
        """From when until when the institution was heard; None where it was not."""
        return self._question.received

    def _judge(self, as_of: Instant | None) -> Judge:
        if as_of is None:
            return Judge(self._question)
        return Judge(evolve(self._question, as_of=instant_asked(as_of, self.tz)))

    # why

    def why(self, kind: str, id: Id) -> Explanation:
        """Every event of an aggregate, and what kept each but one from standing."""
        return why(self._question, kind_named(kind), self._question.own_id(id_asked(id)))

    # what events name

    def names_context(self, context: str) -> bool:
        """Whether some event known here, of any instant, names ``Account/1`` or ``Course/565``."""
        return names_context(self._question, context)

    def names_learner(self, user_uuid: str) -> bool:
        """Whether some event known here, of any instant, names a learner."""
        return names_learner(self._question, name_asked(user_uuid, "the learner"))
