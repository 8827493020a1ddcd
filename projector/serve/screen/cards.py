"""One answer as a card: what stands, from when until when, and on which basis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from projector.domain.catalogue import Kind
from projector.domain.inforce import InForce
from projector.domain.instants import is_of_unread
from projector.domain.versions import Basis, Because, Version
from projector.serve.screen.labels import labels_of, noun_of, told
from projector.serve.screen.text import moment, plain

_DECIDED: Final[Mapping[str, str]] = {
    "only": "It is the only report",
    "event_time": "The latest report stands",
    "verb": "Two reports of one instant: the update stands over the creation",
    "updated_at": "Two reports of one instant: the later change stands",
    "content": "Canvas gave no order between reports of one instant: chosen by their content",
}
_BECAUSE: Final[Mapping[Because, str]] = {
    "never heard of": "no event in this store names it as its own. Was its event replayed? Is the id right?",
    "first heard of later": "the first report of it is of a later time; what it was before, nobody told this store.",
    "created later": "it was created later.",
    "deleted": "it had been deleted.",
    "switched off": "account-level mastery scales are switched off.",
}


def version_card(version: Version) -> RenderableType:
    """A version's title, its fields, its ratings, and how long it stood."""
    basis = version.basis
    parts: list[RenderableType] = [_title(f"{noun_of(version.kind)} {plain(version.id)}", version.status)]
    parts.append(Padding(_fields(version.kind, version.state, basis.tz), (0, 0, 0, 2)))
    if (ratings := ratings_table(version)) is not None:
        parts.append(Padding(ratings, (1, 0, 0, 2)))
    parts.append(Text(""))
    parts.append(Text(f"  {span(version)}"))
    parts += [Text(f"  {note}") for note in _notes(version)]
    return Group(*parts, Text(""), foot(basis))


def _title(name: str, status: str) -> Text:
    return Text.assemble((name, "bold"), (f"   {plain(status)}", "green" if status == "active" else "yellow"))


def _fields(kind: Kind, state: Mapping[str, Any], tz: str) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label in labels_of(kind):
        if (words := told(label, state, tz)) != "–":
            table.add_row(Text(label.words), Text(words))
    return table


def ratings_table(version: Version) -> Table | None:
    """The ratings of a scale or of an outcome's own criterion, the mastery line marked; None for other kinds."""
    criterion = version.state.get("rubric_criterion") or {}
    if version.kind == "scale":
        ratings = version.state.get("outcome_proficiency_ratings") or []
        mastery = getattr(version.aggregate, "mastery_points", None)
    elif version.kind == "outcome" and criterion:
        ratings, mastery = criterion.get("ratings") or [], criterion.get("mastery_points")
    else:
        return None
    return points_table(ratings, mastery)


def points_table(ratings: Sequence[Mapping[str, Any]], mastery: Any) -> Table:
    """Ratings from the top, an arrow at the points from which a score is mastery."""
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    table.add_column(Text("Points"), justify="right", no_wrap=True)
    table.add_column(Text("Rating"))
    table.add_column(Text(""))
    marked = False
    for rating in ratings:
        at_line = not marked and mastery is not None and plain(rating.get("points")) == plain(mastery)
        marked = marked or at_line
        mark = "◄ mastery" if at_line else ""
        table.add_row(Text(plain(rating.get("points"))), Text(plain(rating.get("description"))), Text(mark))
    if not marked:
        table.add_row(Text(plain(mastery)), Text("mastery" if mastery is not None else "no mastery line"), Text(""))
    return table


def span(version: Version) -> str:
    """From when until when a version stood."""
    tz = version.basis.tz
    until = "and still stands" if version.valid_to is None else f"until {moment(version.valid_to, tz)}"
    return f"So from {moment(version.valid_from, tz)} {until}."


def _notes(version: Version) -> Iterator[str]:
    if version.guessed:
        yield "Canvas sent no id for this result; the id shown is composed from what never changes on it."
    if version.guessed == "doubtful":
        yield "Two different assignments share it, so it may be two results."
    if version.continued_by is not None:
        yield f"It is continued by result {plain(version.continued_by)}, which counts in its place."


def in_force_card(kind: Kind, answer: InForce[Any]) -> RenderableType:
    """What counts in a context and how it was found, or why nothing is known to."""
    noun, way = noun_of(kind), [Text(f"  {line}", style="dim") for line in _way(answer)]
    if answer.version is None:
        because = answer.because or "never heard of"
        sentence = f"No {noun.lower()} is known for {plain(answer.context)}: {_IN_CONTEXT[because]}"
        return Group(Text(sentence), *way, Text(""), foot(answer.basis))
    if answer.found_at == "outcome":
        heading = f"No {noun.lower()} was in force at {plain(answer.context)}: the outcome's own counts."
    else:
        heading = f"{noun} in force at {plain(answer.context)}:"
    return Group(Text(heading), *way, Text(""), version_card(answer.version))


_IN_CONTEXT: Final[Mapping[Because, str]] = {
    "never heard of": "nobody told this store of one.",
    "first heard of later": _BECAUSE["first heard of later"],
    "created later": _BECAUSE["created later"],
    "deleted": "what was defined there had been deleted.",
    "switched off": "account-level mastery scales are switched off: every outcome counts by its own.",
}
_KNOWN_BY: Final[Mapping[str, str]] = {
    "own": "asked for",
    "events": "above it, by its events",
    "hint": "above it, by a hint",
    "given": "as given",
}


def _way(answer: InForce[Any]) -> Iterator[str]:
    """The contexts that were asked; nothing where the first one answered."""
    if len(answer.chain) > 1 or answer.lineage == "given":
        for step in answer.chain:
            found = "none" if step.found is None else f"number {plain(step.found)}"
            yield f"{plain(step.context)} ({_KNOWN_BY[step.known_by]}): {found}"


def unknown_card(kind: Kind, id: str, because: Because, basis: Basis) -> RenderableType:
    """Why nothing stands of what was asked for."""
    return Group(
        _title(f"{noun_of(kind)} {plain(id)}", "unknown"),
        Text(f"  Unknown: {_BECAUSE[because]}"),
        Text(""),
        foot(basis),
    )


def _decided(basis: Basis) -> str:
    """What decided, in words; an order that could not be read is not one that Canvas did not give."""
    if basis.decided_by == "content" and any(map(is_of_unread, basis.assumed)):
        return "An updated_at could not be read: chosen among events of one instant by their content"
    return _DECIDED[basis.decided_by or "only"]


def foot(basis: Basis) -> Text:
    """The basis of an answer, in two lines."""
    tz = basis.tz
    as_of = "By everything announced so far" if basis.as_of is None else f"As of {moment(basis.as_of, tz)}"
    known = "an empty store" if basis.known_at is None else f"what this store knew at {moment(basis.known_at, tz)}"
    heard = "nothing was heard from the institution"
    if basis.heard_until is not None:
        heard = f"heard from the institution until {moment(basis.heard_until, tz)}"
    parts = [_decided(basis)] if basis.decided_by else []
    parts += [heard, *(f"assumed: {plain(assumption)}" for assumption in basis.assumed), f"rules {basis.rules}."]
    second = "; ".join(parts)
    return Text(f"{as_of}, by {known}.\n{second[0].upper()}{second[1:]}", style="dim")
