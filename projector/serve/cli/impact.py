"""The command impact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from cyclopts import Parameter

from projector.ask.view import View
from projector.domain.comparison import Change
from projector.domain.inforce import own_scale
from projector.domain.scores import Score
from projector.domain.states import ProficiencyScale
from projector.serve.cli.asking import ContextName
from projector.serve.cli.options import Query, naming_on_screen, say_unnamed
from projector.serve.cli.scoring import Inactive
from projector.serve.cli.terminal import NOTHING_THERE, console, print_json, show
from projector.serve.screen.naming import Naming


def impact(
    context: ContextName,
    t1: Annotated[str, Parameter(help="The first day, whose scale and method are compared.")],
    t2: Annotated[str, Parameter(help="The second day; results up to this day are compared.")],
    /,
    *,
    inactive: Inactive = False,
    query: Query = Query(),
) -> int:
    """Compare the same results under the scales of two days.

    Who gains or loses mastery, or changes level, by a change of scale or method.

    Examples:
        projector impact Course/101 2025-10-12 2025-10-13
        projector impact Account/1 2025-10-12 2025-10-13 --json
    """
    with query.asked(t2, t1) as (projector, after):
        before = projector.as_of(t1, known_at=query.known_at, tenant=query.tenant, tz=query.tz)
        changes = list(after.impact(context, t1, t2, inactive=inactive))
        say_unnamed(after, context=context)
        if query.json:
            for change in changes:
                print_json(change)
        else:
            _report(context, before, after, changes, naming_on_screen(projector, after))
        return 0 if changes else NOTHING_THERE


def _report(context: str, before: View, after: View, changes: Sequence[Change], naming: Naming) -> None:
    """Print who gained or lost mastery and who changed level, in numbers, by outcome and one by one."""
    from projector.serve.screen.cards import foot
    from projector.serve.screen.impact import (
        LEVEL_PARTS,
        MASTERY_PARTS,
        OUTCOME_COLUMNS,
        impact_heading,
        levels_line,
        mastery_lines,
        outcome_rows,
    )
    from projector.serve.screen.table import stream_table

    if not changes:
        show(f"No scores in {naming.context(context)} at that time.\n")
        show(foot(after.basis))
        return
    show(impact_heading(context, before.basis, after.basis, naming))
    for sentence in mastery_lines(changes):
        show(sentence)
    counts = (_rating_counts(before, (c.before for c in changes)), _rating_counts(after, (c.after for c in changes)))
    if (line := levels_line(*counts)) is not None:
        show(line)
    of_course = context.strip().lower().startswith("course/")
    _print_scores(MASTERY_PARTS, changes, naming, of_course=of_course)
    show("\nBy outcome")
    stream_table(console(), OUTCOME_COLUMNS, outcome_rows(changes, naming))
    _print_scores(LEVEL_PARTS, changes, naming, of_course=of_course)
    show("")
    show(foot(after.basis))


def _print_scores(
    parts: Iterable[tuple[str, str]], changes: Sequence[Change], naming: Naming, *, of_course: bool
) -> None:
    """Print the scores that moved in certain ways, each way with its heading."""
    from projector.serve.screen.impact import SHOWN, moved, score_table
    from projector.serve.screen.table import stream_table

    for heading, move in parts:
        if part := moved(changes, move):
            show(f"\n{heading}: {len(part):,}")
            stream_table(console(), *score_table(part, naming, of_course=of_course))
            if len(part) > SHOWN:
                show(f"… and {len(part) - SHOWN:,} more; --json lists them all")


def _rating_counts(view: View, scores: Iterable[Score | None]) -> set[int]:
    """How many ratings the scales have that scores were judged by."""
    judged = {
        (score.judged_by.scale, score.outcome if score.judged_by.scale == "outcome" else "")
        for score in scores
        if score is not None
    }
    scales = (_own_scale(view, outcome) if outcome else view.scale_in_force(at).scale for at, outcome in judged)
    return {len(scale.outcome_proficiency_ratings) for scale in scales if scale is not None}


def _own_scale(view: View, id: str) -> ProficiencyScale | None:
    outcome = view.outcome(id)
    return None if outcome is None else own_scale(outcome)
