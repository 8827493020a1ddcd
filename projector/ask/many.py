"""Everything of a kind that stands, read a page at a time and not one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from projector.ask.asking import Asking
from projector.ask.question import Question
from projector.domain.catalogue import Kind
from projector.domain.events import body_of
from projector.domain.facts import carries_id, has_title, status_of
from projector.domain.instants import to_datetime
from projector.domain.packing import unpack
from projector.domain.versions import Changes, State, Version
from projector.store.pins import Standing

T = TypeVar("T")
Answer = Callable[[Asking, Kind, list[Standing], set[str]], list[T]]


def versions(question: Question, kind: Kind) -> Iterator[Version]:
    """Every version of a kind that stands, by id."""
    return _pages(question, kind, _results if kind == "result" else _versions)


def states(question: Question, kind: Kind) -> Iterator[tuple[str, State | bytes]]:
    """Every state of a kind that stands, by id; where it is its event's body, that event's text."""
    return _pages(question, kind, _states)


def _pages(question: Question, kind: Kind, answer: Answer[T]) -> Iterator[T]:
    """What answers for all that stands, a page at a time; it is told which ids have some event with a title."""
    after: str | None = ""
    while after is not None:
        with Asking(question) as asking:
            page, last = asking.reading.standing(kind, question.as_of, after)
            titled = asking.reading.titled(kind, after, last) if kind == "result" else set[str]()
            answers = answer(asking, kind, page, titled)
        after = last
        yield from answers


def _states(asking: Asking, kind: Kind, page: list[Standing], titled: set[str]) -> list[tuple[str, State | bytes]]:
    found = list[tuple[str, State | bytes]]()
    for one in page:
        untitled = one.id in titled and not has_title(body_of(one.packed))  # it keeps that of an earlier event
        state = asking.state(kind, one.id) if untitled else None
        found.append((one.id, state or unpack(one.packed)[1]))
    return found


def _versions(asking: Asking, kind: Kind, page: list[Standing], titled: set[str]) -> list[Version]:
    return [_version(asking.question, kind, one, body_of(one.packed)) for one in page]


def _results(asking: Asking, kind: Kind, page: list[Standing], titled: set[str]) -> list[Version]:
    """Results; those whose events that stand lack an id, or a title that an earlier one has, are asked for singly."""
    found = list[Version]()
    for one in page:
        state = body_of(one.packed)
        plain = carries_id(state) and (one.id not in titled or has_title(state))
        version = _version(asking.question, kind, one, state) if plain else asking.version(kind, one.id, alone=False)
        if version is not None:
            found.append(version)
    return found


def _version(question: Question, kind: Kind, one: Standing, state: State) -> Version:
    return Version(
        tenant=question.tenant,
        kind=kind,
        id=one.id,
        status=status_of(state),
        valid_from=to_datetime(one.event_time),
        valid_to=None if one.next_at is None else to_datetime(one.next_at),
        recorded_at=to_datetime(one.recorded_at),
        event_name=one.name,
        state=state,
        basis=question.basis,
        find_changes=partial(_find_changes, question, kind, one.id),
    )


def _find_changes(question: Question, kind: Kind, id: str) -> Changes:
    """What a version of many changed, looked up when it is asked for."""
    with Asking(question) as asking:
        version = asking.version(kind, id)
    return {} if version is None else version.changes
