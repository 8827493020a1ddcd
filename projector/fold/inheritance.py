"""From a context up the account tree: where a scale or method is inherited from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from attrs import frozen

from projector.domain.inforce import KnownBy, Lineage


@frozen(kw_only=True)
class Above:
    """The context above another one, and how that is known."""

    context: str
    known_by: KnownBy


def climb(start: str, above: Callable[[str], Above | None]) -> Iterator[tuple[str, KnownBy]]:
    """The contexts from one upwards, each with how it was reached; a loop ends where it closes.

    >>> tree = {"Course/565": Above(context="Account/79", known_by="events")}
    >>> list(climb("Course/565", tree.get))
    [('Course/565', 'own'), ('Account/79', 'events')]
    """
    seen, step = {start}, Above(context=start, known_by="own")
    while True:
        yield step.context, step.known_by
        found = above(step.context)
        if found is None or found.context in seen:
            return
        seen.add(found.context)
        step = found


def lineage_of(steps: Iterable[KnownBy], found: bool) -> Lineage:
    """What the steps up to the one that was found make of the answer."""
    if not found:
        return "unknown"
    order: tuple[KnownBy, ...] = ("given", "hint", "events", "own")
    return next(word for word in order if word in set(steps))
