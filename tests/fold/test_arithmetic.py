"""Ruby's rounding and sums, by its rules written out once more, exactly, and by numbers that Ruby gave."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.fold.arithmetic import mean, rounded, summed


def as_ruby_rounds(value: float) -> float:
    """``Float#round(2)`` in exact arithmetic, a double only where Ruby has one.

    Ruby takes the double nearest to 100 times the number, rounds that to a whole number, half away from zero,
    and takes one more where the double nearest to (whole + 1/2) / 100 is not above the number. It holds for
    numbers up to a trillion; beyond 2 ** 52 hundredths a double knows no halves.
    """
    size = Fraction(abs(value))
    hundredfold = float(size * 100)
    whole = int(Decimal(hundredfold).to_integral_value(ROUND_HALF_UP))
    if Fraction(float(Fraction(2 * whole + 1, 200))) <= size:
        whole += 1
    return math.copysign(float(Fraction(whole, 100)), value)


def a_table(rows: int = 1000) -> list[float]:
    """Values as scores come to be, and such as lie just beside a half."""
    random, table = Random(20_241_106), list[float]()
    while len(table) < rows:
        share = random.choice([random.randrange(1001) / 10 / 100, random.randrange(10_001) / 10_000, random.random()])
        value = share * random.choice([1, 3, 4, 5, 10, 100])
        half = random.randrange(1, 1000) / 200
        table += [value, -value, half, math.nextafter(half, 9), math.nextafter(half, 0), value * 0.65 + half * 0.35]
    return table[:rows]


def test_rounding_is_rubys() -> None:
    """A thousand values, of which plain rounding half up with a tolerance gets some wrong."""
    table = a_table()
    assert [rounded(value) for value in table] == [as_ruby_rounds(value) for value in table]
    with_tolerance = [math.copysign(math.floor(abs(v) * 100 + 0.5 + 1e-9) / 100, v) for v in table]
    assert sum(a != b for a, b in zip(map(rounded, table), with_tolerance, strict=True)) > 20


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4.125, 4.13),
        (15.924999999999999, 15.93),
        (92.3 / 100 * 5, 4.61),
        ((2.01 + 1.22) / 2, 1.61),
        (1.005, 1.01),
        (2.675, 2.68),
        (0.285, 0.29),
        (1.015, 1.02),
        (-1.115, -1.12),
        (-4.125, -4.13),
        (0.005, 0.01),
        (-0.004, 0.0),
        (5e-324, 0.0),
        (45035996273705.0, 45035996273705.01),  # so it does
        (2.5e17, 2.5e17),
        (1.7e308, 1.7e308),
        (-1.7e308, -1.7e308),
    ],
)
def test_numbers_that_ruby_gave(value: float, expected: float) -> None:
    """Each was put to Ruby itself."""
    found = rounded(value)
    assert found == expected
    assert math.copysign(1, found) == (1 if expected == 0 else math.copysign(1, expected))


@given(st.floats(-1e12, 1e12))
def test_any_number_is_rounded_as_ruby_rounds_it(value: float) -> None:
    """Also far from any score."""
    assert rounded(value) == as_ruby_rounds(value)
    assert rounded(rounded(value)) == rounded(value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1] * 10, 1.0),
        ([0.1, 0.2, 0.3], 0.6),
        ([3.0, 5.3e-16, 5.3e-16], 3.000000000000001),
        ([1e100, 1.0, -1e100], 1.0),
        ([1.0, 1e100, 1.0, -1e100], 2.0),
        ([1e16, 1.0, 1.0], 10000000000000002.0),
        ([], 0.0),
    ],
)
def test_sums_are_rubys(values: list[float], expected: float) -> None:
    """What each addition loses is added at the end."""
    assert summed(values) == expected


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_a_sum_of_scores_is_exact_to_the_last_digits(values: list[float]) -> None:
    """Within two units in the last place of the true sum."""
    exact = float(sum(map(Fraction, values)))
    assert abs(summed(values) - exact) <= 2 * math.ulp(exact)


@pytest.mark.parametrize("values", [[1.7e308, 1.7e308], [-1.7e308, -1.7e308, 5.0], [math.inf, 1.0]])
def test_what_is_beyond_a_double_stays_beyond_it(values: list[float]) -> None:
    """And is not a number by chance."""
    assert math.isinf(summed(values))
    assert math.isinf(mean(values))
