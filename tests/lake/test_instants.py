"""The macro `instant` reads what a question reads, and DuckDB computes it before it reads a table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.ask.instants import Instant, instant_asked
from projector.domain.errors import BadQuestion
from projector.domain.instants import EARLIEST, LATEST, from_datetime
from tests.lake.conftest import INSTANTS, TABLES

ZONES = [
    "UTC",
    "America/Sao_Paulo",
    "America/Denver",
    "America/Nuuk",
    "Asia/Kathmandu",
    "Europe/Lisbon",
    "Pacific/Apia",
    "Africa/Monrovia",
    "Australia/Lord_Howe",
]
OFFSETS = [
    "",
    "Z",
    "z",
    "UTC",
    "utc",
    "Gmt",
    "+00",
    "-0800",
    "+05:45",
    "-00:44:30",
    "-0044:30",
    "+23:59:59",
    "+24:00",
    "+5",
]
NOT_UNIQUE = ["twice", "never", "invalid date-time"]


@cache
def connected(zone: str) -> duckdb.DuckDBPyConnection:
    """A connection whose session has a zone."""
    connection = duckdb.connect(":memory:")
    connection.execute(INSTANTS)
    connection.execute(TABLES)
    connection.execute(f"SET TimeZone = '{zone}'")
    return connection


def by_macro(asked: object, zone: str) -> int | str:
    """The microseconds of an argument, or in a word why it has none."""
    try:
        row = connected(zone).execute("SELECT epoch_us(instant(?))", [asked]).fetchone()
    except duckdb.Error as error:
        return refusal(str(error))
    assert row is not None
    return int(row[0])


def by_question(asked: Instant, zone: str) -> int | str:
    """The same as a question reads it."""
    try:
        return instant_asked(asked, zone)
    except BadQuestion as error:
        return refusal(str(error))


def refusal(message: str) -> str:
    """The word of a message that says what is wrong."""
    return next(word for word in NOT_UNIQUE if word in message)


zones = st.sampled_from(ZONES)
# where both libraries have the same data of zones: before clocks followed a zone, and since 1970
clocks = st.datetimes(max_value=datetime(1840, 1, 1)) | st.datetimes(datetime(1970, 1, 1), datetime(2037, 1, 1))
fractions = st.sampled_from(["", ".5", ".123456", ".9999999", ".000000999"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Date-times in every accepted spelling, and some in none."""
    clock, separator, offset = draw(clocks), draw(st.sampled_from("Tt _")), draw(st.sampled_from(OFFSETS))
    time = draw(st.sampled_from([f"{clock:%H:%M}", f"{clock:%H:%M:%S}{draw(fractions)}", f"{clock:%H:%M}:60", "24:00"]))
    space = draw(st.sampled_from(["", " ", "  "]))
    return f"{draw(st.sampled_from(['', ' ', chr(10)]))}{clock:%Y-%m-%d}{separator}{time}{space}{offset}"


@given(texts(), zones)
def test_a_text_means_what_it_means_in_a_question(text: str, zone: str) -> None:
    """Or both refuse it, for the same reason."""
    assert by_macro(text, zone) == by_question(text, zone)


@given(st.dates(max_value=date(1840, 1, 1)) | st.dates(date(1970, 1, 1)), zones)
def test_a_day_means_its_last_instant(day: date, zone: str) -> None:
    """As a DATE and as text; in the first and last year cut to what there is."""
    assert by_macro(day, zone) == by_macro(day.isoformat(), zone) == by_question(day, zone)


@given(st.datetimes(timezones=st.just(UTC)), zones)
def test_an_instant_means_itself(moment: datetime, zone: str) -> None:
    """Whatever the zone."""
    assert by_macro(moment, zone) == from_datetime(moment)


@given(clocks, zones)
def test_a_time_without_zone_is_read_in_the_sessions(clock: datetime, zone: str) -> None:
    """As its text is."""
    assert by_macro(clock, zone) == by_question(clock.isoformat(), zone)


CHANGES = [  # of the clocks: when, by the clocks before
    ("America/Sao_Paulo", datetime(2018, 11, 4, 0, 0)),
    ("America/Sao_Paulo", datetime(2019, 2, 17, 0, 0)),
    ("America/Denver", datetime(2020, 3, 8, 2, 0)),
    ("America/Denver", datetime(2020, 11, 1, 2, 0)),
    ("America/Nuuk", datetime(2024, 3, 30, 23, 0)),
    ("Asia/Kathmandu", datetime(1986, 1, 1, 0, 0)),
    ("Europe/Lisbon", datetime(2024, 10, 27, 2, 0)),
    ("Pacific/Apia", datetime(2011, 12, 30, 0, 0)),
    ("Africa/Monrovia", datetime(1972, 1, 7, 0, 0)),
    ("Australia/Lord_Howe", datetime(2024, 4, 7, 2, 0)),
]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@pytest.mark.slow
def test_times_around_a_change_of_the_clocks(zone: str, change: datetime) -> None:
    """To the microsecond, and the days there."""
    minutes = (0, 15, 30, 44.5, 45, 60, 61, 120, 180, 1440, 1441)
    steps = [
        timedelta(minutes=m) * sign + timedelta(microseconds=u) for m in minutes for sign in (1, -1) for u in (-1, 0)
    ]
    asked = [(change + step).isoformat() for step in steps]
    asked += [(change + timedelta(days=n)).date().isoformat() for n in range(-2, 3)]
    assert [by_macro(text, zone) for text in asked] == [by_question(text, zone) for text in asked]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2020-02-30",
        "2020-8-18",
        "0000-01-01",
        "0000-12-31T23:00:00-05:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:60",
        "9999-12-31T23:59:59.9999999",
        "2020-08-18Z",
        "2020-08-18+05:00",
        "2020-W34-2",
        "20200818",
        "2020-08-18T10",
        "2020-08-18T10:00:00.",
        "2020-08-18T10:00:00,5",
        "2020-08-18 \u00a0 10:00\u2003UTC",
        "2020-08-18 10:00:00\n-08:00",
        "２０２０-08-18",
        "infinity",
        "now",
        "2020-08-18 10:00 America/Denver",
        "'; --",
    ],
)
def test_odd_texts(text: str) -> None:
    """Are read, or refused, as in a question."""
    assert by_macro(text, "Europe/Lisbon") == by_question(text, "Europe/Lisbon")


def test_an_abbreviation_of_a_zone_is_refused() -> None:
    """DuckDB does not know it; a question does where the zone is the one asked in."""
    assert by_macro("2020-08-18 10:00 MDT", "America/Denver") == "invalid date-time"


def test_null_and_infinity() -> None:
    """NULL stays NULL; there is no instant before the year 1 or after 9999."""
    query = "SELECT instant(NULL), epoch_us(instant(TIMESTAMPTZ '-infinity')), epoch_us(instant(DATE 'infinity'))"
    assert connected("America/Denver").execute(query).fetchone() == (None, EARLIEST, LATEST)


def test_a_refusal_names_both_instants() -> None:
    """So that one can be copied."""
    with pytest.raises(
        duckdb.Error, match=r"showed 2020-11-01 01:30 twice; .*: 2020-11-01 07:30:00Z or 2020-11-01 08:30:00Z"
    ):
        connected("America/Denver").execute("SELECT instant('2020-11-01 01:30')")


@pytest.mark.parametrize(
    "asked", ["'2020-08-18'", "'2020-08-18 10:00'", "DATE '2020-08-18'", "TIMESTAMP '2020-08-18 10:00'"]
)
def test_a_filter_on_a_literal_is_pushed_down(asked: str) -> None:
    """As the instant that it is, into the scan of the table."""
    plan: Any = connected("UTC").execute(f"EXPLAIN FROM outcomes_as_of({asked})").fetchall()
    assert "valid_from <= '2020-08-18" in plan[0][1]
    assert "instant" not in plan[0][1]
