"""Commands about mastery: scores, impact, people, evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from projector.ask.scoreshapes import change_shape, score_shape, summary_shape
from projector.ask.shapes import instant_shape
from projector.ask.view import View
from projector.domain.errors import BadQuestion
from projector.serve.cli.asking import NOTHING_THERE, ContextName, Moment
from projector.serve.cli.options import Flag, Query, StoreOption, complain, console, print_json, show, show_basis
from projector.serve.projector import Projector
from projector.serve.screen.words import counted, plain

Learner = Annotated[str | None, Parameter(help="A learner: uuid, or SIS id or exact name of `projector people`.")]
OutcomeId = Annotated[str | None, Parameter(help="An outcome's id.")]
InCourse = Annotated[str | None, Parameter(name="--in", help="A course: Course/565, or 565.")]
CANNOT_KNOW = (
    "Hidden results, unposted grades and alignments are in no event: scores may include more than Canvas shows."
)


def scores(
    *,
    outcome: OutcomeId = None,
    learner: Learner = None,
    within: InCourse = None,
    as_of: Moment = None,
    scale_as_of: Annotated[str | None, Parameter(help="Judge by another day's scale, method and settings.")] = None,
    across: Annotated[bool, Flag, Parameter(help="Merge a learner's results of an outcome in all courses.")] = False,
    summary: Annotated[bool, Flag, Parameter(help="Classes in a few numbers, not learners.")] = False,
    over: Annotated[str | None, Parameter(help="Through time: weekly, monthly, or T1,T2,…")] = None,
    query: Query = Query(),
) -> int:
    """Learners' mastery as Canvas rolls it up, from the results of any day under the scale of any day.

    Hidden results, unposted grades and alignments are in no event, so more may count here than Canvas shows.
    """
    from projector.serve.over import instants_over

    with query.opened() as projector:
        view = projector.as_of(as_of, known_at=query.known_at, tenant=query.tenant, tz=query.tz)
        who = None if learner is None else projector.learner(learner)
        views: list[tuple[str | None, View]] = [(None, view)]
        if over is not None:
            views = [(day, _at(projector, query, day)) for day in instants_over(over, view)]
        printed = sum(
            _print_scores(projector, one, day, (who, outcome, within), scale_as_of, across, summary, query.json)
            for day, one in views
        )
        if not query.json and not printed:
            show("No score.")
        _print_basis(view, scale_as_of, across, query.json)
        return 0 if printed else NOTHING_THERE


def _at(projector: Projector, query: Query, day: str) -> View:
    return projector.as_of(day, known_at=query.known_at, tenant=query.tenant, tz=query.tz)


def _print_scores(
    projector: Projector,
    view: View,
    day: str | None,
    asked: tuple[str | None, str | None, str | None],
    scale_as_of: str | None,
    across: bool,
    summary: bool,
    json: bool,
) -> int:
    """How many lines were printed for one view."""
    from projector.serve.screen.lists import stream_table
    from projector.serve.screen.marks import SCORE_COLUMNS, SUMMARY_COLUMNS, score_rows, summary_rows

    stamp = {} if day is None else {"as_of": instant_shape(view.as_of)}
    options = {"scale_as_of": scale_as_of, "across": across}
    if summary:
        found = view.summaries(*asked, **options)  # type: ignore[arg-type]
        if json:
            for one in found:
                print_json(stamp | summary_shape(one))
            return len(found)
        if day is not None:
            show(f"As of {plain(day)}")
        return stream_table(console(), SUMMARY_COLUMNS, summary_rows(found))
    scores = view.scores(*asked, **options)  # type: ignore[arg-type]
    if json:
        count = 0
        for count, score in enumerate(scores, 1):  # noqa: B007
            print_json(stamp | score_shape(score))
        return count
    if day is not None:
        show(f"As of {plain(day)}")
    return stream_table(console(), SCORE_COLUMNS, score_rows(scores, projector.name_of))


def _print_basis(view: View, scale_as_of: str | None, across: bool, json: bool) -> None:
    """The basis once, on stderr, and what no event can know."""
    show_basis(view.scores_basis(scale_as_of, across=across), json=json)
    if not json:
        complain(f"note: {CANNOT_KNOW}")


def impact(
    context: ContextName,
    t1: Annotated[str, Parameter(help="The day whose scale and method are the one side.")],
    t2: Annotated[str, Parameter(help="The day whose are the other, and whose results count.")],
    /,
    *,
    query: Query = Query(),
) -> int:
    """What a change of scale or method did: the same results under both, who changes level, by outcome."""
    from projector.serve.screen.marks import impact_report

    with query.view(t2) as view:
        changes = list(view.impact(context, t1, t2))
        if query.json:
            for change in changes:
                print_json(change_shape(change))
        else:
            show(impact_report(context, t1, t2, changes, view.basis))
        return 0 if changes else NOTHING_THERE


def people(
    file: Annotated[Path | None, Parameter(help="A CSV file: user_uuid,name,sis_id.")] = None,
    /,
    *,
    forget: Annotated[str | None, Parameter(help="Forget one person by uuid, or `all`.")] = None,
    where: StoreOption = StoreOption(),
) -> int:
    """Note who learners are, for display and for --learner; never in log, digest, history or exports."""
    if (file is None) == (forget is None):
        raise BadQuestion("name a CSV file, or somebody to forget: projector people --forget UUID (or all)")
    with where.opened(read_only=False) as projector:
        if file is not None:
            print(f"Noted {counted(projector.know_people(file), 'person', 'people')}.")
            return 0
        gone = projector.forget_people(None if forget == "all" else forget)
        print(f"Forgot {counted(gone, 'person', 'people')}.")
        return 0 if gone else NOTHING_THERE


def evidence(
    kind: Annotated[str | None, Parameter(help="outcome, scale, result, …")] = None,
    id: Annotated[str | None, Parameter(help="Its id.", allow_leading_hyphen=True)] = None,
    /,
    *,
    learner: Learner = None,
    outcome: OutcomeId = None,
    within: InCourse = None,
    as_of: Moment = None,
    out: Annotated[Path, Parameter(help="The file to write.")] = Path("evidence.html"),
    query: Query = Query(),
) -> int:
    """One printable page with an answer, what it rests on, every event behind it, and how anyone can check it."""
    from projector.serve.evidence import evidence_of_aggregate, evidence_of_score, write_evidence

    by_id, by_learner = kind is not None and id is not None, learner is not None and outcome is not None
    if by_id == by_learner:
        raise BadQuestion("name a kind and an id, or --learner and --outcome")
    with query.opened() as projector:
        view = projector.as_of(as_of, known_at=query.known_at, tenant=query.tenant, tz=query.tz)
        if by_id:
            page = evidence_of_aggregate(projector, view, kind or "", id or "")
        else:
            page = evidence_of_score(projector, view, projector.learner(learner or ""), outcome or "", within)
        write_evidence(out, page.html)
        print(f"Wrote {out}: {page.answer}")
        return 0 if page.known else NOTHING_THERE
