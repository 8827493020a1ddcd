"""Clocks that go wrong: times of recording rise strictly, and what cannot be put right is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import projector
from tests.builders import outcome

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def clock(*seconds: float) -> Callable[[], datetime]:
    """A clock that shows noon and so many seconds, one after the other, then the last for ever."""
    times = list(seconds)
    return lambda: NOON + timedelta(seconds=times.pop(0) if len(times) > 1 else times[0])


def recorded(p: projector.Projector) -> list[float]:
    """When the batches were recorded, in seconds from noon."""
    return [batch.recorded_at / 1e6 - NOON.timestamp() for batch in p.store.log.batches()]


def test_a_clock_that_steps_back_by_minutes_is_bridged(store: Path) -> None:
    """Each batch is a microsecond later than the one before, until the clock has come up."""
    with projector.open(store, clock=clock(60, 0, -200, 61)) as p:
        for number in range(4):
            p.append(outcome(f"Cells {number}"))
        assert recorded(p) == pytest.approx([60, 60.000001, 60.000002, 61], abs=1e-7)
        assert p.verify().damage is None
        first = next(p.store.log.batches()).recorded_at
        assert p.store.pin(first).position == 1


@pytest.mark.parametrize(("behind", "appended"), [(299.9, 1), (300, 1), (300.1, 0)])
def test_the_last_recording_may_be_five_minutes_ahead_of_the_clock(store: Path, behind: float, appended: int) -> None:
    """Not more."""
    with projector.open(store, clock=clock(0)) as p:
        p.append(outcome("Cells"))
    with projector.open(store, clock=clock(-behind)) as p:
        if appended:
            assert p.append(outcome("Cell biology")).appended == 1
            return
        with pytest.raises(projector.StoreError, match="set the clock right"):
            p.append(outcome("Cell biology"))
        assert len(p.history("outcome", "12345")) == 1


def test_a_clock_that_was_years_ahead_can_be_got_over(store: Path, tmp_path: Path) -> None:
    """The store still answers but takes nothing; its log replayed into a new store goes on."""
    with projector.open(store, clock=clock(3 * 365 * 86400)) as p:
        p.append([outcome("Cells"), outcome("Cell biology", "2024-04-01T10:00:00Z")])
        digest, lines = p.digest(), list(p.log_lines())
    with projector.open(store, clock=clock(0)) as p:
        for write in (lambda: p.append(outcome("New")), lambda: p.set("account_level_mastery_scales", "off")):
            with pytest.raises(projector.StoreError) as refused:
                write()
        assert str(refused.value) == (
            "the last events were recorded at 2028-12-31T12:00:00.000000Z, ahead of this machine's clock"
            " (2026-01-01T12:00:00.000000Z); set the clock right; if it was wrong then, begin a new store:"
            " projector export --log FILE, then projector replay FILE --store NEW"
        )
        assert p.digest() == digest
        assert p.verify().damage is None
    with projector.open(tmp_path / "new.db", clock=clock(0)) as q:
        q.replay(iter(lines))
        assert q.append(outcome("New", "2024-05-01T10:00:00Z")).appended == 1
        assert q.digest(as_of="2024-04-30") == digest
