"""One answer as a card: the state, from when to when it was in effect, and its basis."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from projector.domain.catalogue import Kind
from projector.domain.inforce import InForce
from projector.domain.versions import Basis, Because, Version
from projector.serve.screen.labels import shown_fields, subject
from projector.serve.screen.naming import IDS, TITLED, Naming
from projector.serve.screen.ratings import RATING_HEADINGS, rating_lines
from projector.serve.screen.sentences import BECAUSE, basis_lines, chain_lines, in_force_heading, version_notes
from projector.serve.screen.text import plain


def version_card(version: Version, naming: Naming = IDS) -> RenderableType:
    """A version's title, its fields, its ratings, and the time in which it was in effect."""
    titled = version.kind in TITLED
    name = subject(version.kind, version.id, version.state if titled else None, naming)
    parts: list[RenderableType] = [_title(name, version.status)]
    parts.append(Padding.indent(_fields(version, naming), 2))
    if (ratings := ratings_table(version)) is not None:
        parts += [Text(""), Padding.indent(ratings, 2)]
    parts.append(Text(""))
    parts += map(indented, version_notes(version))
    return Group(*parts, Text(""), foot(version.basis))


def _title(name: str, status: str) -> Text:
    return Text.assemble((name, "bold"), (f"   {plain(status)}", "green" if status == "active" else "yellow"))


def _fields(version: Version, naming: Naming) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in shown_fields(version.kind, version.state, version.basis.tz, naming):
        table.add_row(Text(label), Text(text))
    return table


def ratings_table(version: Version) -> Table | None:
    """The ratings of a scale or of an outcome's own criterion, the one at mastery marked; None for other kinds."""
    if not (lines := rating_lines(version)):
        return None
    points, rating, mark = RATING_HEADINGS
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(Text(points), justify="right", no_wrap=True)
    table.add_column(Text(rating), overflow="fold")
    table.add_column(Text(mark))
    for line in lines:
        table.add_row(Text(line.points), Text(line.description), Text(line.mark))
    return table


def in_force_card(answer: InForce[Any], naming: Naming = IDS) -> RenderableType:
    """The scale or method in effect in a context and how it was found, or why there is none."""
    chain = [indented(line, "dim") for line in chain_lines(answer, naming)]
    found = foot(answer.basis) if answer.version is None else version_card(answer.version, naming)
    return Group(Text(in_force_heading(answer, naming)), *chain, Text(""), found)


def unknown_card(kind: Kind, id: str, because: Because, basis: Basis, naming: Naming = IDS) -> RenderableType:
    """Why an aggregate has no state."""
    return Group(
        _title(subject(kind, id, None, naming), "unknown"),
        indented(f"Unknown: {BECAUSE[because]}"),
        Text(""),
        foot(basis),
    )


def indented(sentence: str, style: str = "", by: int = 2) -> RenderableType:
    """A sentence under a heading; where it continues on the next line, that is indented as well."""
    return Padding.indent(Text(sentence, style=style), by)


def marked(mark: str, style: str, text: Text) -> RenderableType:
    """A line behind a mark; where it continues on the next line, that begins behind the mark as well."""
    line = Table.grid(padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(mark, style=style), text)
    return Padding.indent(line, 2)


def foot(basis: Basis) -> Text:
    """The basis of an answer, in two lines."""
    return Text("\n".join(basis_lines(basis)), style="dim")
