"""Stretches without events, compared with the same hours of other weeks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from projector.domain.gaps import Silence
from projector.domain.instants import to_datetime

HOUR: Final = 3_600_000_000  # microseconds
WEEK: Final = 168  # hours

HourOfEvents = tuple[int, int, int, int]  # hour since 1970, count, first and last event_time (microseconds)


def silences(hours: Sequence[HourOfEvents], longer_than: float, now: int) -> Iterator[Silence]:
    """The silences in which events would have been expected, in order of time.

    Args:
        hours: Every hour with events, in order.
        longer_than: In hours.
        now: The last instant at which there could have been events.
    """
    counts = {hour: count for hour, count, _, _ in hours}
    edges: list[tuple[int, int | None]] = [(last, first) for (_, _, _, last), (_, _, first, _) in pairwise(hours)]
    if hours and now > hours[-1][3]:
        edges.append((hours[-1][3], None))
    for since, until in edges:
        length = ((now if until is None else until) - since) / HOUR
        if length < longer_than:
            continue
        quiet = range(since // HOUR + 1, (now if until is None else until) // HOUR)
        expected = _expected(counts, quiet, hours[0][0], hours[-1][0])
        if expected > 0:
            yield Silence(
                since=to_datetime(since),
                until=None if until is None else to_datetime(until),
                hours=length,
                expected=expected,
            )


def _expected(counts: Mapping[int, int], quiet: range, first: int, last: int) -> float:
    """How many events these hours usually have, by the median of the same weekday and hour in the other weeks."""
    from statistics import median  # with decimals and fractions: only here

    total = 0.0
    for hour_of_week, times in Counter(hour % WEEK for hour in quiet).items():
        start = first + (hour_of_week - first) % WEEK
        others = [counts.get(hour, 0) for hour in range(start, last + 1, WEEK) if hour not in quiet]
        total += times * median(others) if others else 0
    return total
