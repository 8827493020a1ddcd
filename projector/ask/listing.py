"""Every state or version of a kind, read in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve

from projector.ask.asking import Asking, is_plain, looked_up
from projector.ask.question import Question
from projector.domain.canonical import read_whole, read_whole_body, write_json
from projector.domain.catalogue import Kind
from projector.domain.events import is_reserved
from projector.domain.facts import has_title, status_of
from projector.domain.instants import shared_datetime, to_datetime
from projector.domain.packing import unpack
from projector.domain.recorded import body_of
from projector.domain.versions import State, Version

if TYPE_CHECKING:
    from projector.store.pins import StandingRow

T = TypeVar("T")
Whole = tuple[str, State, bool]  # an id, and what `read_whole` gives for the state


def versions(question: Question, kind: Kind, after: str = "") -> Iterator[Version]:
    """Every version of a kind in effect, by id from behind one; its basis does not say what decided it."""

    def special(asking: Asking, row: StandingRow) -> Version | None:
        id, *_, packed, _, _, has_title = row
        if is_plain(body_of(packed), has_title):
            return _version(question, kind, row)
        version = asking.version(kind, id)
        return None if version is None else evolve(version, basis=question.basis)

    found = _every(question, kind, special, lambda row: _version(question, kind, row), after)
    return (version for version in found if version is not None)


def listed(question: Question, kind: Kind, after: str = "", *, deleted: bool = False) -> Iterator[Version]:
    """The versions that a list shows: no deleted ones unless asked for, and no guessed results that are continued."""
    for version in versions(question, kind, after):
        if (deleted or version.status != "deleted") and version.continued_by is None:
            yield version


def states(question: Question, kind: Kind) -> Iterator[Whole]:
    """Every state of a kind in effect, by id, as canonical JSON is made of it."""

    def special(asking: Asking, row: StandingRow) -> Whole:
        id, *_, packed, _, _, titled = row
        if titled and not has_title(body_of(packed)):  # it keeps the title of an earlier event
            return id, *read_whole(write_json(asking.state(kind, id)))
        return _whole(row)

    return _every(question, kind, special, _whole)


def _every(
    question: Question,
    kind: Kind,
    special: Callable[[Asking, StandingRow], T],
    plain: Callable[[StandingRow], T],
    behind: str = "",
) -> Iterator[T]:
    """What functions make of every row in effect, by id from behind one.

    Args:
        special: For results that may have no id, or no title while an earlier event has one: it is called within
            the page's transaction.
        plain: For all others, one at a time when it is asked for: so few values live at once.
    """
    after: str | None = behind
    while after is not None:
        made: dict[str, T] = {}
        with Asking(question) as asking:
            page, after = asking.reading.standing(kind, question.as_of, after)
            if kind == "result":
                made = {row[0]: special(asking, row) for row in page if row[-1] or is_reserved(row[0])}
        for row in page:
            yield made[row[0]] if row[0] in made else plain(row)


def _version(question: Question, kind: Kind, row: StandingRow) -> Version:
    id, event_time, name, packed, recorded_at, next_at, _ = row
    state = body_of(packed)
    return Version.of_many(
        question.tenant,
        kind,
        id,
        state,
        status_of(state),
        to_datetime(event_time),
        None if next_at is None else to_datetime(next_at),
        shared_datetime(recorded_at),
        name,
        question.basis,
        partial(looked_up, question, kind, id),
    )


def _whole(row: StandingRow) -> Whole:
    return row[0], *read_whole_body(unpack(row[3])[1])
