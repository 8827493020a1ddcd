"""Every state or version of a kind, read in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from projector.ask.asking import Asking
from projector.ask.question import Question
from projector.domain.catalogue import Kind
from projector.domain.facts import has_title
from projector.domain.packing import unpack
from projector.domain.recorded import body_of
from projector.domain.versions import State, Version

if TYPE_CHECKING:
    from projector.store.pins import StandingRow

T = TypeVar("T")


def versions(question: Question, kind: Kind) -> Iterator[Version]:
    """Every version of a kind in effect, by id."""
    found = _pages(question, kind, lambda asking, one: asking.version_of_many(kind, one))
    return (version for version in found if version is not None)


def states(question: Question, kind: Kind) -> Iterator[tuple[str, State | bytes]]:
    """Every state of a kind in effect, by id; where it is its event's body, that event's text."""

    def state(asking: Asking, one: StandingRow) -> tuple[str, State | bytes]:
        untitled = one.has_title and not has_title(body_of(one.packed))  # it keeps the title of an earlier event
        return one.id, (asking.state(kind, one.id) if untitled else None) or unpack(one.packed)[1]

    return _pages(question, kind, state)


def _pages(question: Question, kind: Kind, answer: Callable[[Asking, StandingRow], T]) -> Iterator[T]:
    """What a function makes of every row in effect, a page at a time."""
    after: str | None = ""
    while after is not None:
        with Asking(question) as asking:
            page, after = asking.reading.standing(kind, question.as_of, after)
            answers = [answer(asking, one) for one in page]
        yield from answers
