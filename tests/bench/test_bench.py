"""The benchmarks themselves: what they measure is lifelike, and the command runs."""

from __future__ import annotations

import sys
from collections import Counter
from importlib.util import find_spec

import pytest

from projector.domain.events import Ignored, LiveEvent
from projector.wire.decode import decode
from tests.bench import exports, lake, service, tables
from tests.bench.__main__ import count_of, main
from tests.bench.comparing import COMPARED
from tests.bench.lifelike import lifelike

COUNT = 3000


def test_lifelike_events_are_the_same_each_time() -> None:
    """For the same count and seed; another seed tells of other things."""
    assert list(lifelike(COUNT)) == list(lifelike(COUNT))
    assert list(lifelike(COUNT, seed=1)) != list(lifelike(COUNT))


def test_lifelike_events_are_what_canvas_sends() -> None:
    """None is refused, or has anything odd; most are results, a fifth of these of earlier ones."""
    lines = list(lifelike(COUNT))
    items = [decode(line) for line in lines]
    events = [item for item in items if isinstance(item, LiveEvent)]
    assert len(events) + sum(isinstance(item, Ignored) for item in items) == COUNT
    assert not any(event.warnings for event in events)
    names = Counter(event.name for event in events)
    created, updated = names["learning_outcome_result_created"], names["learning_outcome_result_updated"]
    assert 0.8 < (created + updated) / COUNT < 0.95
    assert 0.15 < updated / (created + updated) < 0.3
    assert {event.kind for event in events} >= {"outcome", "group", "link", "scale", "method", "course", "assessment"}
    assert 900 < sum(map(len, lines)) / COUNT < 1300


def test_lifelike_events_come_late_and_twice() -> None:
    """Some of them; all others in the order of their event_time."""
    events = [item for item in map(decode, lifelike(COUNT)) if isinstance(item, LiveEvent)]
    again = len(events) - len({event.digest for event in events})
    assert 0.01 < again / COUNT < 0.03
    latest, late = 0, 0
    for event in events:
        latest, late = max(latest, event.event_time), late + (event.event_time < latest)
    assert 0.01 < late / COUNT < 0.08


@pytest.mark.parametrize(("size", "count"), [("300", 300), ("20k", 20_000), ("2M", 2_000_000)])
def test_a_size_is_a_number(size: str, count: int) -> None:
    """As people write it."""
    assert count_of(size) == count


@pytest.mark.slow
def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """With everything in it that is installed."""
    compared = [name for name in COMPARED if name != "everything" or find_spec("duckdb")]
    main(["300", "--markdown", "--only", ",".join(compared)])
    table = capsys.readouterr().out
    assert "| replay, events a second" in table
    assert f"Python {sys.version.split()[0]}" in table


@pytest.mark.slow
def test_the_command_for_tables_shows_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is measured, also what is followed and one aggregate with many versions."""
    monkeypatch.setattr(lake, "VERSIONS", 300)
    tables.main(["--events", "3000", "--repeat", "1", "--markdown"])
    table = capsys.readouterr().out
    assert "| 3000 " in table
    assert "digest: without tables so" in table


@pytest.mark.slow
def test_the_command_for_exports_shows_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Each format, and DuckDB's own COPY."""
    exports.main(["--events", "3000", "--repeat", "1", "--markdown"])
    table = capsys.readouterr().out
    assert "| 3000 " in table
    assert "without two members" in table


@pytest.mark.slow
def test_the_command_for_the_service_prints_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of them: questions, posts, arrays, and answers while something else runs."""
    service.main(["--events", "3000", "--replayed", "3000", "--requests", "40", "--repeat", "1"])
    printed = capsys.readouterr().out
    for column in service.columns():
        assert f"{column.label}: " in printed
