"""What may be missing from a store: silences, and references to what was never received."""

from __future__ import annotations

from collections.abc import Iterator

from projector.ask.asking import Asking
from projector.ask.question import Question
from projector.domain.catalogue import kind_named
from projector.domain.gaps import DanglingReference, Silence
from projector.domain.instants import AFTER_ALL
from projector.fold.silence import silences


def silences_of(question: Question, longer_than: float, now: int) -> Iterator[Silence]:
    """The institution's silences of more than so many hours, until the instant, or now."""
    until = now if question.as_of == AFTER_ALL else question.as_of
    with Asking(question) as asking:
        hours = [hour for hour in asking.reading.hours() if hour[2] <= until]
    yield from silences(hours, longer_than, until)


def dangling_references(question: Question) -> list[DanglingReference]:
    """Outcomes, groups, courses and accounts that are referenced but were never received, by kind and id."""
    with Asking(question) as asking:
        return [
            DanglingReference(kind=kind_named(what), id=id, named_by=(kind, namer))
            for what, id, kind, namer in asking.reading.dangling_references()
            if asking.reading.events(kind, namer)
        ]
