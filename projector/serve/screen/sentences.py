"""What screens and notebooks say of an answer, in sentences: from when to when, how it was found, its basis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from projector.domain.inforce import InForce
from projector.domain.instants import is_of_unread
from projector.domain.versions import Basis, Because, Version
from projector.serve.screen.labels import noun_of
from projector.serve.screen.naming import IDS, Naming
from projector.serve.screen.text import moment, plain

BECAUSE: Final[Mapping[Because, str]] = {
    "never heard of": "no event of it was received. Was its log replayed? Is the id right?",
    "first heard of later": "the first event of it is of a later time; its state before is not known.",
    "created later": "it was created later.",
    "deleted": "it had been deleted.",
    "switched off": "account-level mastery scales are switched off.",
}
_IN_CONTEXT: Final[Mapping[Because, str]] = {
    "never heard of": "no {} event was received.",
    "first heard of later": BECAUSE["first heard of later"],
    "created later": BECAUSE["created later"],
    "deleted": "the one defined there was deleted.",
    "switched off": "account-level mastery scales are switched off: every outcome uses its own.",
}
_KNOWN_BY: Final[Mapping[str, str]] = {
    "own": "asked for",
    "events": "parent named by events",
    "hint": "parent assumed",
    "given": "as given",
}
_DECIDED: Final[Mapping[str, str]] = {
    "only": "Only one event up to then",
    "event_time": "The latest event applies",
    "verb": "Two events of one instant: the update applies, not the creation",
    "updated_at": "Two events of one instant: the one with the later updated_at applies",
    "content": "Canvas gave no order between events of one instant: chosen by their content",
}


def version_notes(version: Version) -> Iterator[str]:
    """From when to when a version was in effect, and what is uncertain about a result without an id."""
    tz = version.basis.tz
    if version.valid_to is None:
        yield f"In effect since {moment(version.valid_from, tz)}."
    else:
        yield f"In effect from {moment(version.valid_from, tz)} to {moment(version.valid_to, tz)}."
    if version.guessed:
        yield "Canvas sent no id for this result; the id shown is made from members that never change."
    if version.guessed == "doubtful":
        yield "Two different assignments share this id, so there may be two results."
    if version.continued_by is not None:
        yield f"Continued by result {plain(version.continued_by)}, which counts instead."


def in_force_heading(answer: InForce[Any], naming: Naming = IDS) -> str:
    """Which scale or method is in effect in a context, or why there is none."""
    noun, context = noun_of(answer.what), naming.context(answer.context)
    if answer.version is None:
        because = _IN_CONTEXT[answer.because or "never heard of"].format(noun.lower())
        return f"No {noun.lower()} in effect for {context}: {because}"
    if answer.found_at == "outcome":
        return f"No {noun.lower()} in effect for {context}: the outcome's own applies."
    scale = f"{answer.what} {naming.id(answer.version.id)}"
    inherited = f", inherited from {naming.context(answer.found_at, also=scale)}"
    return f"{noun} in effect for {context}{inherited if len(answer.chain) > 1 else ''}:"


def chain_lines(answer: InForce[Any], naming: Naming = IDS) -> Iterator[str]:
    """The contexts that were looked at; nothing where the first one has it."""
    if len(answer.chain) > 1 or answer.lineage == "given":
        for step in answer.chain:
            found = "none" if step.found is None else f"{answer.what} {naming.id(step.found)}"
            yield f"{naming.context(step.context, also=_KNOWN_BY[step.known_by])}: {found}"


def basis_lines(basis: Basis) -> tuple[str, str]:
    """The basis of an answer: of which instants it is, and what decided."""
    tz = basis.tz
    as_of = "Latest state" if basis.as_of is None else f"As of {moment(basis.as_of, tz)}"
    recorded = "the store is empty" if basis.known_at is None else f"data recorded up to {moment(basis.known_at, tz)}"
    received = "no event received"
    if basis.heard_until is not None:
        received = f"last event received: {moment(basis.heard_until, tz)}"
    parts = [_decided(basis)] if basis.decided_by else []
    parts += [received, *(f"assumed: {plain(assumption)}" for assumption in basis.assumed), f"rules {basis.rules}."]
    second = "; ".join(parts)
    return f"{as_of}; {recorded}.", f"{second[0].upper()}{second[1:]}"


def _decided(basis: Basis) -> str:
    """What decided, as text: whether an order could not be read, or Canvas gave none."""
    if basis.decided_by == "content" and any(map(is_of_unread, basis.assumed)):
        return "An updated_at could not be read: chosen among events of one instant by their content"
    return _DECIDED[basis.decided_by or "only"]
