"""Where in time exactly one of several spans lies. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from attrs import define, field

from projector.fold.continuation import NEVER


class Alone(NamedTuple):
    """From when until when, NEVER included, the span of one number is the only one."""

    begins: int
    ends: int
    number: int


@define
class Spans:
    """One span of time at most for each of some numbers, which change one at a time."""

    _spans: dict[int, tuple[int, int]] = field(factory=dict, init=False)
    _bounds: list[tuple[int, int, int]] = field(factory=list, init=False)  # time, 1 or -1, number; in order

    def put(self, number: int, begins: int, ends: int) -> bool:
        """Make this the span of a number; one that ends where it begins, or before, does not count.

        Returns:
            Whether that is another one than before.
        """
        old, new = self._spans.pop(number, None), (begins, ends) if begins < ends else None
        if new is not None:
            self._spans[number] = new
        if old == new:
            return False
        for bound in _bounds(number, old):
            del self._bounds[bisect_left(self._bounds, bound)]
        for bound in _bounds(number, new):
            insort(self._bounds, bound)
        return True

    def alone(self) -> Iterator[Alone]:
        """The stretches of time, in order, in which exactly one span lies.

        >>> spans = Spans()
        >>> spans.put(1, 10, 20), spans.put(2, 15, 30)
        (True, True)
        >>> [tuple(one) for one in spans.alone()]
        [(10, 15, 1), (20, 30, 2)]
        """
        count = total = last = 0  # the sum of the numbers is, where there is one, that number
        for time, step, number in self._bounds:
            if count == 1 and last < time:
                yield Alone(last, time, total)
            count, total, last = count + step, total + step * number, time
        if count == 1:
            yield Alone(last, NEVER, total)


def _bounds(number: int, span: tuple[int, int] | None) -> Iterator[tuple[int, int, int]]:
    if span is not None:
        yield span[0], 1, number
        if span[1] != NEVER:
            yield span[1], -1, number


def alone_together(ones: Sequence[Alone], others: Sequence[Alone]) -> Iterator[tuple[Alone, int]]:
    """The stretches, in order, in which there is exactly one of each: that of the first, and the second's number.

    >>> [(tuple(one), other) for one, other in alone_together([Alone(10, 20, 1)], [Alone(5, 15, 7), Alone(18, 30, 8)])]
    [((10, 15, 1), 7), ((18, 20, 1), 8)]
    """
    at = [0, 0]
    while at[0] < len(ones) and at[1] < len(others):
        one, other = ones[at[0]], others[at[1]]
        begins, ends = max(one.begins, other.begins), min(one.ends, other.ends)
        if begins < ends:
            yield Alone(begins, ends, one.number), other.number
        at[one.ends > other.ends] += 1
