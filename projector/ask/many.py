"""Everything of a kind that stands, read a page at a time and not one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from projector.ask.finding import Frame
from projector.domain.catalogue import Kind
from projector.domain.events import body_of
from projector.domain.facts import carries_id, has_title, status_of
from projector.domain.instants import to_datetime
from projector.domain.packing import unpack
from projector.domain.versions import Changes, State, Version
from projector.store.pins import Standing
from projector.store.reading import Reading

T = TypeVar("T")
Answer = Callable[[Frame, Kind, Reading, list[Standing], set[str]], list[T]]


def versions(frame: Frame, kind: Kind) -> Iterator[Version]:
    """Every version of a kind that stands, by id."""
    return _pages(frame, kind, _results if kind == "result" else _versions)


def states(frame: Frame, kind: Kind) -> Iterator[tuple[str, State | bytes]]:
    """Every state of a kind that stands, by id; where it is its event's body, that event's text."""
    return _pages(frame, kind, _states)


def _pages(frame: Frame, kind: Kind, answer: Answer[T]) -> Iterator[T]:
    """What answers for all that stands, a page at a time; it is told which ids have some event with a title."""
    after: str | None = ""
    while after is not None:
        with frame.log.reading(frame.pin) as reading:
            page, last = reading.standing(frame.tenant, kind, frame.as_of, after)
            titled = reading.titled(frame.tenant, kind, after, last) if kind == "result" else set[str]()
            answers = answer(frame, kind, reading, page, titled)
        after = last
        yield from answers


def _states(
    frame: Frame, kind: Kind, reading: Reading, page: list[Standing], titled: set[str]
) -> list[tuple[str, State | bytes]]:
    found = list[tuple[str, State | bytes]]()
    for one in page:
        untitled = one.id in titled and not has_title(body_of(one.packed))  # it keeps that of an earlier event
        state = frame.state_at(reading, kind, one.id) if untitled else None
        found.append((one.id, state or unpack(one.packed)[1]))
    return found


def _versions(frame: Frame, kind: Kind, reading: Reading, page: list[Standing], titled: set[str]) -> list[Version]:
    return [_version(frame, kind, one, body_of(one.packed)) for one in page]


def _results(frame: Frame, kind: Kind, reading: Reading, page: list[Standing], titled: set[str]) -> list[Version]:
    """Results; those whose events that stand lack an id, or a title that an earlier one has, are asked for singly."""
    guesses, found = frame.guesses(reading), list[Version]()
    for one in page:
        state = body_of(one.packed)
        plain = carries_id(state) and (one.id not in titled or has_title(state))
        version = (
            _version(frame, kind, one, state)
            if plain
            else frame.version_at(reading, kind, one.id, alone=False, guesses=guesses)
        )
        if version is not None:
            found.append(version)
    return found


def _version(frame: Frame, kind: Kind, one: Standing, state: State) -> Version:
    return Version(
        tenant=frame.tenant,
        kind=kind,
        id=one.id,
        status=status_of(state),
        valid_from=to_datetime(one.event_time),
        valid_to=None if one.next_at is None else to_datetime(one.next_at),
        recorded_at=to_datetime(one.recorded_at),
        event_name=one.name,
        state=state,
        basis=frame.basis,
        find_changes=partial(_find_changes, frame, kind, one.id),
    )


def _find_changes(frame: Frame, kind: Kind, id: str) -> Changes:
    """What a version of many changed, looked up when it is asked for."""
    with frame.log.reading(frame.pin) as reading:
        version = frame.version_at(reading, kind, id)
    return {} if version is None else version.changes
