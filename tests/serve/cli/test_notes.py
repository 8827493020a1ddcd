"""Notes beside answers for people: the institution's zone, and instants in the future."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from freezegun import freeze_time

from tests.builders import mark, method, outcome, reported, scale
from tests.serve.shell import Shell, log_of

ZONE = (
    "projector: note: dates and times here are in {}; events of this institution use America/New_York;"
    " add --tz America/New_York, or set PROJECTOR_TZ"
)
FUTURE = "projector: note: {} in the future; the answer rests on the events received so far"
COMMANDS = {  # and whether they take an instant: {} is where
    "show outcome 7 --as-of {}": True,
    "history outcome 7": False,
    "why outcome 7 --as-of {}": True,
    "list outcome --as-of {}": True,
    "scale Course/1 --on {}": True,
    "method Course/1 --as-of {}": True,
    "tree Account/1 --as-of {}": True,
    "scores --as-of {}": True,
    "scores --scale-as-of {}": True,
    "scores --over 2024-04-01,{}": True,
    "impact Course/1 2024-04-01 {}": True,
    "impact Course/1 {} 2024-04-01": True,
    "diff 2024-04-01 {}": True,
    "gaps --as-of {}": True,
}


def log(zone: str | None = None) -> list[Any]:
    """A scale, a method, an outcome in a group, a score; the outcome's event of a request in a zone."""
    context = {"context_type": "Account", "context_id": "1"}
    cells = outcome("Cells", "2024-01-01T00:00:00Z", id="7", **context)
    if zone is not None:
        cells["metadata"]["time_zone"] = zone
    group = {"learning_outcome_group_id": "1", "title": "Root"} | context
    return [
        scale("2024-01-01T00:00:00Z"),
        method("highest"),
        reported("learning_outcome_group_created", group, "2024-01-01T00:00:00Z"),
        cells,
        mark("1", "Ada", 0.6),
    ]


@pytest.fixture
def school(run: Shell, tmp_path: Path) -> Shell:
    """A store of an institution in New York."""
    run("replay", log_of(tmp_path, *log("America/New_York")))
    return run


def notes(err: str) -> list[str]:
    """Those that are meant here, of what was said on stderr."""
    said = ("note: dates and times", " in the future; ")
    return [line for line in err.splitlines() if any(words in line for words in said)]


def the_rest(err: str) -> list[str]:
    """Everything else."""
    return [line for line in err.splitlines() if line not in notes(err)]


@pytest.mark.parametrize("words", COMMANDS)
@freeze_time("2024-07-01T12:00:00Z")
def test_another_zone_is_said_once(school: Shell, words: str, tmp_path: Path) -> None:
    """Behind the answer, which stays as it is; not with --json, nor in the institution's zone."""
    line = words.format("2024-05-01")
    ran = school(line)
    assert notes(ran.err) == [ZONE.format("UTC")]
    assert notes(school(line, "--tz", "Asia/Tokyo").err) == [ZONE.format("Asia/Tokyo")]
    for more in ("--json", "--tz America/New_York", "--tz America/Toronto"):  # clocks of Toronto show the same
        assert notes(school(f"{line} {more}").err) == []
    silent = Shell(tmp_path / "silent.db", school._capsys)
    silent("replay", log_of(tmp_path, *log()))
    without = silent(line)
    assert (without.code, notes(without.err), len(the_rest(without.err))) == (ran.code, [], len(the_rest(ran.err)))


@pytest.mark.parametrize("words", [words for words, takes in COMMANDS.items() if takes])
@freeze_time("2024-07-01T12:00:00Z")
def test_an_instant_in_the_future_is_said_once(school: Shell, words: str) -> None:
    """One later than the end of today in the zone that was asked for."""
    future = words.format("2030-01-01")
    assert notes(school(f"{future} --tz America/New_York").err) == [
        FUTURE.format("2030-01-01 23:59:59.999999 -05:00 is")
    ]
    assert notes(school(f"{future} --tz America/New_York --json").err) == []
    for today in ("2024-07-01", "2024-07-01T23:59:59.999999-04:00"):
        assert notes(school(f"{words.format(today)} --tz America/New_York").err) == []
    tomorrow = school(f"{words.format('2024-07-02T00:00:00')} --tz America/New_York")
    assert notes(tomorrow.err) == [FUTURE.format("2024-07-02 00:00:00 -04:00 is")]


@freeze_time("2024-07-01T23:30:00Z")
def test_today_is_that_of_the_zone(school: Shell) -> None:
    """It is the second of July in Tokyo already."""
    assert notes(school("list outcome --as-of 2024-07-02 --tz Asia/Tokyo").err) == [ZONE.format("Asia/Tokyo")]
    assert len(notes(school("list outcome --as-of 2024-07-02").err)) == 2


@freeze_time("2024-07-01T12:00:00Z")
def test_of_several_instants_in_the_future_the_first_is_named(school: Shell) -> None:
    """With the number of the others."""
    for line, more in (
        ("impact Course/1 2031-01-01 2030-01-01", "1 later instant"),
        ("diff 2030-01-01 2031-01-01", "1 later instant"),
        ("scores --over 2030-01-01,2031-01-01,2032-01-01", "2 later instants"),
    ):
        (note,) = notes(school(f"{line} --tz America/New_York").err)
        assert note == FUTURE.format(f"2030-01-01 23:59:59.999999 -05:00 and {more} are")


@freeze_time("2024-01-15T12:00:00Z")
@pytest.mark.parametrize("line", ["show outcome 7", "show outcome 7 --as-of 2024-01-14", "history outcome 7"])
def test_two_zones_are_the_same_where_they_have_the_same_times_all_year(school: Shell, line: str) -> None:
    """Lima is an hour behind New York in summer only, and a state may have begun in summer."""
    assert notes(school(f"{line} --tz America/Lima").err) == [ZONE.format("America/Lima")]
    for same in ("America/New_York", "US/Eastern", "America/Detroit"):
        assert notes(school(f"{line} --tz {same}").err) == []


@pytest.mark.parametrize("when", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_time(school: Shell, when: str) -> None:
    """Where no clock of New York can be read."""
    assert school(f"show outcome 7 --as-of {when}").code in (0, 1)


@pytest.mark.parametrize("words", ["evidence outcome 7", "evidence --learner Ada --outcome 7"])
@freeze_time("2024-07-01T12:00:00Z")
def test_a_page_of_evidence(school: Shell, words: str, tmp_path: Path) -> None:
    """Its times are in the zone, too; where nothing is written there are none."""
    out = f"--out {tmp_path / 'page.html'}"
    assert school(f"{words} --as-of 2030-01-01 {out}").err.splitlines() == [
        ZONE.format("UTC"),
        FUTURE.format("2030-01-01 23:59:59.999999 UTC is"),
    ]
    assert school(f"{words} --as-of 2030-01-01 --json {out}").err == ""
    assert notes(school(f"{words.replace('7', '8')} {out}").err) == []


def test_nothing_there_has_its_notes_and_its_exit_code(school: Shell) -> None:
    """An outcome without events."""
    for line in ("show outcome 9", "history outcome 9", "why outcome 9"):
        ran = school(line, "--tz", "Asia/Tokyo")
        assert (ran.code, notes(ran.err)) == (1, [ZONE.format("Asia/Tokyo")])


def test_a_name_that_steers_a_terminal_is_no_zone(run: Shell, tmp_path: Path) -> None:
    """It is not printed."""
    run("replay", log_of(tmp_path, *log("America/New_York\x1b[31m")))
    assert run("show outcome 7").err == ""


@pytest.mark.parametrize("damaged", [b"\x02", b"\xff" * 60])
def test_a_damaged_event_changes_no_answer_about_others(school: Shell, damaged: bytes) -> None:
    """It is passed over where the zone is looked for."""
    with closing(connect(school.store)) as connection, connection:
        connection.execute("UPDATE stored_events SET state = ? WHERE rowid = 5", (damaged,))
    ran = school("show outcome 7 --tz Asia/Tokyo")
    assert (ran.code, notes(ran.err)) == (0, [ZONE.format("Asia/Tokyo")])
