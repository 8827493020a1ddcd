"""Whether any event known at the time names a context or a learner."""

from __future__ import annotations

from projector.ask.asking import Asking
from projector.ask.inheritance import context_asked
from projector.ask.question import Question
from projector.domain.catalogue import ACCOUNT_HINT, KINDS, LEARNER, Kind
from projector.domain.facts import event_kept
from projector.domain.ids import local_id
from projector.domain.instants import AFTER_ALL
from projector.domain.recorded import Recorded


def names_context(question: Question, context: str) -> bool:
    """Whether some event, of any instant, is of a course or account, lies in it, or references it.

    Raises:
        BadQuestion: it is not a context.
    """
    type, id = context_asked(question, context).split("/", 1)
    kind: Kind = "course" if type == "Course" else "account"
    if kind == "account" and id in question.pin.tenancy.roots_of(question.tenant):
        return True
    with Asking(question) as asking:
        if asking.reading.events(kind, id) or _is_mentioned(asking, (type, kind), id):
            return True
        if kind == "course":
            return asking.account_of(id, AFTER_ALL) is not None
        return any(
            asking.account_of(course, as_of) == id
            for course in asking.ids(ACCOUNT_HINT)
            for as_of in {question.as_of, AFTER_ALL}
        )


def names_learner(question: Question, learner: str) -> bool:
    """Whether some event, of any instant, names a learner by this uuid."""
    with Asking(question) as asking:
        return _is_mentioned(asking, (LEARNER,), learner)


def _is_mentioned(asking: Asking, spellings: tuple[str, ...], id: str) -> bool:
    """Whether an event of some aggregate names this; the index may also list aggregates that have moved since."""
    return any(
        _mentions(event, spelling, id, asking.question.shards)
        for spelling in spellings
        for kind in KINDS
        for named_by in asking.reading.naming(spelling, id, kind)
        for event in asking.reading.events(kind, named_by)
    )


def _mentions(event: Recorded, what: str, id: str, shards: frozenset[int]) -> bool:
    return any(
        spelling == what and id == (named if what == LEARNER else local_id(named, shards))
        for spelling, named in event_kept(event.packed).mentions
    )
