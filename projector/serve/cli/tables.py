"""The command sql."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from projector.ask.instants import zone_named
from projector.domain.errors import BadQuestion
from projector.serve.cli.options import Flag, StoreOption, Zone
from projector.serve.cli.progress import progress
from projector.serve.cli.terminal import console, print_json, say, say_whole
from projector.serve.json.rows import csv_cell, member_names, row_object
from projector.serve.screen.text import counted

if TYPE_CHECKING:
    from projector.lake.rows import Rows


PLAN: Final = ("explain_key", "explain_value")  # the columns of EXPLAIN
QueryText = Annotated[
    str, Parameter(help="One SQL statement that only reads; - is standard input.", allow_leading_hyphen=True)
]


def sql(
    query: QueryText,
    /,
    *,
    tz: Zone = "UTC",
    json: Annotated[bool, Flag, Parameter(help="Print JSON, one object a line.")] = False,
    csv: Annotated[bool, Flag, Parameter(help="Print CSV.")] = False,
    where: StoreOption = StoreOption(),
) -> int:
    """Ask the history in SQL.

    There is a table for each kind; SHOW TABLES lists them. It needs the extra "tables".

    Examples:
        projector sql "SHOW TABLES"
        projector sql "SELECT id, title FROM outcomes_as_of('2025-10-12')" --csv
    """
    if json and csv:
        raise BadQuestion("write either --json or --csv")
    query = sys.stdin.read() if query == "-" else query
    see_that_it_reads(query, tz)
    with where.opened() as projector:
        with progress("events written to tables") as on_step:
            rows = projector.sql(query, tz=tz, on_step=on_step)
        if json:
            print_objects(rows)
        elif csv:
            print_csv(rows)
        elif rows.columns == PLAN:
            print_plan(rows)
        else:
            print_table(rows, tz)
        return 0


def see_that_it_reads(query: str, tz: str) -> None:
    """See, before a store is opened, that the query and the zone can be used.

    Raises:
        MissingExtra: DuckDB is not installed.
        BadQuestion: the query is not one statement that reads, or no zone has that name.
    """
    from projector.lake.extras import see_that_installed

    see_that_installed()
    from projector.lake.statement import statement_of

    statement_of(query)
    zone_named(tz)


def print_objects(rows: Rows) -> None:
    """Print rows as JSON, an object a line."""
    names = member_names(rows.columns)
    for row in rows:
        print_json(row_object(names, row))


def print_csv(rows: Rows) -> None:
    """Print rows as CSV, with the names of the columns before."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(rows.columns)
    for row in rows:
        writer.writerow(map(csv_cell, row))


def print_plan(rows: Rows) -> None:
    """Print how DuckDB runs a query, drawn over several lines."""
    for _, drawing in rows:
        for line in str(drawing).splitlines():
            say_whole(line)


def print_table(rows: Rows, tz: str) -> None:
    """Print rows as a table, and their number."""
    from projector.serve.screen.rows import stream_rows

    say(counted(stream_rows(console(), rows.columns, rows, tz), "row"))
