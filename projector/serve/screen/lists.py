"""Tables that are printed while they are read, and the history of one aggregate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from projector.domain.catalogue import Kind
from projector.domain.upkeep import Quarantined
from projector.domain.versions import Version
from projector.serve.screen.cards import foot
from projector.serve.screen.histories import (
    NOTHING_CHANGED,
    SUPERSEDED,
    history_heading,
    is_superseded,
    parts_changed,
    verb_of,
)
from projector.serve.screen.labels import title_of
from projector.serve.screen.text import moment, plain

_AT_ONCE: Final = 200  # rows that are laid out together

Column = tuple[str, int | None]  # its heading, and its width or None for what is left


def stream_table(console: Console, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> int:
    """Print rows as a table while they are read; long cells continue on the next line; return the number of rows."""
    rows, printed = iter(rows), 0
    while page := list(islice(rows, _AT_ONCE)):
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=not printed, expand=True)
        for heading, width in columns:
            table.add_column(Text(heading, style="bold"), width=width, ratio=None if width else 1, overflow="fold")
        for row in page:
            table.add_row(*map(Text, row))
        console.print(table)
        printed += len(page)
    return printed


def list_rows(versions: Iterable[Version]) -> Iterator[tuple[str, ...]]:
    """A row for each aggregate: id, status, title, start of its state."""
    for version in versions:
        since = moment(version.valid_from, version.basis.tz)
        yield plain(version.id), plain(version.status), title_of(version.kind, version.state), since


def list_columns(kind: Kind) -> tuple[Column, ...]:
    """The columns of a list; results without an id have long ones."""
    return ("Id", 35 if kind == "result" else 14), ("Status", 9), ("What", None), ("In effect since", 27)


def quarantine_rows(kept: Iterable[Quarantined], tz: str) -> Iterator[tuple[str, ...]]:
    """A row for each input in quarantine: source, reason, time."""
    for input in kept:
        place = f"{plain(input.source)}:{input.position}"
        note = plain(input.reason) if input.retried_at is None else f"appended since; reason was: {plain(input.reason)}"
        yield place, note, moment(input.seen_at, tz)


DIFFERENCE_COLUMNS: Final[tuple[Column, ...]] = (("What", 30), ("How it differs", None))
TENANT_COLUMNS: Final[tuple[Column, ...]] = (("Institution", None), ("Events", 12), ("First", 27), ("Last", 27))
QUARANTINE_COLUMNS: Final[tuple[Column, ...]] = (("Where", 32), ("Why", None), ("Seen", 30))


def history_story(versions: Sequence[Version]) -> RenderableType:
    """Every version, oldest first, with what it changed."""
    parts: list[RenderableType] = [Text(history_heading(versions), style="bold")]
    for version in versions:
        first = version is versions[0]
        parts += [Text(""), _heading(version, first=first), Padding(_changes(version, first=first), (0, 0, 0, 4))]
    return Group(*parts, Text(""), foot(versions[-1].basis))


def _heading(version: Version, *, first: bool) -> Text:
    heading = Text.assemble(
        ("  ● ", "cyan"),
        (moment(version.valid_from, version.basis.tz), "bold"),
        f"  {verb_of(version, first=first)}",
        (f", {plain(version.status)}", "" if version.status == "active" else "yellow"),
    )
    if is_superseded(version):
        heading.append(f"  ({SUPERSEDED})", style="dim")
    return heading


def _changes(version: Version, *, first: bool) -> RenderableType:
    if first:
        return Text(title_of(version.kind, version.state))
    if not version.changes:
        return Text(NOTHING_CHANGED, style="dim")
    grid = Table.grid(padding=(0, 2))
    for part in parts_changed(version):
        grid.add_row(Text(part.name, style="dim"), Text(part.old), Text("→"), Text(part.new))
    return grid
