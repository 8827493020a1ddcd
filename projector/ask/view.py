"""A view: the store as of one instant, by what was recorded up to another.

What only some questions need is imported where it is used, so that the first answer of another one comes soon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, TypeVar, Unpack

from attrs import evolve, field, frozen

from projector.ask.asking import Asking
from projector.ask.frames import Frames, no_frames
from projector.ask.instants import Instant, instant_asked
from projector.ask.listing import listed
from projector.ask.question import Question
from projector.ask.texts import id_asked, name_asked, results_asked
from projector.domain import states
from projector.domain.arguments import see_that_callable
from projector.domain.catalogue import KIND_OF, kind_named
from projector.domain.errors import BadQuestion
from projector.domain.versions import Basis, Because, Unknown, Version

if TYPE_CHECKING:
    from projector.ask.frames import Frame, OnBasis
    from projector.ask.inheritance import A
    from projector.ask.scores import ScoresAsked
    from projector.domain.comparison import Change
    from projector.domain.explanation import Explanation
    from projector.domain.inforce import MethodInForce, ScaleInForce
    from projector.domain.scores import Reference, Score, Scores, Summary
    from projector.domain.tree import Tree
    from projector.domain.upkeep import OnStep

T = TypeVar("T", bound=states.Aggregate)
Id = str | int


class Judging(TypedDict, total=False):
    """How results are judged: see `View.scoring`."""

    scale_as_of: Instant | None
    across: bool
    inactive: bool


@frozen(kw_only=True, repr=False)
class View:
    """The store as of an instant of Canvas' clock, by what was recorded up to an instant of ours, for one institution.

    A view keeps what was known when it was made: its answers never change. It reads through its projector, so ask it
    before that one is closed. The examples below use ``view = p.as_of("2025-12-01")`` over the store that
    ``projector demo`` makes.

    >>> view
    <View of HarborLakeCollege0000000000000000000001x as of 2025-12-01T23:59:59.999999+00:00, recorded up to ...>
    """

    _question: Question = field(repr=False)
    _frames: Callable[[], Frames] = field(default=no_frames, repr=False, eq=False)

    def __repr__(self) -> str:
        as_of = "latest" if self.as_of is None else self.as_of.isoformat()
        known_at = "nothing recorded" if self.known_at is None else f"recorded up to {self.known_at.isoformat()}"
        return f"<View of {self.tenant or 'no institution'} as of {as_of}, {known_at}>"

    @property
    def as_of(self) -> datetime | None:
        """Valid time: what Canvas had announced by then; None: no bound.

        >>> view.as_of.isoformat()
        '2025-12-01T23:59:59.999999+00:00'
        """
        return self.basis.as_of

    @property
    def known_at(self) -> datetime | None:
        """Transaction time: data recorded up to then counts; None: the store was empty.

        >>> view.known_at.isoformat()
        '2026-01-05T00:00:0...+00:00'
        """
        return self.basis.known_at

    @property
    def tenant(self) -> str:
        """The institution.

        >>> view.tenant
        'HarborLakeCollege0000000000000000000001x'
        """
        return self._question.tenant

    @property
    def tz(self) -> str:
        """The zone in which dates were read.

        >>> view.tz
        'UTC'
        """
        return self._question.tz

    @property
    def named_zone(self) -> str | None:
        """The time zone in the institution's newest events known to this view; None where they have none.

        The most frequent one; of several the first by name.

        >>> view.named_zone
        'America/New_York'
        """
        from projector.ask.zones import named_zone

        return named_zone(self._question)

    @property
    def basis(self) -> Basis:
        """What this view's answers rest on.

        >>> view.basis.heard_until.isoformat()
        '2025-12-22T21:25:26.229000+00:00'
        """
        return self._question.basis

    # one aggregate

    def get(self, kind: str, id: Id) -> Version | None:
        """The version of an aggregate in effect, None where no event of it had been announced yet.

        Args:
            kind: Such as ``outcome``; ``docs/reference/events.md`` lists all ten.
            id: Local, global or tilde; of a result without an id its guessed one.

        Raises:
            BadQuestion: no such kind, or an id that is neither text nor a whole number.

        >>> version = view.get("outcome", "304")
        >>> version.state["title"], version.valid_from.date().isoformat(), version.basis.decided_by
        ('Interprets data and graphs', '2025-10-31', 'event_time')
        """
        with Asking(self._question) as asking:
            return asking.version(kind_named(kind), self._question.own_id(id_asked(id)))

    def why_unknown(self, kind: str, id: Id) -> Because:
        """Why `get` gave None: ``never heard of``, ``first heard of later`` or ``created later``.

        Args:
            kind: As in `get`.
            id: As in `get`.

        >>> p.as_of("2020-01-01").why_unknown("outcome", "304")
        'created later'
        """
        return self.unknown(kind, id).because

    def unknown(self, kind: str, id: Id) -> Unknown:
        """The answer where `get` gave None, as ``show --json`` prints it.

        Args:
            kind: As in `get`.
            id: As in `get`.

        >>> p.as_of("2020-01-01").unknown("outcome", "304").because
        'created later'
        """
        with Asking(self._question) as asking:
            return asking.unknown(kind_named(kind), self._question.own_id(id_asked(id)))

    def outcome(self, id: Id) -> states.Outcome | None:
        """The outcome in effect, or None.

        Args:
            id: As in `get`.

        >>> view.outcome("304").rubric_criterion.mastery_points
        4.0
        """
        return self._typed(states.Outcome, id)

    def group(self, id: Id) -> states.OutcomeGroup | None:
        """The outcome group in effect, or None.

        Args:
            id: As in `get`.

        >>> view.group("10").title
        'Inquiry'
        """
        return self._typed(states.OutcomeGroup, id)

    def link(self, id: Id) -> states.Link | None:
        """The link of an outcome into a group in effect, or None.

        Args:
            id: As in `get`.

        >>> view.link("5001").learning_outcome_id
        '301'
        """
        return self._typed(states.Link, id)

    def result(self, id: Id) -> states.Result | None:
        """The learner's result in effect, or None.

        Args:
            id: As in `get`.

        >>> p.now().result("100000").learning_outcome_id
        '317'
        """
        return self._typed(states.Result, id)

    def scale(self, id: Id) -> states.ProficiencyScale | None:
        """The mastery scale of that id in effect, or None; `scale_in_force` finds the one of a context.

        Args:
            id: As in `get`.

        >>> [rating.description for rating in view.scale("7").outcome_proficiency_ratings]
        ['Distinguished', 'Proficient', 'Developing', 'Beginning']
        """
        return self._typed(states.ProficiencyScale, id)

    def method(self, id: Id) -> states.CalculationMethod | None:
        """The calculation method of that id in effect, or None; `method_in_force` finds the one of a context.

        Args:
            id: As in `get`.

        >>> view.method("1").calculation_method
        'decaying_average'
        """
        return self._typed(states.CalculationMethod, id)

    def description(self, id: Id) -> states.FriendlyDescription | None:
        """The friendly description in effect, or None.

        Args:
            id: As in `get`.

        >>> view.description("1").learning_outcome_id
        '301'
        """
        return self._typed(states.FriendlyDescription, id)

    def assessment(self, id: Id) -> states.RubricAssessment | None:
        """The rubric assessment in effect, or None.

        Args:
            id: As in `get`.

        >>> view.assessment("10100000").artifact_type
        'Submission'
        """
        return self._typed(states.RubricAssessment, id)

    def course(self, id: Id) -> states.Course | None:
        """The course in effect, or None.

        Args:
            id: As in `get`.

        >>> view.course("101").name
        'Cell Biology'
        """
        return self._typed(states.Course, id)

    def account(self, id: Id) -> states.Account | None:
        """The account in effect, or None.

        Args:
            id: As in `get`.

        >>> view.account("10").name
        'Faculty of Science'
        """
        return self._typed(states.Account, id)

    def _typed(self, state: type[T], id: Id) -> T | None:
        version = self.get(KIND_OF[state], id)
        found = None if version is None else version.aggregate
        return found if isinstance(found, state) else None

    # many

    def all(self, kind: str, deleted: bool = False) -> Iterator[Version]:
        """Every aggregate of a kind that has a state, ordered by id as text.

        A guessed result leaves the list from the instant at which the row with an id continues it.

        Args:
            kind: As in `get`.
            deleted: Deleted ones too.

        >>> [(version.id, version.state["name"]) for version in view.all("account")][:2]
        [('1', 'Harbor Lake College'), ('10', 'Faculty of Science')]
        """
        return listed(self._question, kind_named(kind), deleted=deleted)

    def frame(self, kind: str, deleted: bool = False) -> Frame:
        """What `all` lists, as a frame with the columns of the kind's table, which ``docs/reference/tables.md`` lists.

        It needs the tables of the store (see `Projector.sql`). Where what is known of institutions changed since
        the view was made, such as by an alias, separate tables are made for this view, which is slow.

        Args:
            kind: As in `get`.
            deleted: As in `all`.

        Returns:
            Rows as those of `Projector.sql`: the same ones at each reading.

        Raises:
            BadQuestion: no such kind.
            MissingExtra: the packages of the extra ``tables`` are not installed.
            StoreError: there is no room for the tables.

        >>> frame = view.frame("account")
        >>> frame.columns[:3], frame.fetchall()[1][1]
        (('tenant', 'id', 'valid_from'), '10')
        """
        return self._frames().of_kind(self._question, kind_named(kind), deleted=deleted)

    # what counts in a context

    def scale_in_force(
        self,
        context: str | None = None,
        *,
        outcome: Id | None = None,
        within: str | None = None,
        lineage: str | Sequence[str] | None = None,
    ) -> ScaleInForce:
        """The mastery scale in force in ``Account/1`` or ``Course/565``, or the one that judged an outcome.

        The context's own active scale, else its account's, then up the account tree as of the instant. For an outcome:
        the one in its own context, or ``within`` the course where it was taught; else its own criterion.

        Args:
            context: Such as ``Course/565``.
            outcome: An outcome's id, instead of a context.
            within: With ``outcome``: the context where it was taught.
            lineage: The contexts to look at instead, nearest first: ``Course/565,Account/79,Account/1``.

        Raises:
            BadQuestion: neither a context nor an outcome, or one that cannot be understood.

        >>> found = view.scale_in_force("Course/101")
        >>> found.found_at, found.lineage, found.scale.points_possible
        ('Account/1', 'events', 3.0)
        """
        from projector.domain.inforce import ScaleInForce

        return self._in_force(ScaleInForce, context, outcome, within, lineage)

    def method_in_force(
        self,
        context: str | None = None,
        *,
        outcome: Id | None = None,
        within: str | None = None,
        lineage: str | Sequence[str] | None = None,
    ) -> MethodInForce:
        """The calculation method in force, found on its own as `scale_in_force` finds the scale.

        Args:
            context: As in `scale_in_force`.
            outcome: As in `scale_in_force`.
            within: As in `scale_in_force`.
            lineage: As in `scale_in_force`.

        Raises:
            BadQuestion: As in `scale_in_force`.

        >>> found = view.method_in_force("Course/101")
        >>> found.found_at, found.method.calculation_method, found.method.calculation_int
        ('Account/1', 'decaying_average', 65)
        """
        from projector.domain.inforce import MethodInForce

        return self._in_force(MethodInForce, context, outcome, within, lineage)

    def _in_force(
        self,
        answer: type[A],
        context: str | None,
        outcome: Id | None,
        within: str | None,
        lineage: str | Sequence[str] | None,
    ) -> A:
        from projector.ask.inheritance import context_asked, in_force, in_force_for_outcome

        if outcome is not None and context is None and lineage is None:
            place = None if within is None else context_asked(self._question, within)
            return in_force_for_outcome(self._question, answer, id_asked(outcome, "the outcome"), place)
        if context is None or outcome is not None or within is not None:
            raise BadQuestion("name a context such as Course/565, or an outcome, not both")
        return in_force(self._question, answer, context, lineage)

    def tree(self, context: str) -> Tree:
        """The outcome groups of ``Account/1`` or ``Course/565`` as a tree, with their outcomes.

        Args:
            context: Such as ``Course/565``.

        Raises:
            BadQuestion: it cannot be understood.

        >>> [(root.title, len(root.outcomes)) for root in view.tree("Course/101").roots]
        [('Cell Biology', 6)]
        """
        from projector.ask.tree import tree_of

        return tree_of(self._question, context)

    # scores

    def scores(
        self, learner: str | None = None, outcome: Id | None = None, course: Id | None = None, **how: Unpack[Judging]
    ) -> Iterator[Score]:
        """The scores of learners on outcomes in courses, one each, by learner, outcome and course.

        Active results as of the instant, by Canvas' formulas, under the scale and method in force in that course. The
        events taken here do not include hidden results, unposted grades and alignments: more may count here than in
        Canvas.

        Args:
            learner: A user's uuid.
            outcome: An outcome's id.
            course: ``Course/6`` or ``6``.
            how: As in `scoring`: ``scale_as_of``, ``across``, ``inactive``.

        Raises:
            BadQuestion: one of them cannot be understood.

        >>> score = next(view.scores(course="101"))
        >>> score.outcome, score.score, score.rating, score.mastery, score.results
        ('303', 2.39, 'Proficient', True, 4)
        """
        return iter(self.scoring(learner, outcome, course, **how))

    def summaries(
        self, learner: str | None = None, outcome: Id | None = None, course: Id | None = None, **how: Unpack[Judging]
    ) -> list[Summary]:
        """Summaries of the scores of each outcome in each course, as Canvas computes them for a class.

        There is one also where no result on an outcome in a course names a learner.

        Args:
            learner: As in `scores`.
            outcome: As in `scores`.
            course: As in `scores`.
            how: As in `scoring`.

        >>> summary = view.summaries(course="101")[0]
        >>> summary.outcome, summary.learners, summary.mean, summary.mastered
        ('303', 73, 2.04, 38)
        """
        return list(self.scoring(learner, outcome, course, **how).summaries)

    def scoring(
        self,
        learner: str | None = None,
        outcome: Id | None = None,
        course: Id | None = None,
        *,
        scale_as_of: Instant | None = None,
        across: bool = False,
        inactive: bool = False,
    ) -> Scores:
        """The scores, their summaries, their basis and what they were made from, as one answer.

        Args:
            learner: As in `scores`.
            outcome: As in `scores`.
            course: As in `scores`.
            scale_as_of: Judge the same results by the scale, method, account tree and settings as of another instant.
            across: Merge a learner's results of an outcome in all courses.
            inactive: Also results on outcomes that are deleted, archived, or no longer linked in the course.

        Raises:
            BadQuestion: one of them cannot be understood.

        >>> found = view.scoring(course="101", outcome="303", scale_as_of="2025-10-12")
        >>> len(found), found.basis.assumed[-1]
        (73, 'scale and method as of 2025-10-12T23:59:59.999999+00:00')
        """
        from projector.ask.scores import Judge, Scoring

        how: Judging = {"scale_as_of": scale_as_of, "across": across, "inactive": inactive}
        asked = self._scores_asked(learner, outcome, course, **how)
        return Scoring(gathered=asked.gathered(), judge=Judge(asked.judged)).answer(asked)

    def scores_frame(
        self,
        learner: str | None = None,
        outcome: Id | None = None,
        course: Id | None = None,
        *,
        on_step: OnStep | None = None,
        on_basis: OnBasis | None = None,
        **how: Unpack[Judging],
    ) -> Frame:
        """What `scores` gives, as a frame with a row for each score, in the same order.

        Columns are the members of a score, of ``judged_by`` those of its own: ``judged_by.scale``. Numbers are DOUBLE,
        ``results`` BIGINT, ``mastery`` BOOLEAN, all others VARCHAR. Rows are computed as they are read, some thousand
        results at a time, so that not all scores of an institution are in memory at once. They are read from the tables
        of the store, as in `frame`; where a learner, an outcome or a course is named, from the store itself.

        Args:
            learner: As in `scores`.
            outcome: As in `scores`.
            course: As in `scores`.
            on_step: Called with the number of results done, and of all, where none of these is named.
            on_basis: Called at the end of each reading with what the scores rest on, as `scoring` has it.
            how: As in `scoring`.

        Returns:
            Rows as those of `Projector.sql`: the same ones at each reading.

        Raises:
            BadQuestion: one of them cannot be understood.
            MissingExtra: the packages of the extra ``tables`` are not installed.
            StoreError: there is no room for the tables.

        >>> frame = view.scores_frame(course="101")
        >>> frame.columns[1:4], frame.fetchall()[0][1:4]
        (('outcome', 'context', 'score'), ('303', 'Course/101', 2.39))
        """
        see_that_callable(on_step=on_step, on_basis=on_basis)
        return self._frames().of_scores(self._scores_asked(learner, outcome, course, **how), on_step, on_basis)

    def _scores_asked(
        self,
        learner: str | None,
        outcome: Id | None,
        course: Id | None,
        scale_as_of: Instant | None = None,
        across: bool = False,
        inactive: bool = False,
    ) -> ScoresAsked:
        from projector.ask.scores import ScoresAsked

        named = results_asked(learner, outcome, course)
        return ScoresAsked.of(self._question, self._judged(scale_as_of), *named, across=across, inactive=inactive)

    def impact(self, context: str, before: Instant, after: Instant, *, inactive: bool = False) -> Iterator[Change]:
        """This view's results under the scale and method of two instants: who gains or loses mastery, or changes level.

        Args:
            context: A course, or an account with all courses below it.
            before: The instant whose scale and method are the one side.
            after: The instant whose scale and method are the other.
            inactive: As in `scoring`.

        Raises:
            BadQuestion: one of them cannot be understood.

        >>> moves = [change.move for change in view.impact("Course/101", "2025-10-12", "2025-10-13")]
        >>> moves.count("up"), moves.count("down"), moves.count("same")
        (121, 0, 247)
        """
        from projector.ask.impact import impact_of
        from projector.ask.scores import Judge

        judges = Judge(self._judged(before)), Judge(self._judged(after))
        return impact_of(self._question, *judges, context, inactive=inactive)

    def sources_of(self, learner: str, outcome: Id, course: Id | None = None) -> list[Reference]:
        """The kinds and ids of the aggregates that a learner's scores on an outcome rest on.

        Args:
            learner: A user's uuid.
            outcome: An outcome's id.
            course: As in `scores`.

        >>> score = next(view.scores(course="101"))
        >>> view.sources_of(score.learner, score.outcome, "101")[-2:]
        [('method', '1'), ('scale', '7')]
        """
        found = self.scoring(name_asked(learner, "the learner"), id_asked(outcome, "the outcome"), course)
        return list(found.sources)

    @property
    def received(self) -> tuple[datetime, datetime] | None:
        """The institution's earliest and latest ``event_time``; None where no event of it was received.

        >>> view.received[0].date().isoformat()
        '2025-06-26'
        """
        return self._question.received

    def _judged(self, as_of: Instant | None) -> Question:
        """The question as of the instant whose scale and method count."""
        return self._question if as_of is None else evolve(self._question, as_of=instant_asked(as_of, self.tz))

    # why

    def why(self, kind: str, id: Id) -> Explanation:
        """Every event of an aggregate in the order that decides, each with its verdict.

        Args:
            kind: As in `get`.
            id: As in `get`.

        >>> [(one.verdict, one.decided_by) for one in view.why("scale", "7").testimonies]
        [('beaten', 'event_time'), ('stands', None)]
        """
        from projector.ask.why import why

        return why(self._question, kind_named(kind), self._question.own_id(id_asked(id)))

    # what events name

    def names_context(self, context: str) -> bool:
        """Whether some event known here, of any instant, names ``Account/1`` or ``Course/565``.

        Args:
            context: The context.

        >>> view.names_context("Course/101"), view.names_context("Course/999")
        (True, False)
        """
        from projector.ask.named import names_context

        return names_context(self._question, context)

    def names_learner(self, user_uuid: str) -> bool:
        """Whether some event known here, of any instant, names a learner.

        Args:
            user_uuid: The learner.

        >>> view.names_learner("nobody")
        False
        """
        from projector.ask.named import names_learner

        return names_learner(self._question, name_asked(user_uuid, "the learner"))
