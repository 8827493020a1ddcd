"""The commands scores, impact, people and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Annotated

from attrs import evolve
from cyclopts import Parameter

from projector.ask.view import Judging, View
from projector.domain.errors import BadQuestion
from projector.domain.scores import Scores
from projector.serve.cli.asking import Moment, see_that_no_context
from projector.serve.cli.options import Flag, Query, StoreOption, naming_on_screen, say_unnamed, show_basis
from projector.serve.cli.score_files import Out, OutFormat, see_that_one_file, write_scores_to
from projector.serve.cli.terminal import NOTHING_THERE, complain, console, print_json, say, show
from projector.serve.json.replies import at_instant, evidence_reply
from projector.serve.projector import Projector
from projector.serve.screen.text import counted, plain
from projector.wire.files.survey import path_text

Learner = Annotated[
    str | None, Parameter(metavar="WHO", help="A learner: uuid, or an SIS id or exact name given by projector people.")
]
OutcomeId = Annotated[str | None, Parameter(metavar="ID", help="An outcome's id.")]
InCourse = Annotated[str | None, Parameter(name="--in", metavar="COURSE", help="A course: Course/565, or 565.")]
Found = tuple[str | None, View, Scores]  # the day where there are several, the view of it, and its scores
NOT_TAKEN = (
    "The events taken here do not include hidden results, unposted grades and alignments;"
    " scores may include more than Canvas shows."
)
Inactive = Annotated[
    bool,
    Flag,
    Parameter(help="Include results on outcomes that are deleted, archived, or no longer linked in the course."),
]


def scores(
    *,
    outcome: OutcomeId = None,
    learner: Learner = None,
    within: InCourse = None,
    as_of: Moment = None,
    scale_as_of: Annotated[
        str | None, Parameter(metavar="T", help="Use the scale, method and settings of another day.")
    ] = None,
    across: Annotated[bool, Flag, Parameter(help="Merge a learner's results of an outcome in all courses.")] = False,
    inactive: Inactive = False,
    summary: Annotated[bool, Flag, Parameter(help="Classes in a few numbers, instead of learners.")] = False,
    over: Annotated[str | None, Parameter(metavar="WHEN", help="At instants: weekly, monthly, or T1,T2,…")] = None,
    out: Out = None,
    format: OutFormat = None,
    query: Query = Query(),
) -> int:
    """Compute learners' mastery on a day, as Canvas rolls it up.

    Results of one day may be judged by the scale and method of another. The events taken here do not include hidden
    results, unposted grades and alignments, so more may count here than Canvas shows.

    Examples:
        projector scores --learner "Ana Souza" --as-of 2025-10-10
        projector scores --outcome 303 --summary --over monthly
        projector scores --in Course/101 --scale-as-of 2025-10-12 --out scores.csv
    """
    from projector.serve.series import instants_over

    see_that_one_file(out, format, summary=summary, over=over)
    how: Judging = {"scale_as_of": scale_as_of, "across": across, "inactive": inactive}
    with query.opened() as projector:
        view = projector.as_of(as_of, known_at=query.known_at, tenant=query.tenant, tz=query.tz)
        who = None if learner is None else projector.learner(learner)
        say_unnamed(view, context=_course(within), learner=who)
        if out is not None:
            code = write_scores_to(out, format, projector, view, (who, outcome, within), how, json=query.json)
            if not query.json:
                complain(f"note: {NOT_TAKEN}")
            query.notes(view, scale_as_of)
            return code
        views: list[tuple[str | None, View]] = [(None, view)]
        if over is not None:
            views = [(day, _at(projector, query, day)) for day in instants_over(over, view)]
        bases = [view.basis]

        def found() -> Iterator[Found]:
            for day, one in views:
                answer = one.scoring(who, outcome, within, **how)
                yield day, one, answer
                bases.append(evolve(answer.basis, as_of=view.basis.as_of))

        if query.json:
            printed = _print_objects(found(), summary=summary)
        else:
            named = {
                name for name, it in (("Learner", who), ("Outcome", outcome), ("Course", within)) if it is not None
            }
            printed = _print_table(projector, found(), named, summary=summary, with_day=over is not None)
        show_basis(bases[-1], json=query.json)
        if not query.json:
            complain(f"note: {NOT_TAKEN}")
        query.notes(view, scale_as_of, *(day for day, _ in views))
        return 0 if printed else NOTHING_THERE


def _course(within: str | None) -> str | None:
    """The course that is asked for, as a context."""
    return within if within is None or "/" in within else f"Course/{within}"


def _at(projector: Projector, query: Query, day: str) -> View:
    return projector.as_of(day, known_at=query.known_at, tenant=query.tenant, tz=query.tz)


def _print_objects(found: Iterable[Found], *, summary: bool) -> int:
    """Print scores or summaries as JSON, an object a line; return how many."""
    printed = 0
    for day, view, answer in found:
        for one in answer.summaries if summary else answer.scores:
            print_json(one if day is None else at_instant(one, view.as_of))
            printed += 1
    return printed


def _print_table(
    projector: Projector, found: Iterable[Found], named: Set[str], *, summary: bool, with_day: bool
) -> int:
    """Print scores or summaries as a table; return how many rows.

    Args:
        named: The columns whose values the question names.
        with_day: Whether a column says of which day each row is.
    """
    from projector.serve.screen.scores import DAY, SCORE_COLUMNS, SUMMARY_COLUMNS, score_rows, summary_rows, without
    from projector.serve.screen.table import stream_table

    def rows() -> Iterator[tuple[str, ...]]:
        for day, view, answer in found:
            naming = naming_on_screen(projector, view)
            for row in summary_rows(answer.summaries, naming) if summary else score_rows(answer, naming):
                yield (plain(day), *row) if with_day else row

    columns = without(SUMMARY_COLUMNS if summary else SCORE_COLUMNS, named)
    if not (printed := stream_table(console(), [DAY, *columns] if with_day else columns, rows())):
        show("No scores.")
    return printed


def people(
    file: Annotated[Path | None, Parameter(help="A CSV file with the columns user_uuid,name,sis_id.")] = None,
    /,
    *,
    forget: Annotated[str | None, Parameter(metavar="UUID", help="Forget one learner, or all.")] = None,
    where: StoreOption = StoreOption(),
) -> int:
    """Import names of learners, or forget them.

    For display and for --learner only; they are never in the log, digests, history or exports.

    Examples:
        projector people projector-demo/people.csv
        projector people --forget all
    """
    if (file is None) == (forget is None):
        raise BadQuestion("name a CSV file, or a learner to forget: projector people --forget UUID (or all)")
    with where.opened(read_only=False) as projector:
        if file is not None:
            say(f"Imported the names of {counted(projector.know_people(file), 'learner', 'learners')}.")
            return 0
        gone = projector.forget_people(None if forget == "all" else forget)
        say(f"Forgot the names of {counted(gone, 'learner', 'learners')}.")
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
    out: Annotated[str, Parameter(metavar="FILE", help="The file to write.")] = "evidence.html",
    query: Query = Query(),
) -> int:
    """Write a printable page: an answer and its events.

    The page says what the answer rests on, shows every event behind it, and how anyone can check it.

    Examples:
        projector evidence --learner "Ana Souza" --outcome 303 --as-of 2025-10-10
        projector evidence scale 7 --as-of 2025-10-12 --out scale.html
    """
    from projector.serve.evidence.page import (
        evidence_of_aggregate,
        evidence_of_score,
        is_evidence,
        not_known,
        not_known_of_score,
    )
    from projector.serve.output import STDOUT, see_that_apart, stream_named, written

    by_id, by_learner = kind is not None and id is not None, learner is not None and outcome is not None
    if by_id == by_learner:
        raise BadQuestion("name a kind and an id, or --learner and --outcome")
    see_that_no_context(*((kind or "", id or "") if by_id else ("outcome", outcome or "")))
    with query.opened() as projector:
        see_that_apart(out, projector.file)
        view = projector.as_of(as_of, known_at=query.known_at, tenant=query.tenant, tz=query.tz)
        who = "" if by_id else projector.learner(learner or "")
        if by_id:
            page = evidence_of_aggregate(projector, view, kind or "", id or "")
        else:
            page = evidence_of_score(projector, view, who, outcome or "", within)
        if not by_id:
            say_unnamed(view, context=_course(within))
        if page is None:
            unknown = not_known(kind or "", id or "") if by_id else not_known_of_score(view, who, outcome or "")
            complain(f"{unknown}; nothing was written")
            return NOTHING_THERE
        with written(out, projector.file, is_evidence) as file:
            file.write(page.html.encode())
        if stream_named(out) == STDOUT:
            pass  # the page is what is there
        elif query.json:
            print_json(evidence_reply(path_text(out), page.answer, known=page.known))
        else:
            say(f"Wrote {out}: {page.answer}")
        query.notes(view)
        return 0 if page.known else NOTHING_THERE
