"""One answer as a card: the state, from when to when it was in effect, and its basis."""

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
from projector.serve.screen.labels import labels_of, noun_of, shown_value
from projector.serve.screen.text import moment, plain

_DECIDED: Final[Mapping[str, str]] = {
    "only": "Only one event up to then",
    "event_time": "The latest event applies",
    "verb": "Two events of one instant: the update applies, not the creation",
    "updated_at": "Two events of one instant: the one with the later updated_at applies",
    "content": "Canvas gave no order between events of one instant: chosen by their content",
}
_BECAUSE: Final[Mapping[Because, str]] = {
    "never heard of": "no event of it was received. Was its log replayed? Is the id right?",
    "first heard of later": "the first event of it is of a later time; its state before is not known.",
    "created later": "it was created later.",
    "deleted": "it had been deleted.",
    "switched off": "account-level mastery scales are switched off.",
}


def version_card(version: Version) -> RenderableType:
    """A version's title, its fields, its ratings, and the time in which it was in effect."""
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
        if (text := shown_value(label, state, tz)) != "–":
            table.add_row(Text(label.text), Text(text))
    return table


def ratings_table(version: Version) -> Table | None:
    """The ratings of a scale or of an outcome's own criterion, the one at mastery marked; None for other kinds."""
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
        table.add_row(Text(plain(mastery)), Text("mastery" if mastery is not None else "no mastery rating"), Text(""))
    return table


def span(version: Version) -> str:
    """From when to when a version was in effect."""
    tz = version.basis.tz
    if version.valid_to is None:
        return f"In effect since {moment(version.valid_from, tz)}."
    return f"In effect from {moment(version.valid_from, tz)} to {moment(version.valid_to, tz)}."


def _notes(version: Version) -> Iterator[str]:
    if version.guessed:
        yield "Canvas sent no id for this result; the id shown is made from members that never change."
    if version.guessed == "doubtful":
        yield "Two different assignments share this id, so there may be two results."
    if version.continued_by is not None:
        yield f"Continued by result {plain(version.continued_by)}, which counts instead."


def in_force_card(kind: Kind, answer: InForce[Any]) -> RenderableType:
    """The scale or method in effect in a context and how it was found, or why there is none."""
    noun, chain = noun_of(kind), [Text(f"  {line}", style="dim") for line in _chain(answer)]
    if answer.version is None:
        because = answer.because or "never heard of"
        sentence = (
            f"No {noun.lower()} in effect for {plain(answer.context)}: {_IN_CONTEXT[because].format(noun.lower())}"
        )
        return Group(Text(sentence), *chain, Text(""), foot(answer.basis))
    if answer.found_at == "outcome":
        heading = f"No {noun.lower()} in effect for {plain(answer.context)}: the outcome's own applies."
    else:
        inherited = f", inherited from {plain(answer.found_at)} ({answer.what} {plain(answer.version.id)})"
        heading = f"{noun} in effect for {plain(answer.context)}{inherited if len(answer.chain) > 1 else ''}:"
    return Group(Text(heading), *chain, Text(""), version_card(answer.version))


_IN_CONTEXT: Final[Mapping[Because, str]] = {
    "never heard of": "no {} event was received.",
    "first heard of later": _BECAUSE["first heard of later"],
    "created later": _BECAUSE["created later"],
    "deleted": "the one defined there was deleted.",
    "switched off": "account-level mastery scales are switched off: every outcome uses its own.",
}
_KNOWN_BY: Final[Mapping[str, str]] = {
    "own": "asked for",
    "events": "parent by its events",
    "hint": "parent assumed",
    "given": "as given",
}


def _chain(answer: InForce[Any]) -> Iterator[str]:
    """The contexts that were looked at; nothing where the first one has it."""
    if len(answer.chain) > 1 or answer.lineage == "given":
        for step in answer.chain:
            found = "none" if step.found is None else f"{answer.what} {plain(step.found)}"
            yield f"{plain(step.context)} ({_KNOWN_BY[step.known_by]}): {found}"


def unknown_card(kind: Kind, id: str, because: Because, basis: Basis) -> RenderableType:
    """Why an aggregate has no state."""
    return Group(
        _title(f"{noun_of(kind)} {plain(id)}", "unknown"),
        Text(f"  Unknown: {_BECAUSE[because]}"),
        Text(""),
        foot(basis),
    )


def _decided(basis: Basis) -> str:
    """What decided, as text: whether an order could not be read, or Canvas gave none."""
    if basis.decided_by == "content" and any(map(is_of_unread, basis.assumed)):
        return "An updated_at could not be read: chosen among events of one instant by their content"
    return _DECIDED[basis.decided_by or "only"]


def foot(basis: Basis) -> Text:
    """The basis of an answer, in two lines."""
    tz = basis.tz
    as_of = "Latest state" if basis.as_of is None else f"As of {moment(basis.as_of, tz)}"
    recorded = "the store is empty" if basis.known_at is None else f"data recorded up to {moment(basis.known_at, tz)}"
    received = "no event received"
    if basis.heard_until is not None:
        received = f"last event received: {moment(basis.heard_until, tz)}"
    parts = [_decided(basis)] if basis.decided_by else []
    parts += [received, *(f"assumed: {plain(assumption)}" for assumption in basis.assumed), f"rules {basis.rules}."]
    second = "; ".join(parts)
    return Text(f"{as_of}; {recorded}.\n{second[0].upper()}{second[1:]}", style="dim")
