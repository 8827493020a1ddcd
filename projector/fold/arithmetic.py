"""Sums and rounding as Ruby does them, so that scores are Canvas' own to the last digit. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

_HUNDREDTHS: Final = 100.0
_WITHOUT_FRACTION: Final = 2.0**59  # from here on Ruby's rounding at two decimals gives a number back unchanged


def rounded(value: float) -> float:
    """A finite number at two decimals, as Ruby's ``Float#round(2)`` gives it.

    The nearest hundredth to 100 times the number as a double, half away from zero; then one more where the
    half above it, as a double, is not above the number. So 92.3 / 100 * 5 comes to 4.61 and not to 4.62.

    >>> rounded(4.125), rounded(-4.125), rounded(92.3 / 100 * 5)
    (4.13, -4.13, 4.61)
    """
    size = abs(value)
    if size >= _WITHOUT_FRACTION:
        return value
    scaled = size * _HUNDREDTHS
    whole = float(math.floor(scaled))
    if scaled - whole >= 0.5:
        whole += 1
    if (whole + 0.5) / _HUNDREDTHS <= size:
        whole += 1
    return math.copysign(whole, value) / _HUNDREDTHS + 0.0  # a zero has no sign


def summed(values: Iterable[float]) -> float:
    """A sum as Ruby's ``Array#sum`` gives it: what each addition loses is added at the end (Kahan and Babuška).

    >>> summed([0.1] * 10), sum([0.1] * 10)
    (1.0, 0.9999999999999999)
    """
    total = lost = 0.0
    for value in values:
        if not math.isfinite(value):
            return value
        grown = total + value
        if not math.isfinite(grown):
            return grown
        lost += (total - grown) + value if abs(total) >= abs(value) else (value - grown) + total
        total = grown
    return total + lost


def mean(values: Sequence[float]) -> float:
    """The mean of some numbers, at least one."""
    return summed(values) / len(values)
