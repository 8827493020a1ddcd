"""Every spelling of an instant that Canvas uses, and none of those it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.instants import (
    DAY,
    EARLIEST,
    LATEST,
    SECOND,
    from_datetime,
    instant_of,
    read_instant,
    read_many,
    to_datetime,
    to_text,
)

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
        "2019-11-05T10:30Z",
        "2019-11-05t10:30z",
        "2019-11-05 10:30:00 UTC",
        "2019-11-05 10:30 utc",
        "2019-11-05T10:30:00UTC",
        "2019-11-05 10:30:00.000 GMT",
        "2019-11-05T10:30:00+00",
        "2019-11-05 10:30 +00",
        "2019-11-05 02:30:00 -0800",
        "2019-11-05T02:30-08",
        "2019-11-05 02:30 -08:00",
        "2019-11-05 03:29:04 -07:00:56",
    ],
)
def test_spellings_of_one_instant(text: str) -> None:
    """Offsets of any kind, fractions cut off after the microsecond."""
    assert read_instant(text) == (from_datetime(HALF_PAST), True)


def test_without_an_offset_it_is_utc_and_says_so() -> None:
    """The second value tells that none was given."""
    for text in ("2019-11-05T10:30:00", "2019-11-05 10:30:00.0", "2019-11-05T10:30", "2019-11-05 10:30"):
        assert read_instant(text) == (from_datetime(HALF_PAST), False)


def test_a_leap_second_is_the_next_second() -> None:
    """It has happened, and must not be refused."""
    assert instant_of("2016-12-31T23:59:60Z") == instant_of("2017-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "value",
    [
        "2019-11-05",
        "2019-11-05T10Z",
        "2019-11-05T10:30.5Z",
        "2019-11-05T10:3Z",
        "2019-11-05T24:00Z",
        "2019-11-05T10:30:00+24:00",
        "2019-11-05T10:30:00+24",
        "2019-11-05T10:30:00+05:30:60",
        "2019-11-05T10:30:00+5",
        "2019-11-05T10:30:00+053",
        "2019-11-05 10:30:00 MST",
        "2019-11-05 10:30:00 UTC+2",
        "2019-11-05 10:30:00  UTC",
        "2019-11-05 10:30:00 UT",
        "2019-11-05 10:30:00 ZUTC",
        "2019-11-05T10:30:00Z UTC",
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


@given(
    st.integers(EARLIEST + 2 * DAY, LATEST - 2 * DAY).map(lambda instant: instant // SECOND * SECOND),
    st.integers(-1439, 1439),
    st.sampled_from(["T", "t", " "]),
    st.sampled_from(["", " "]),
    st.sampled_from(["{sign}{h:02}:{m:02}", "{sign}{h:02}{m:02}", "{sign}{h:02}"]),
    st.text("0123456789", max_size=12),
    st.booleans(),
)
def test_any_spelling_of_any_instant(
    instant: int, minutes: int, between: str, space: str, offset: str, fraction: str, to_the_minute: bool
) -> None:
    """Read as the standard library reads the plain spelling of it, cut off after the microsecond."""
    if offset.endswith("{h:02}"):
        minutes = minutes // 60 * 60 if minutes >= 0 else -(-minutes // 60 * 60)
    sign, ahead = "-" if minutes < 0 else "+", abs(minutes)
    local = to_datetime(instant).astimezone(timezone(timedelta(minutes=minutes)))
    text = local.strftime("%m-%d") + between + local.strftime("%H:%M")
    expected = local.replace(second=0)
    if not to_the_minute:
        text += local.strftime(":%S") + (f".{fraction}" if fraction else "")
        expected = local.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    text = f"{local.year:04}-{text}{space}" + offset.format(sign=sign, h=ahead // 60, m=ahead % 60)
    assert read_instant(text) == (from_datetime(expected), True)


@given(st.text("0123456789-:.+ TtZzUuCcGgMm", max_size=40))
def test_a_remembered_text_is_read_the_same(text: str) -> None:
    """Short or long, at the first and at the second time."""
    for spelled in (text, f"2019-11-05T10:30:00{text}"):
        expected = read_instant(spelled)
        for _ in range(2):
            assert instant_of(spelled) == (None if expected is None else expected[0])


def test_a_fraction_of_any_length() -> None:
    """Longer than what is remembered, too."""
    assert instant_of("2019-11-05T10:30:00." + "9" * 5000 + "Z") == from_datetime(HALF_PAST) + 999_999


_two = st.integers(0, 65).map("{:02}".format)
_written = st.builds(
    "{}-{}-{}{}{}:{}:{}{}{}".format,
    st.sampled_from(["0000", "0001", "1969", "2019", "2024", "9999", "２０２４"]),
    st.sampled_from(["00", "01", "02", "12", "13"]),
    st.sampled_from(["00", "01", "29", "30", "31"]),
    st.sampled_from(["T", " ", "t"]),
    _two,
    _two,
    _two,
    st.sampled_from(["", ".526", ".5", ".526123"]),
    st.sampled_from(["Z", "z", "", "+02:00", "-08:00", " -0800", " +0060", "+23:59", "-24:00", " UTC"]),
)


@given(st.sets(_written | st.sampled_from(["soon", "", "2024-03-01"]), max_size=12))
def test_many_instants_are_read_as_each_of_them(texts: set[str]) -> None:
    """Those that name one and have an offset."""
    each = {text: read for text in texts if (read := read_instant(text)) is not None}
    assert read_many(texts) == {text: instant for text, (instant, has_offset) in each.items() if has_offset}
