"""The commands show, history, list, scale, method and digest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from attrs import frozen
from cyclopts import Parameter

from projector.domain.catalogue import kind_named
from projector.domain.errors import BadQuestion
from projector.domain.versions import Unknown, Version
from projector.serve.cli.options import Flag, Query, naming_on_screen, say_unnamed, show_basis
from projector.serve.cli.terminal import NOTHING_THERE, console, print_json, say, show
from projector.serve.json.replies import digest_reply, head_reply
from projector.serve.screen.text import beginning

if TYPE_CHECKING:
    from rich.console import RenderableType

    from projector.serve.screen.naming import Naming

_CONTEXT = re.compile(r"(account|course)/(\S+)", re.IGNORECASE)
Moment = Annotated[
    str | None,
    Parameter(
        metavar="T", help="An instant (2020-08-18T23:30:00Z) or a day (2020-08-18: its end). Default: the latest state."
    ),
]
KindName = Annotated[str, Parameter(help="outcome, group, link, result, scale, method, description, …")]
Id = Annotated[str, Parameter(help="The Canvas id, local, global or 2107~565.", allow_leading_hyphen=True)]
ContextName = Annotated[str, Parameter(help="Account/1 or Course/565.")]


def see_that_no_context(kind: str, id: str) -> None:
    """See that what is named as an id is not a context, such as Course/101.

    Raises:
        BadQuestion: it is; the message names the command that is meant.
    """
    known_kind = kind_named(kind)
    if (parts := _CONTEXT.fullmatch(id.strip())) is None:
        return
    asked, type, place = beginning(id), parts[1].capitalize(), beginning(parts[2])
    if known_kind == type.lower():
        raise BadQuestion(f"{asked} is a context, not an id; write {known_kind} {place}")
    command = "method" if known_kind == "method" else "scale"
    noun = f"{'an' if known_kind[0] in 'aeiou' else 'a'} {known_kind}"
    raise BadQuestion(
        f"{asked} is a context, not the id of {noun}; for what is in effect there: projector {command} {type}/{place}"
    )


def show_version(kind: KindName, id: Id, /, *, as_of: Moment = None, query: Query = Query()) -> int:
    """Show an outcome, a scale, a result, … as of an instant.

    Examples:
        projector show outcome 304 --as-of 2025-10-01
        projector show scale 7 --as-of 2025-10-12 --tz America/New_York
    """
    see_that_no_context(kind, id)
    with query.asked(as_of) as (projector, view):
        version = view.get(kind, id)
        answer = view.unknown(kind, id) if version is None else version
        print_json(answer) if query.json else show(_card(answer, id, naming_on_screen(projector, view)))
        return NOTHING_THERE if version is None else 0


def _card(answer: Version | Unknown, id: str, naming: Naming) -> RenderableType:
    """The card of what was found, or of what was asked for and is not there."""
    from projector.serve.screen.cards import unknown_card, version_card

    if isinstance(answer, Version):
        return version_card(answer, naming)
    return unknown_card(answer.kind, id, answer.because, answer.basis, naming)


def history(kind: KindName, id: Id, /, *, query: Query = Query()) -> int:
    """Show all versions of an outcome, a scale, …, oldest first.

    Each version is shown with what it changed.

    Examples:
        projector history outcome 304
        projector history scale 7 --json
    """
    from projector.serve.screen.cards import unknown_card
    from projector.serve.screen.lists import history_story

    see_that_no_context(kind, id)
    with query.opened() as projector:
        versions = query.history(projector, kind, id)
        view = projector.now(tenant=query.tenant, known_at=query.known_at, tz=query.tz)
        naming = naming_on_screen(projector, view)
        if query.json:
            print_json([version.to_dict() for version in versions])
        elif versions:
            show(history_story(versions, naming))
        else:
            show(unknown_card(kind_named(kind), id, view.why_unknown(kind, id), view.basis, naming))
        query.notes(view)
        return 0 if versions else NOTHING_THERE


def list_kind(
    kind: KindName,
    /,
    *,
    as_of: Moment = None,
    deleted: Annotated[bool, Flag, Parameter(help="Include deleted ones.")] = False,
    query: Query = Query(),
) -> int:
    """List all outcomes, groups, scales, … as of an instant.

    Examples:
        projector list outcome --as-of 2025-10-30 --deleted
        projector list course --json
    """
    from projector.serve.screen.lists import list_columns, list_rows
    from projector.serve.screen.table import stream_table

    with query.asked(as_of) as (projector, view):
        versions = view.all(kind, deleted=deleted)
        printed = 0
        if query.json:
            for printed, version in enumerate(versions, 1):  # noqa: B007
                print_json(version)
        else:
            printed = stream_table(
                console(), list_columns(kind_named(kind)), list_rows(versions, naming_on_screen(projector, view))
            )
            if not printed:
                show("None at that time.")
        show_basis(view.basis, json=query.json)
        return 0 if printed else NOTHING_THERE


@Parameter(name="*")
@frozen(kw_only=True)
class Sought:
    """Where, when and for what a scale or a method is sought."""

    on: Annotated[Moment, Parameter(name=["--on", "--as-of"], metavar="T")] = None
    outcome: Annotated[
        str | None, Parameter(metavar="ID", help="An outcome: what applies to it, inherited or else its own.")
    ] = None
    within: Annotated[
        str | None, Parameter(name="--in", metavar="COURSE", help="Where the outcome was taught: Course/565.")
    ] = None
    lineage: Annotated[
        str | None,
        Parameter(
            metavar="CONTEXTS", help="Look at these contexts instead, nearest first: Course/565,Account/79,Account/1."
        ),
    ] = None


def scale(context: ContextName | None = None, /, *, sought: Sought = Sought(), query: Query = Query()) -> int:
    """Show the mastery scale in effect in a context on a day.

    It is the one defined for the account or course, else for its account, else further up the account tree as of that
    day. With --outcome it is the scale that judged this outcome.

    Examples:
        projector scale Account/1 --on 2025-10-12
        projector scale --outcome 304 --in Course/101 --on 2025-10-12
    """
    return _in_force("scale", context, sought, query)


def method(context: ContextName | None = None, /, *, sought: Sought = Sought(), query: Query = Query()) -> int:
    """Show the calculation method in effect in a context on a day.

    It is found in the same way as the scale; see: projector scale --help.

    Examples:
        projector method Course/101 --on 2025-10-12
        projector method --outcome 304 --in Course/101
    """
    return _in_force("method", context, sought, query)


def _in_force(kind: Literal["scale", "method"], context: str | None, sought: Sought, query: Query) -> int:
    from projector.serve.screen.cards import in_force_card

    outcome, within, lineage = sought.outcome, sought.within, sought.lineage
    if outcome is not None:
        see_that_no_context("outcome", outcome)
    with query.asked(sought.on) as (projector, view):
        ask = view.scale_in_force if kind == "scale" else view.method_in_force
        answer = ask(context, outcome=outcome, within=within, lineage=lineage)
        for named in _contexts(context or within, lineage):
            say_unnamed(view, context=named)
        if query.json:
            print_json(answer)
        else:
            show(in_force_card(answer, naming_on_screen(projector, view)))
        return 0 if answer.version else NOTHING_THERE


def _contexts(context: str | None, lineage: str | None) -> Iterable[str]:
    """The contexts that are asked for, each once."""
    return dict.fromkeys(named.strip() for named in (context, *(lineage or "").split(",")) if named)


def digest(
    *,
    as_of: Moment = None,
    log: Annotated[
        bool, Flag, Parameter(help="The log's head hash instead; it also covers order and times of recording.")
    ] = False,
    parts: Annotated[bool, Flag, Parameter(help="One hash for each kind of each institution; prints JSON.")] = False,
    query: Query = Query(),
) -> int:
    """Print one hash of all states as of an instant.

    Every store of the same events has the same hash.

    Examples:
        projector digest --as-of 2025-10-12
        projector digest --log
    """
    if log and parts:
        raise BadQuestion("write either --log or --parts")
    with query.opened() as projector:
        if parts:
            for part in projector.digest_parts(as_of, query.known_at, query.tenant, query.tz):
                print_json(part)
            return 0
        if log:
            hash = projector.head_hash()
            print_json(head_reply(hash)) if query.json else say(hash)
            return 0
        hash = projector.digest(as_of=as_of, known_at=query.known_at, tenant=query.tenant, tz=query.tz)
        print_json(digest_reply(hash)) if query.json else say(hash)
        return 0
