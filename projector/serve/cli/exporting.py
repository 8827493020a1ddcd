"""The command export."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from projector.domain.errors import BadQuestion
from projector.domain.upkeep import Exported
from projector.serve.cli.options import Json, StoreOption
from projector.serve.cli.progress import progress
from projector.serve.cli.terminal import print_bytes, print_json, say
from projector.serve.logfile import is_export
from projector.serve.output import STDOUT, stream_named, written
from projector.serve.screen.text import counted


def export(
    *,
    log: Annotated[
        str | None,
        Parameter(metavar="FILE", help="The file for the log; - is standard output.", allow_leading_hyphen=True),
    ] = None,
    out: Annotated[
        str | None,
        Parameter(
            metavar="PATH", help="The folder for the tables; the file for --format duckdb.", allow_leading_hyphen=True
        ),
    ] = None,
    format: Annotated[
        str | None,
        Parameter(
            metavar="FORMAT", help="parquet, csv, arrow or duckdb. Default: duckdb for FILE.duckdb, parquet for others."
        ),
    ] = None,
    kind: Annotated[
        list[str] | None, Parameter(metavar="KINDS", help="Only these kinds: scale,result.", negative="")
    ] = None,
    without: Annotated[
        list[str] | None,
        Parameter(metavar="NAMES", help="Columns, and members of state, to leave out: title,user_uuid.", negative=""),
    ] = None,
    json: Json = False,
    where: StoreOption = StoreOption(),
) -> int:
    """Write the tables, or the whole log, to files.

    With --out the tables of the history, for pandas, DuckDB, Excel and others: a file for each and manifest.json, or
    one DuckDB file. With --log every event in order, one line each: replay --keep-recorded-at restores it.

    Examples:
        projector export --out tables --kind scale,result --without user_uuid
        projector export --log college-log.jsonl
    """
    if (log is None) == (out is None):
        raise BadQuestion("write --out PATH for the tables, or --log FILE for the log")
    if out == "-":
        raise BadQuestion("tables cannot be written to standard output; name a folder or a file")
    if out is not None:
        return _export_tables(out, format or _by_ending(out), _named(kind), _named(without) or [], json, where)
    if (format, kind, without, json) != (None, None, None, False):
        raise BadQuestion("--format, --kind, --without and --json go with --out; --log exports the log as it is")
    return _export_log(log or "", where)


def _by_ending(out: str) -> str:
    """The format that the ending of a name means.

    >>> _by_ending("college.duckdb"), _by_ending("tables")
    ('duckdb', 'parquet')
    """
    return "duckdb" if out.lower().endswith(".duckdb") else "parquet"


def _named(texts: list[str] | None) -> list[str] | None:
    """Names that an option gives: repeated, with commas, or both.

    >>> _named(["scale,method", "result"])
    ['scale', 'method', 'result']
    """
    return None if texts is None else [name for text in texts for part in text.split(",") if (name := part.strip())]


def _export_tables(
    out: str, format: str, kinds: list[str] | None, without: list[str], json: bool, where: StoreOption
) -> int:
    from projector.lake.extras import see_that_installed

    see_that_installed("an export of tables")
    from projector.lake.choice import ExportChoice

    choice = ExportChoice.of(format, kinds, without)  # before a store is opened
    with (
        where.opened() as projector,
        progress("events written to tables") as on_step,
        progress("rows exported") as on_rows,
    ):
        exported = projector.export(out, format, kinds, without, on_step, on_rows)
    print_json(exported) if json else say(_summary(out, exported, choice.without))
    return 0


def _summary(out: str, exported: Exported, without: tuple[str, ...]) -> str:
    tables, rows = counted(len(exported.tables), "table"), counted(sum(exported.tables.values()), "row")
    left_out = f", without {', '.join(without)}" if without else ""
    return f"Wrote {tables} with {rows} to {out}{left_out}; up to event {exported.position:,}."


def _export_log(log: str, where: StoreOption) -> int:
    with where.opened() as projector:
        lines = projector.log_lines()
        if log == "-":
            print_bytes(lines)
            return 0
        with written(log, projector.file, is_export) as file:
            count = 0
            for count, line in enumerate(lines, 1):  # noqa: B007
                file.write(line + b"\n")
        if stream_named(log) != STDOUT:
            say(f"Wrote {counted(count, 'event')} to {log}.")
        return 0
