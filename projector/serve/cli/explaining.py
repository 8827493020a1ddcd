"""The commands tree, why, diff and gaps."""

from __future__ import annotations

import re
from typing import Annotated

from cyclopts import Parameter

from projector.domain.errors import BadQuestion
from projector.domain.versions import Basis
from projector.serve.cli.asking import ContextName, Id, KindName, Moment, see_that_no_context
from projector.serve.cli.options import (
    SHARED,
    Flag,
    Json,
    Query,
    StoreOption,
    Tenant,
    Zone,
    naming_on_screen,
    say_unnamed,
    show_basis,
    show_notes,
)
from projector.serve.cli.terminal import NOTHING_THERE, console, print_json, say_beside, show
from projector.serve.screen.text import moment


def tree(context: ContextName, /, *, as_of: Moment = None, query: Query = Query()) -> int:
    """Draw the groups and outcomes of a context as a tree.

    Examples:
        projector tree Account/1 --as-of 2025-10-12
        projector tree Course/101
    """
    from projector.serve.screen.trees import tree_drawing

    with query.asked(as_of) as (projector, view):
        answer = view.tree(context)
        say_unnamed(view, context=context)
        if query.json:
            print_json(answer)
        else:
            show(tree_drawing(answer, naming_on_screen(projector, view)))
        return 0 if answer.roots else NOTHING_THERE


def why(
    kind: KindName,
    id: Id,
    /,
    *,
    as_of: Moment = None,
    raw: Annotated[bool, Flag, Parameter(help="Print the events themselves, too.")] = False,
    query: Query = Query(),
) -> int:
    """Explain which event is in effect, and why no other is.

    Every event of an outcome, a scale, … is shown.

    Examples:
        projector why outcome 304 --as-of 2025-10-30
        projector why scale 7 --raw --json
    """
    from projector.serve.screen.explanations import explanation_story

    see_that_no_context(kind, id)
    with query.asked(as_of) as (projector, view):
        answer = view.why(kind, id)
        if query.json:
            print_json(answer.to_dict(raw=raw))
        else:
            show(explanation_story(answer, naming_on_screen(projector, view), raw=raw))
        return 0 if answer.testimonies else NOTHING_THERE


def diff(
    t1: Annotated[str, Parameter(help="The earlier instant or day.")],
    t2: Annotated[str | None, Parameter(help="The later one; may be left out where two --known-at are given.")] = None,
    /,
    *,
    kind: Annotated[str | None, Parameter(metavar="KIND", help="Only this kind: outcome, scale, …")] = None,
    context: Annotated[
        str | None, Parameter(metavar="CONTEXT", help="Only in this account or course: Course/565.")
    ] = None,
    known_at: Annotated[
        list[str] | None,
        Parameter(
            metavar="T",
            help="Only data recorded up to then; give it twice for one on each side.",
            negative="",
            group=SHARED,
        ),
    ] = None,
    store: StoreOption = StoreOption(),
    tenant: Tenant = None,
    tz: Zone = "UTC",
    json: Json = False,
) -> int:
    """List what differs between two instants.

    With one instant and --known-at twice: what data recorded between these two times changed.

    Examples:
        projector diff 2025-10-12 2025-10-13 --kind scale
        projector diff 2025-10-08 2025-10-09 --context Account/1
    """
    from projector.serve.screen.explanations import difference_rows
    from projector.serve.screen.lists import DIFFERENCE_COLUMNS
    from projector.serve.screen.table import stream_table

    known = [*(known_at or [])]
    if len(known) > 2 or (t2 is None and len(known) < 2):
        raise BadQuestion("name two instants, or one instant and --known-at twice")
    pair = (known[0], known[-1]) if known else None
    with store.opened() as projector:
        found = projector.diff(t1, t2 or t1, kind=kind, context=context, known_at=pair, tenant=tenant, tz=tz)
        after = projector.as_of(t2 or t1, known_at=pair[1] if pair else None, tenant=tenant, tz=tz)
        say_unnamed(after, context=context)
        count = 0
        if json:
            for count, difference in enumerate(found, 1):  # noqa: B007
                print_json(difference)
        else:
            rows = difference_rows(found, tz, naming_on_screen(projector, after))
            count = stream_table(console(), DIFFERENCE_COLUMNS, rows)
            if not count:
                show("No differences.")
        show_basis(after.basis, json=json)
        if not json:
            before = projector.as_of(t1, known_at=pair[0] if pair else None, tenant=tenant, tz=tz)
            _show_compared(before.basis)
        show_notes(after, t1, json=json)
        return 0 if count else NOTHING_THERE


def _show_compared(before: Basis) -> None:
    """Print on stderr what was compared with."""
    recorded = "" if before.known_at is None else f", data recorded up to {moment(before.known_at, before.tz)}"
    assert before.as_of is not None
    say_beside(f"Compared with {moment(before.as_of, before.tz)}{recorded}.")


def gaps(
    *,
    longer_than: Annotated[
        str, Parameter(metavar="TIME", help="The shortest silence to show, such as 6h or 2d.")
    ] = "6h",
    as_of: Annotated[str | None, Parameter(metavar="T", help="The end of the period. Default: now.")] = None,
    query: Query = Query(),
) -> int:
    """Report hours without events, and missing references.

    A missing reference is something that events refer to, and of which no event was received.

    Examples:
        projector gaps --longer-than 2d
        projector gaps --as-of 2025-11-01 --json
    """
    from projector.serve.screen.explanations import gaps_report

    with query.asked(as_of) as (projector, view):
        silences = list(
            projector.silences(_hours(longer_than), as_of, query.known_at, tenant=query.tenant, tz=query.tz)
        )
        references = projector.dangling_references(known_at=query.known_at, tenant=query.tenant, tz=query.tz)
        if query.json:
            for gap in (*silences, *references):
                print_json(gap)
        else:
            show(gaps_report(silences, references, view.basis, naming_on_screen(projector, view)))
        return 0


def _hours(text: str) -> float:
    """Hours of a duration such as ``6h``, ``90m`` or ``2d``."""
    if (parts := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([mhd]?)", text.strip().lower())) is None or not float(parts[1]):
        raise BadQuestion(f"{text!r} is not a duration; write 6h, 90m or 2d")
    return float(parts[1]) * {"m": 1 / 60, "h": 1, "": 1, "d": 24}[parts[2]]
