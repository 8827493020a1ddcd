"""The aggregates that differ between two instants, or between two times of recording."""

from __future__ import annotations

from collections.abc import Iterator

from projector.ask.asking import Asking, id_pages
from projector.ask.inheritance import context_asked
from projector.ask.instants import Instant
from projector.ask.question import Question
from projector.domain.arguments import shown
from projector.domain.catalogue import KINDS, Kind
from projector.domain.comparison import Difference
from projector.domain.errors import BadQuestion
from projector.domain.facts import status_of
from projector.domain.versions import State
from projector.fold.changes import changes

KnownAt = Instant | None

_PAGE = 500


def differences(
    before: Question,
    after: Question,
    kind: Kind | None = None,
    context: str | None = None,
    behind: tuple[Kind, str] | None = None,
) -> Iterator[Difference]:
    """Every aggregate that differs, by kind and id.

    Args:
        before: Of the same institution and store as ``after``.
        context: Only what lies in this context, on either side, and the context itself.
        behind: Only aggregates behind this one.
    """
    place = None if context is None else context_asked(after, context)
    kinds = KINDS if kind is None else (kind,)
    begun, last = (kinds[0], "") if behind is None else behind
    for one in kinds[kinds.index(begun) :]:
        for ids in _pages(before, after, one, place, last if one == begun else ""):
            with Asking(before) as asking:
                old_states = [asking.state(one, id) for id in ids]
            with Asking(after) as asking:
                new_states = [asking.state(one, id) for id in ids]
            for id, old, new in zip(ids, old_states, new_states, strict=True):
                within = place is None or _within(after, one, id, old, place) or _within(after, one, id, new, place)
                if within and (found := _difference(after, one, id, old, new)) is not None:
                    yield found


def _pages(before: Question, after: Question, kind: Kind, place: str | None, behind: str) -> Iterator[list[str]]:
    """Ids that may differ, in pages from behind one: of what was known on either side."""
    later = max(before, after, key=lambda question: question.pin.position)
    if place is None:
        yield from id_pages(later, kind, _PAGE, behind)
        return
    type, id = place.split("/", 1)
    itself = {id} if kind == type.lower() else set()
    with Asking(later) as asking:
        naming = asking.reading.naming(type, id, kind)
    ids = sorted(id for id in {*itself, *naming} if id > behind)
    yield from (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))


def _within(question: Question, kind: Kind, id: str, state: State | None, place: str) -> bool:
    if state is None:
        return False
    return place in (question.context_of(kind, state), f"{kind.capitalize()}/{id}")


def _difference(question: Question, kind: Kind, id: str, old: State | None, new: State | None) -> Difference | None:
    if old is None and new is None:
        return None
    status = ("unknown" if old is None else status_of(old), "unknown" if new is None else status_of(new))
    changed = changes(old or {}, new or {}, question.shards)
    if status[0] == status[1] and not changed:
        return None
    return Difference(tenant=question.tenant, kind=kind, id=id, status=status, changes=changed)


def pair_asked(known_at: KnownAt | tuple[KnownAt, KnownAt]) -> tuple[KnownAt, KnownAt]:
    """What is known on either side of a comparison."""
    if not isinstance(known_at, tuple):
        return known_at, known_at
    if len(known_at) != 2:
        raise BadQuestion(f"{shown(known_at)} is not a pair of instants; give one instant, or one for each side")
    return known_at
