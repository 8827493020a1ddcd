"""The time zone that an institution's events name, from so many of its events that the log's length does not matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from projector.ask.asking import Asking
from projector.ask.instants import zone_named
from projector.ask.question import Question
from projector.domain.catalogue import Kind
from projector.domain.errors import BadQuestion, DamagedLog
from projector.domain.facts import institution_in, time_zone_of
from projector.domain.instants import AFTER_ALL
from projector.domain.recorded import parts_of

_NEWEST: Final = 1000  # events of the log that are looked at
_SIZE: Final = 2 * 2**20  # bytes of them
_KINDS: Final[tuple[Kind, ...]] = ("account", "course", "group", "outcome")
_OF_A_KIND: Final = 25  # aggregates that are looked at where the newest events name no zone


def named_zone(question: Question) -> str | None:
    """The zone that most of an institution's newest events name, of several the first by name; None without any.

    Canvas names it in events that a user's request caused. Names that are not IANA zones do not count.
    """
    with Asking(question) as asking:
        return _most_named(_newest(asking)) or _most_named(_of_some_aggregates(asking))


def _most_named(zones: Iterable[str]) -> str | None:
    times = Counter(zones)
    by_times = sorted(times, key=lambda zone: (-times[zone], zone))
    return next((zone for zone in by_times if _is_zone(zone)), None)


def _newest(asking: Asking) -> Iterator[str]:
    """The zones that the institution's events among the newest of the log name."""
    size = 0
    for packed in asking.reading.log.newest(asking.question.pin.position, _NEWEST):
        size += len(packed)
        if size > _SIZE:
            return
        yield from _named(packed, asking.question)


def _of_some_aggregates(asking: Asking) -> Iterator[str]:
    """The zones that the last events of some accounts, courses, groups and outcomes name."""
    for kind in _KINDS:
        for id in asking.reading.ids(kind, "", _OF_A_KIND):
            if (found := asking.reading.winner(kind, id, AFTER_ALL)) is not None:
                yield from _named(found.event.packed, asking.question)


def _named(packed: bytes, question: Question) -> Iterator[str]:
    """The zone that an event of the institution names."""
    try:
        metadata = parts_of(packed)["metadata"]
        uuid, root = institution_in(metadata)
    except (DamagedLog, ValueError, KeyError):  # `projector verify` finds it
        return
    zone = time_zone_of(metadata)
    if zone is not None and question.pin.tenancy.tenant_of(uuid, root) == question.tenant:
        yield zone


def _is_zone(name: str) -> bool:
    try:
        zone_named(name)
    except BadQuestion:
        return False
    return True
