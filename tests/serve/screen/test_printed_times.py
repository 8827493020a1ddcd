"""Every time that is printed can be asked for as it is printed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector.ask.instants import instant_asked
from projector.domain.instants import EARLIEST, LATEST, SECOND, from_datetime, to_datetime, to_text
from projector.serve.json.versions import instant as instant_text
from projector.serve.screen.text import moment
from tests.builders import outcome
from tests.serve.shell import Shell, log_of

ZONES = (
    "UTC",
    "Africa/Monrovia",  # 44 minutes and 30 seconds behind until 1972
    "America/Denver",
    "America/Sao_Paulo",  # names its offsets by numbers
    "America/St_Johns",  # clocks changed at one minute past midnight
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Lord_Howe",  # summer time of half an hour
    "Etc/GMT+12",
    "Europe/Amsterdam",
    "Europe/Dublin",  # winter time is the exception
    "Europe/London",
    "Europe/Moscow",  # in October 2014 one hour twice, both called MSK
    "Pacific/Apia",  # without a 30 December 2011
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)
WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[T\s]\s*\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\s+UTC|\s*[+-][\d:]+)")


def changes(tz: str) -> list[int]:
    """The instants, to the second, at which a zone's clocks were changed."""
    zone, found = ZoneInfo(tz), []
    for year in range(1840, 2030):
        days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(0, 371, 5)]
        for before, after in pairwise(days):
            if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
                low, high = from_datetime(before) // SECOND, from_datetime(after) // SECOND
                while high - low > 1:
                    middle = (low + high) // 2
                    same = (
                        to_datetime(middle * SECOND).astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
                    )
                    low, high = (middle, high) if same else (low, middle)
                found.append(high * SECOND)
    return found


CHANGES = {tz: changes(tz) for tz in ZONES}


def near(instants: list[int]) -> st.SearchStrategy[int]:
    """Instants within hours of these."""
    return st.builds(int.__add__, st.sampled_from(instants), st.integers(-7200, 7200).map(lambda n: n * SECOND))


zones = st.sampled_from(ZONES)
fractions = st.sampled_from([0, 526_000, 999_999, 1])
edges = st.sampled_from([EARLIEST, LATEST]) | near([EARLIEST, LATEST])
moments = edges.map(lambda instant: min(max(instant, EARLIEST), LATEST)) | st.integers(EARLIEST, LATEST)
in_a_zone = zones.flatmap(lambda tz: st.tuples(st.just(tz), near([*CHANGES[tz], 0]) | moments))


@given(in_a_zone, fractions, zones)
def test_a_time_on_a_screen_reads_back(drawn: tuple[str, int], fraction: int, asked_in: str) -> None:
    """In whatever zone it was printed, and in whatever zone it is asked."""
    tz, instant = drawn
    instant = min(instant // SECOND * SECOND + fraction, LATEST)
    printed = moment(to_datetime(instant), tz)
    assert WRITTEN.fullmatch(printed)
    assert instant_asked(printed, asked_in) == instant


@given(moments, zones)
def test_a_time_in_json_reads_back(instant: int, asked_in: str) -> None:
    """Answers, receipts and the sentence that lists a setting."""
    for printed in (to_text(instant), instant_text(to_datetime(instant)), to_datetime(instant).isoformat()):
        assert printed is not None
        assert instant_asked(printed, asked_in) == instant


@given(
    st.sampled_from([tz for tz in ZONES if CHANGES[tz]]).flatmap(lambda tz: st.tuples(st.just(tz), near(CHANGES[tz])))
)
def test_the_choices_of_a_refused_time_can_be_asked(drawn: tuple[str, int]) -> None:
    """A time that the clocks showed twice or never: each spelling that the message offers is accepted."""
    tz, instant = drawn
    local = to_datetime(instant).astimezone(ZoneInfo(tz)).replace(tzinfo=None)
    try:
        assert instant_asked(local.isoformat(), tz) == instant
    except projector.BadQuestion as error:
        choices = {
            instant_asked(choice, tz) for choice in re.findall(r"\d{4}-\S+T\S+", str(error).split("offset: ")[1])
        }
        assert len(choices) == 2
        assert instant in choices


@pytest.mark.parametrize(
    ("tz", "printed", "instant"),
    [
        ("America/Denver", "2019-11-05 03:03:37.526 MST", "2019-11-05T10:03:37.526Z"),
        ("America/Denver", "2024-11-03 01:30:00 MDT", "2024-11-03T07:30:00Z"),
        ("America/Denver", "2024-11-03 01:30:00 MST", "2024-11-03T08:30:00Z"),
        ("Europe/London", "2024-07-01 12:00 BST", "2024-07-01T11:00:00Z"),
        ("America/Sao_Paulo", "2024-07-01 12:00:00 UTC-03", "2024-07-01T15:00:00Z"),
    ],
)
def test_times_as_earlier_releases_printed_them(tz: str, printed: str, instant: str) -> None:
    """With the zone's abbreviation: read in that zone, and in no other."""
    assert instant_asked(printed, tz) == instant_asked(instant, "UTC")
    with pytest.raises(projector.BadQuestion, match="invalid date-time"):
        instant_asked(printed, "Asia/Tokyo")


@pytest.mark.parametrize("text", ["2014-10-26 01:30:00 MSK", "2019-11-05 03:03:37 MSD", "2019-11-05 MSK", "MSK"])
def test_an_abbreviation_that_says_nothing_is_refused(text: str) -> None:
    """Two instants of one name, another time's name, no time."""
    with pytest.raises(projector.BadQuestion, match="invalid date-time"):
        instant_asked(text, "Europe/Moscow")


@pytest.mark.parametrize("tz", ["UTC", "America/Denver", "Asia/Kathmandu", "Africa/Monrovia"])
def test_every_time_of_an_answer_can_be_pasted(run: Shell, tmp_path: Path, tz: str) -> None:
    """Screens, JSON and the evidence page: each time that they show is accepted by --as-of, in any zone."""
    days = ("1899-03-01T10:00:00.5Z", "1971-06-01T10:00:00Z", "2024-03-01T10:00:00.000001Z")
    run("replay", log_of(tmp_path, *(outcome(f"Cells {day}", day, updated_at=day) for day in days)))
    run("settings account_level_mastery_scales off --from 2024-01-01")
    page = tmp_path / "page.html"
    printed = "".join(
        run(*line.split(), "--tz", tz).out
        for line in (
            "show outcome 12345 --as-of 2000-01-01",
            "show outcome 12345 --json",
            "history outcome 12345",
            "history outcome 12345 --json",
            "why outcome 12345",
            "why outcome 12345 --json",
            "list outcome",
            "settings",
            "settings --json",
            f"evidence outcome 12345 --out {page}",
        )
    )
    printed += page.read_text(encoding="utf-8")
    times = WRITTEN.findall(printed)
    assert len(set(times)) > len(days)
    assert len(times) == len(re.findall(r"(?<![-+])\d\d:\d\d:\d\d", printed)), "a time without its offset"
    for time in set(times):
        for asked_in in ("UTC", tz):
            asked = run("show", "outcome", "12345", "--as-of", time, "--tz", asked_in)
            assert asked.code in (0, 1), asked.err
