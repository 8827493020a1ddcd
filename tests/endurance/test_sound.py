"""A store to which nothing was done but what people do verifies as sound, and a rebuild changes nothing."""

from __future__ import annotations

import threading
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector.serve.demo.college import term
from tests.builders import Clock, Event
from tests.endurance.running import ask, run
from tests.endurance.tampering import fill
from tests.strategies import events

REFUSED: list[Any] = ["{", {"metadata": {"event_name": "learning_outcome_merged"}}, "[]"]
NAMES = ["HarborUuid000000000000000000000000000001", "Other", "7"]
actions = st.one_of(
    st.lists(events, max_size=6),
    st.tuples(st.just("again"), st.integers(0, 3)),
    st.tuples(st.just("alias"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("set"), st.sampled_from(["on", "off"])),
    st.sampled_from(["rebuild", "refuse", "retry", "drop"]),
)


def act(p: projector.Projector, action: Any, received: list[Event]) -> None:
    """Do something to a store."""
    match action:
        case list():
            received += action
            p.append(action)
        case ("again", int(first)):
            p.append(received[first : first + 3], drop_metadata="client_ip")
        case ("alias", other, name):
            with suppress(projector.BadQuestion):
                p.alias(other, name)
        case ("set", value):
            for tenant in p.tenants[:1]:
                p.set("account_level_mastery_scales", value, tenant=tenant)
        case "rebuild":
            p.rebuild()
        case "refuse":
            p.append(REFUSED)
        case "retry":
            p.retry()
        case "drop":
            p.drop_quarantined(all=True)


@given(st.lists(actions, max_size=8))
def test_whatever_was_done_to_a_store_it_is_sound(done: list[Any]) -> None:
    """In any order: events of any tenant and shard, again, aliases, settings, quarantine, rebuilds."""
    with projector.open(":memory:", clock=Clock()) as p:
        received: list[Event] = []
        for action in done:
            act(p, action, received)
            assert p.verify().damage is None


def test_a_store_with_parts_dropped_says_so(p: projector.Projector, tmp_path: Path) -> None:
    """Of those events only what was kept is proven."""
    fill(p, tmp_path)
    assert (p.verify().damage, p.verify().reduced) == (None, 1)


def test_a_restored_log_is_sound_and_has_the_same_head(p: projector.Projector, tmp_path: Path, store: Path) -> None:
    """By ``replay --keep-recorded-at``; the old head proves the new store."""
    fill(p, tmp_path)
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join(line + b"\n" for line in p.log_lines()))
    assert run("replay", "--keep-recorded-at", log, "--store", store).code == 0
    assert ask("verify", "--head", p.head_hash(), "--store", store).code == 0


@pytest.mark.parametrize("place", [":memory:", "s.db"])
@pytest.mark.slow
def test_a_store_is_verified_while_it_is_written_to(tmp_path: Path, place: str) -> None:
    """Neither hinders the other, also in memory."""
    lines = list(islice(term(), 2500))
    with projector.open(place if place == ":memory:" else tmp_path / place) as p:
        reports: list[projector.Report] = []

        def write() -> None:
            for first in range(0, len(lines), 500):
                reports.append(p.replay(iter(lines[first : first + 500])))

        writer = threading.Thread(target=write)
        writer.start()
        while writer.is_alive():
            assert p.verify().damage is None
        writer.join()
        assert sum(report.read for report in reports) == len(lines)
        assert p.verify().damage is None
