"""The sources of a batch's events, as spans: a source counts from one event until the next span begins."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

Spans = Sequence[tuple[int, str]]  # the index of the first event, from 0 and rising, and the source


def spans_among(spans: Spans, chosen: Sequence[int]) -> list[tuple[int, str]]:
    """The spans of some of the events, counted among these; no two neighbours are of one source.

    Args:
        chosen: The indexes of these events, rising.

    >>> spans_among([(0, "a"), (2, "b"), (3, "a"), (5, "c")], [1, 4, 5, 6])
    [(0, 'a'), (2, 'c')]
    """
    found: list[tuple[int, str]] = []
    for start, source in spans:
        place = bisect_left(chosen, start)
        if found and found[-1][0] == place:  # none was chosen of the source before
            found.pop()
        if place < len(chosen) and not (found and found[-1][1] == source):
            found.append((place, source))
    return found
