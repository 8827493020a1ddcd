"""Every spelling of an instant that Canvas uses, and none of those it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.instants import EARLIEST, LATEST, from_datetime, instant_of, read_instant, to_datetime, to_text

HALF_PAST = datetime(2019, 11, 5, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2019-11-05T10:30:00Z",
        "2019-11-05t10:30:00z",
        "2019-11-05T10:30:00.000Z",
        "2019-11-05T10:30:00.0000009Z",
        "2019-11-05T03:30:00-07:00",
        "2019-11-05T03:30:00-0700",
        "2019-11-05 03:30:00 -0700",
        "2019-11-05T16:00:00+05:30",
        "2019-11-05 10:30:00Z",
    ],
)
def test_spellings_of_one_instant(text: str) -> None:
    """Offsets of any kind, fractions cut off after the microsecond."""
    assert read_instant(text) == (from_datetime(HALF_PAST), True)


def test_without_an_offset_it_is_utc_and_says_so() -> None:
    """The second value tells that none was given."""
    assert read_instant("2019-11-05T10:30:00") == (from_datetime(HALF_PAST), False)


def test_a_leap_second_is_the_next_second() -> None:
    """It has happened, and must not be refused."""
    assert instant_of("2016-12-31T23:59:60Z") == instant_of("2017-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "value",
    [
        "2019-11-05",
        "2019-11-05T10:30Z",
        "2019-11-05T10:30:00+24:00",
        "2019-11-05T10:30:00+05:61",
        "2019-11-05T24:00:00Z",
        "2019-02-29T10:30:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2019-11-05T10:30:00.Z",
        "2019-11-05T10:30:00  Z",
        " 2019-11-05T10:30:00Z",
        "٢٠١٩-11-05T10:30:00Z",
        "now",
        "",
        1572949800,
        None,
        True,
        [],
    ],
)
def test_what_is_no_instant(value: object) -> None:
    """A date alone, impossible dates, other types."""
    assert read_instant(value) is None


@given(st.integers(EARLIEST, LATEST))
def test_an_instant_is_written_and_read_again(instant: int) -> None:
    """To the microsecond, over all years."""
    assert instant_of(to_text(instant)) == instant == from_datetime(to_datetime(instant))
