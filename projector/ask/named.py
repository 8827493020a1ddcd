"""Whether any event names a context or a learner, of those that were known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from projector.ask.finding import Frame
from projector.ask.inheritance import context_asked
from projector.domain.catalogue import KINDS, LEARNER, PAGE, Kind
from projector.domain.events import Recorded
from projector.domain.facts import account_of_page, event_kept
from projector.domain.ids import local_id
from projector.domain.instants import ALWAYS
from projector.store.reading import Reading

_COURSES = 500  # of a page


def names_context(frame: Frame, context: str) -> bool:
    """Whether some event, of any instant, tells of a course or account, lies in it, or names it.

    Raises:
        BadQuestion: it is no context.
    """
    type, id = context_asked(frame, context).split("/", 1)
    kind: Kind = "course" if type == "Course" else "account"
    if kind == "account" and id in frame.pin.tenancy.roots_of(frame.tenant):
        return True
    with frame.log.reading(frame.pin) as reading:
        if reading.events(frame.tenant, kind, id) or _is_mentioned(frame, reading, (type, kind), id):
            return True
        if kind == "course":
            return reading.page_event(frame.tenant, id, ALWAYS) is not None
        return any(account == id for account in _accounts_of_pages(frame, reading))


def names_learner(frame: Frame, learner: str) -> bool:
    """Whether some event, of any instant, names a learner by this uuid."""
    with frame.log.reading(frame.pin) as reading:
        return _is_mentioned(frame, reading, (LEARNER,), learner)


def _is_mentioned(frame: Frame, reading: Reading, spellings: tuple[str, ...], id: str) -> bool:
    """Whether an event of some aggregate names this; the index also knows what later news took elsewhere."""
    return any(
        _mentions(frame, event, spelling, id)
        for spelling in spellings
        for kind in KINDS
        for named_by in reading.naming(frame.tenant, spelling, id, kind)
        for event in reading.events(frame.tenant, kind, named_by)
    )


def _mentions(frame: Frame, event: Recorded, what: str, id: str) -> bool:
    return any(
        spelling == what and id == (named if what == LEARNER else local_id(named, frame.shards))
        for spelling, named in event_kept(event.packed).mentions
    )


def _accounts_of_pages(frame: Frame, reading: Reading) -> Iterator[str | None]:
    """The account that each course's page names, as of the instant and by the last event."""
    for course in _courses_with_pages(frame, reading):
        for as_of in {frame.as_of, ALWAYS}:
            if (event := reading.page_event(frame.tenant, course, as_of)) is not None:
                yield frame.local(account_of_page(event.metadata))


def _courses_with_pages(frame: Frame, reading: Reading) -> Iterator[str]:
    page = [""]
    while page:
        page = reading.ids(frame.tenant, cast(Kind, PAGE), page[-1], _COURSES)
        yield from page
