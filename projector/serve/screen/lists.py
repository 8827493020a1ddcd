"""The rows and columns of lists, and the history of one aggregate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from projector.domain.catalogue import Kind
from projector.domain.upkeep import Quarantined
from projector.domain.versions import Version
from projector.serve.screen.by import by_text
from projector.serve.screen.cards import foot, indented, marked
from projector.serve.screen.histories import (
    NOTHING_CHANGED,
    SUPERSEDED,
    history_heading,
    is_superseded,
    parts_changed,
    verb_of,
)
from projector.serve.screen.labels import result_cells, title_of
from projector.serve.screen.naming import IDS, Naming
from projector.serve.screen.table import Column
from projector.serve.screen.text import moment, plain

_SINCE: Final = Column("In effect since", whole=True, leaves=3)
_LIST_COLUMNS: Final = (Column("Id", whole=True), Column("Status", leaves=4), Column("What"), _SINCE)
_RESULT_COLUMNS: Final = (
    Column("Id", whole=True, leaves=1),
    Column("Learner"),
    Column("Outcome"),
    Column("Score", number=True),
    Column("Course", leaves=2),
    Column("Status", leaves=4),
    _SINCE,
)


def list_columns(kind: Kind) -> tuple[Column, ...]:
    """The columns of a list."""
    return _RESULT_COLUMNS if kind == "result" else _LIST_COLUMNS


def list_rows(versions: Iterable[Version], naming: Naming) -> Iterator[tuple[str, ...]]:
    """A row for each aggregate, by the columns of its kind."""
    for version in versions:
        id, status, since = naming.id(version.id), plain(version.status), moment(version.valid_from, version.basis.tz)
        if version.kind == "result":
            learner, outcome, score, course = result_cells(version.state, naming)
            yield id, learner, outcome, score, course, status, since
        else:
            yield id, status, title_of(version.kind, version.state, naming), since


def quarantine_rows(kept: Iterable[Quarantined], tz: str) -> Iterator[tuple[str, ...]]:
    """A row for each input in quarantine: source, reason, time."""
    for input in kept:
        place = f"{plain(input.source)}:{input.position}"
        note = plain(input.reason) if input.retried_at is None else f"appended since; reason was: {plain(input.reason)}"
        yield place, note, moment(input.seen_at, tz)


DIFFERENCE_COLUMNS: Final = (Column("What"), Column("How it differs"))
TENANT_COLUMNS: Final = (
    Column("Institution", whole=True),
    Column("Events", number=True),
    Column("First", leaves=2),
    Column("Last", leaves=1),
)
QUARANTINE_COLUMNS: Final = (Column("Where"), Column("Why"), Column("Seen", leaves=1))


def history_story(versions: Sequence[Version], naming: Naming = IDS) -> RenderableType:
    """Every version, oldest first, with what it changed."""
    parts: list[RenderableType] = [Text(history_heading(versions, naming), style="bold")]
    for version in versions:
        first = version is versions[0]
        parts += [Text(""), marked("●", "cyan", _heading(version, first=first))]
        parts += [indented(by, "dim", by=4)] if (by := by_text(version.by, naming)) else []
        parts.append(Padding.indent(_changes(version, naming, first=first), 4))
    return Group(*parts, Text(""), foot(versions[-1].basis))


def _heading(version: Version, *, first: bool) -> Text:
    heading = Text.assemble(
        (moment(version.valid_from, version.basis.tz), "bold"),
        f"  {verb_of(version, first=first)}",
        (f", {plain(version.status)}", "" if version.status == "active" else "yellow"),
    )
    if is_superseded(version):
        heading.append(f"  ({SUPERSEDED})", style="dim")
    return heading


def _changes(version: Version, naming: Naming, *, first: bool) -> RenderableType:
    if first:
        return Text(title_of(version.kind, version.state, naming))
    if not version.changes:
        return Text(NOTHING_CHANGED, style="dim")
    grid = Table.grid(padding=(0, 2))
    for _ in ("name", "old", "arrow", "new"):
        grid.add_column(overflow="fold")
    for part in parts_changed(version, naming):
        grid.add_row(Text(part.name, style="dim"), Text(part.old), Text("→"), Text(part.new))
    return grid
