"""The shapes are what their names say, nothing of them is refused, and the command over them runs."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from projector.domain.events import Ignored, LiveEvent
from projector.domain.ids import shard_of
from projector.domain.instants import instant_of
from projector.wire.decode import decode
from tests.bench import replaying, shaped, threads
from tests.bench.columns import Column
from tests.bench.shapes import FAR, SHAPES
from tests.bench.shapes.__main__ import write

COUNT = 2000
MONTH = 30 * 86_400_000_000  # microseconds


def log(shape: str, seed: int, count: int = COUNT) -> list[bytes]:
    """So many lines of a shape."""
    return list(SHAPES[shape](count, Random(seed)))


@cache
def lines(shape: str) -> list[bytes]:
    """The lines of one seed."""
    return log(shape, 41)


@cache
def events(shape: str) -> list[LiveEvent]:
    """Those of the catalogue."""
    return [item for item in map(decode, lines(shape)) if isinstance(item, LiveEvent)]


def bodies(shape: str, start: int = 0, end: int = COUNT) -> list[dict[str, Any]]:
    """The bodies of some lines."""
    return [json.loads(line)["body"] for line in lines(shape)[start:end]]


def share(those: int, of: int) -> float:
    """One number as a share of another."""
    return those / of


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.slow
def test_a_shape_is_the_same_for_a_seed(shape: str) -> None:
    """And another one for another seed."""
    assert log(shape, 5, 400) == log(shape, 5, 400)
    assert not {*log(shape, 5, 400)} & {*log(shape, 6, 400)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.slow
def test_every_event_is_accepted(shape: str) -> None:
    """Or is of another family; nothing is odd in it but what is meant to be."""
    items = [decode(line) for line in lines(shape)]
    assert len(items) == COUNT
    assert all(isinstance(item, LiveEvent | Ignored) for item in items)
    if shape != "unknown-members":
        assert not any(event.warnings for event in events(shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_has_every_kind(shape: str) -> None:
    """Created and updated, and by pages as well as by jobs; mostly results, but for the two that are not."""
    names = Counter(event.name for event in events(shape))
    assert len({event.kind for event in events(shape)}) >= 9
    assert sum(names[name] for name in names if name.endswith("_updated")) > COUNT / 10
    results = names["learning_outcome_result_created"] + names["learning_outcome_result_updated"]
    few = shape in ("large-bodies", "outcome-heavy")
    assert share(results, COUNT) < 0.3 if few else share(results, COUNT) > 0.6
    metadata = [json.loads(line)["metadata"] for line in lines(shape)]
    assert any("job_id" in part for part in metadata)
    assert any(part.get("context_type") == "Course" for part in metadata)


def test_four_tenants_of_one_size_have_random_ids() -> None:
    """Two of them 15 to 19 digits; none has its results in the order of their ids."""
    tenants = Counter(event.uuid for event in events("four-tenants"))
    assert len(tenants) == 4
    assert min(tenants.values()) > 0.2 * COUNT
    created = [event for event in events("four-tenants") if event.name == "learning_outcome_result_created"]
    digits = {uuid: {len(event.id or "") for event in created if event.uuid == uuid} for uuid in tenants}
    assert sorted(min(some) >= 15 and max(some) == 19 for some in digits.values()) == [False, False, True, True]
    rising = sum(int(before.id or 0) < int(after.id or 0) for before, after in pairwise(created))
    assert 0.4 < share(rising, len(created)) < 0.6


def test_forty_tenants_are_of_unequal_size() -> None:
    """The largest has a fifth and more; some name only their uuid, some only their root account."""
    tenants = Counter(event.uuid or event.root_account for event in events("forty-tenants"))
    assert len(tenants) == 40
    assert max(tenants.values()) > 0.2 * COUNT > 20 * min(tenants.values())
    assert any(event.uuid is None for event in events("forty-tenants"))
    assert any(event.root_account is None for event in events("forty-tenants"))


def test_half_of_the_bodies_have_global_ids() -> None:
    """Of the institution's own shard."""
    of_results = [event for event in events("global-ids") if event.kind == "result"]
    ids = [str(json.loads(event.text)["body"]["id"]) for event in of_results]
    assert 0.45 < share(sum(shard_of(id) is not None for id in ids), len(of_results)) < 0.55
    assert not any(event.has_global_id for event in of_results)


def test_three_tenths_of_results_have_no_id() -> None:
    """Some of these name no learner; some get an id later."""
    results = [
        body
        for body, item in zip(bodies("without-ids"), map(decode, lines("without-ids")), strict=True)
        if isinstance(item, LiveEvent) and item.kind == "result"
    ]
    without = [body for body in results if "id" not in body]
    assert 0.25 < share(len(without), len(results)) < 0.35
    assert 0.2 < share(sum("user_uuid" not in body for body in without), len(without)) < 0.5


def test_a_fifth_is_late_by_months_and_a_tenth_comes_twice() -> None:
    """And one is dated in the year 9999."""
    found = [event for event in events("late-and-twice") if event.event_time != instant_of(FAR)]
    assert 1 <= len(events("late-and-twice")) - len(found) <= 2  # it may come twice
    seen, latest, late, twice = set[bytes](), 0, 0, 0
    for event in found:
        again = event.digest in seen
        seen.add(event.digest)
        twice += again
        late += not again and event.event_time < latest - MONTH
        latest = max(latest, event.event_time)
    assert 0.15 < share(late, COUNT) < 0.25
    assert 0.06 < share(twice, COUNT) < 0.13


def test_large_bodies_are_large_and_not_ascii() -> None:
    """2 to 8 kB of text, most of it of other alphabets; some of it escaped."""
    sizes = [len(body["description"].encode()) for body in bodies("large-bodies") if "rubric_criterion" in body]
    assert share(len(sizes), COUNT) > 0.4
    assert 1800 < min(sizes) < 2500
    assert 6500 < max(sizes) < 8500
    text = "".join(body["description"] for body in bodies("large-bodies") if "rubric_criterion" in body)
    assert share(sum(letter > "~" for letter in text), len(text)) > 0.5
    escaped = [line.isascii() for line in lines("large-bodies") if len(line) > 3000]
    assert {True, False} == {*escaped}


def test_the_second_half_looks_different() -> None:
    """Other institutions, other ids, an order of members that the first half never has, and other shares of kinds."""
    half = COUNT // 2
    parts = [[json.loads(line) for line in lines("drifting")[at : at + half]] for at in (0, half)]
    first, second = ({event["metadata"]["root_account_uuid"] for event in part} for part in parts)
    assert not first & second
    orders = [{tuple(event["body"]) for event in part if "score" in event["body"]} for part in parts]
    assert not orders[0] & orders[1]
    without, later = (
        share(sum("score" in event["body"] and "id" not in event["body"] for event in part), half) for part in parts
    )
    assert without > 0.5 > later == 0


def test_outcomes_with_long_criteria_are_revised_again_and_again() -> None:
    """Most events are of outcomes, groups and links, with five ratings and more."""
    names = Counter(event.name for event in events("outcome-heavy"))
    assert names["learning_outcome_updated"] > names["learning_outcome_created"]
    criteria = [body["rubric_criterion"] for body in bodies("outcome-heavy") if "rubric_criterion" in body]
    assert share(len(criteria), COUNT) > 0.4
    assert {len(criterion["ratings"]) for criterion in criteria} == {5, 6, 7, 8, 9}


def test_half_of_the_events_have_members_that_nobody_knows() -> None:
    """So that half of them have a warning."""
    warned = [event for event in events("unknown-members") if event.warnings]
    assert 0.4 < share(len(warned), COUNT) < 0.6
    texts = {warning for event in warned for warning in event.warnings}
    assert "unknown field body.alignment of result" in texts
    assert 'unknown workflow_state "parked" of result' in texts


def test_a_fresh_process_has_the_same_log(tmp_path: Path) -> None:
    """Nothing depends on the process: the bytes that are written are those of the shape."""
    write("drifting", 300, 9, tmp_path / "log")
    assert (tmp_path / "log").read_bytes() == b"".join(
        line + b"\n" for line in SHAPES["drifting"](300, Random("9 drifting"))
    )


def test_nothing_of_a_shape_goes_to_quarantine(tmp_path: Path) -> None:
    """Every line is appended, known, or of another family."""
    write("late-and-twice", 500, 9, tmp_path / "log")
    figures = replaying.replay(str(tmp_path / "log"), str(tmp_path / "store"))
    assert figures["read"] == 500
    assert 0 < figures["appended"] < figures["events"] < 500


def test_the_worst_of_a_speed_is_the_least() -> None:
    """And of a time the greatest, each with its log's name."""
    found = {
        "one": {"ours": {"seconds": 4.0, "events": 2}, "limit": {"seconds": 1.0, "events": 2}},
        "two": {"ours": {"seconds": 2.0, "events": 2}, "limit": {"seconds": 1.0, "events": 2}},
        "unknown": {"log": {"count": 2.0}},
    }
    assert Column.speed("", "ours", "limit").over(found) == ("0.38", "0.25 (one)")
    assert Column.time("", "ours", "limit").over(found) == ("3.00", "4.00 (one)")
    assert Column.speed("", "ours", "limit").cell(found["two"]) == "0.50 (1000000.0 : 500000.0 µs)"
    assert Column.speed("", "ours", "limit").cell(found["unknown"]) == ""


def test_an_unknown_shape_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is measured."""
    with pytest.raises(SystemExit):
        shaped.main(["--shapes", "round"])
    assert "unknown: round" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_prints_the_seed_and_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each shape, the median and the worst; and how time grows from one size to the next."""
    shapes = "drifting,global-ids"
    shaped.main(["--events", "200,300", "--repeat", "1", "--seed", "77", "--only", "bare", "--shapes", shapes])
    printed, progress = capsys.readouterr()
    assert printed.startswith("seed 77; ")
    assert all(printed.count(f" {row} ") == 2 for row in (*shapes.split(","), "median", "worst"))
    assert "time an event" in printed  # a long heading may go over two lines
    assert "300 drifting: store, of the log's bytes: " in progress


@pytest.mark.slow
def test_the_command_measures_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """On one core, of one shape."""
    arguments = ["--events", "200", "--repeat", "1", "--shapes", "without-ids", "--cores", "1", "--markdown"]
    shaped.main([*arguments, "--only", ",".join(shaped.COMPARED)])
    printed = " ".join(capsys.readouterr().out.split())
    assert "; 1 cores; " in printed
    assert printed.count("| without-ids |") == 3
    for words in (
        "speed of plain library's",
        "verify: speed of",
        "view.get",
        f"{threads.THREADS} threads",
        "folder of",
    ):
        assert words in printed
