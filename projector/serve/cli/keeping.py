"""The command quarantine."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from projector.serve.cli.options import Flag, Intake, Json, Query, StoreOption, Zone
from projector.serve.cli.replaying import explain, summary
from projector.serve.cli.terminal import NOTHING_THERE, console, print_json, say, show
from projector.serve.json.replies import dropped_reply
from projector.serve.quarantine import QuarantineChoice, filter_asked
from projector.serve.screen.text import counted

quarantine: App = App(
    name="quarantine",
    help="""List, retry or drop inputs that were refused or set aside.

    Examples:
        projector quarantine list
        projector quarantine retry
    """,
)


@quarantine.command(name="list", sort_key=0)
def list_kept(
    *,
    all: Annotated[bool, Flag, Parameter(help="Include inputs that a retry has appended since.")] = False,
    query: Query = Query(),
) -> int:
    """List what was refused or set aside, and why.

    Each input with its place and the reason.

    Examples:
        projector quarantine list
        projector quarantine list --all --json
    """
    from projector.serve.screen.lists import QUARANTINE_COLUMNS, quarantine_rows
    from projector.serve.screen.table import stream_table

    with query.opened() as projector:
        kept = projector.quarantined(retried=all)
        if query.json:
            for input in kept:
                print_json(input)
            return 0
        if not stream_table(console(), QUARANTINE_COLUMNS, quarantine_rows(kept, query.tz)):
            show("Nothing is in quarantine.")
        return 0


@quarantine.command(sort_key=1)
def retry(
    *,
    intake: Intake = Intake(),
    json: Json = False,
    where: StoreOption = StoreOption(),
) -> int:
    """Try again what was refused; append what is accepted now.

    A later release may accept more.

    Examples:
        projector quarantine retry
        projector quarantine retry --drop-metadata client_ip,user_agent
    """
    with where.opened(read_only=False) as projector:
        report = projector.retry(drop_metadata=intake.drop_metadata, keys=intake.keys)
    print_json(report) if json else say(summary(report))
    explain(report, where.store)
    return 0


@quarantine.command(sort_key=2)
def drop(
    *,
    source: Annotated[
        str | None, Parameter(metavar="NAME", help="Only inputs of this source, as quarantine list shows it.")
    ] = None,
    reason: Annotated[str | None, Parameter(metavar="TEXT", help="Only inputs with this text in the reason.")] = None,
    before: Annotated[
        str | None, Parameter(metavar="T", help="Only inputs seen before then; a day means its beginning.")
    ] = None,
    sha256: Annotated[
        list[str] | None,
        Parameter(metavar="HEX...", help="Only inputs with one of these SHA-256.", consume_multiple=True, negative=""),
    ] = None,
    all: Annotated[bool, Flag, Parameter(help="All inputs that are waiting.")] = False,
    retried: Annotated[
        bool, Flag, Parameter(help="Inputs that a retry has appended, instead of those that are waiting.")
    ] = False,
    tz: Zone = "UTC",
    json: Json = False,
    where: StoreOption = StoreOption(),
) -> int:
    """Drop inputs from quarantine for good.

    Drops the inputs that match all given options. It cannot be undone.

    Examples:
        projector quarantine drop --reason "not JSON" --before 2100-01-01
        projector quarantine drop --all
    """
    asked: QuarantineChoice = {"source": source, "reason": reason, "before": before, "sha256": sha256, "tz": tz}
    asked |= {"all": all, "retried": retried}
    filter_asked(**asked)  # before a store is opened
    with where.opened(read_only=False) as projector:
        dropped = projector.drop_quarantined(**asked)
    print_json(dropped_reply(dropped)) if json else say(f"Dropped {counted(dropped, 'input')}.")
    return 0 if dropped else NOTHING_THERE
