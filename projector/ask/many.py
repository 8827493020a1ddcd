"""Everything of a kind that stands, read a page at a time and not one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from projector.ask.finding import Frame
from projector.domain.events import body_of
from projector.domain.instants import to_datetime
from projector.domain.kinds import Kind
from projector.domain.packing import unpack
from projector.domain.versions import Changes, State, Version
from projector.fold.continuation import is_guessed
from projector.fold.winning import status_of
from projector.store.pins import Standing
from projector.store.reading import Reading

T = TypeVar("T")


def versions(frame: Frame, kind: Kind) -> Iterator[Version]:
    """Every version of a kind that stands, by id."""

    def ask(reading: Reading, id: str) -> Version | None:
        return frame.version_at(reading, kind, id, alone=False)

    for page, odd in _pages(frame, kind, ask, also=is_guessed):
        for one in page:
            version = odd[one.id] if one.id in odd else _version(frame, kind, one)
            if version is not None:
                yield version


def states(frame: Frame, kind: Kind) -> Iterator[tuple[str, State | bytes]]:
    """Every state of a kind that stands, by id; where it is its event's body, that event's text."""

    def ask(reading: Reading, id: str) -> State | None:
        return frame.state_at(reading, kind, id)

    for page, odd in _pages(frame, kind, ask):
        yield from ((one.id, odd.get(one.id) or unpack(one.packed)[1]) for one in page)


def _pages(
    frame: Frame, kind: Kind, ask: Callable[[Reading, str], T], also: Callable[[str], bool] | None = None
) -> Iterator[tuple[list[Standing], dict[str, T]]]:
    """Pages of what stands, and the answers for those of each page that must be asked for one by one.

    These are results with a title that the event that stands lacks, and ``also`` those whose ids say so.
    """
    after: str | None = ""
    while after is not None:
        with frame.log.reading(frame.pin) as reading:
            page, last = reading.standing(frame.tenant, kind, frame.as_of, after)
            odd = _untitled(page, reading.titled(frame.tenant, kind, after, last)) if kind == "result" else set()
            if also is not None and kind == "result":
                odd.update(one.id for one in page if also(one.id))
            answers = {one.id: ask(reading, one.id) for one in page if one.id in odd}
        after = last
        yield page, answers


def _untitled(page: list[Standing], titled: set[str]) -> set[str]:
    """Which of these results had a title, but have none in the event that stands: they keep an earlier one."""
    return {one.id for one in page if one.id in titled and "title" not in body_of(one.packed)}


def _version(frame: Frame, kind: Kind, one: Standing) -> Version:
    state = body_of(one.packed)
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
