"""Several processes that write to one store at once."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

import projector
from tests.endurance.conftest import Undisturbed
from tests.endurance.running import Ran, Running


def together(store: Path, *logs: Path) -> list[Running]:
    """Replays of these logs, all begun at once."""
    return [Running("replay", log, "--json", "--store", store) for log in logs]


def counted(ran: list[Ran]) -> dict[str, int]:
    """What became of the events of all of them."""
    assert [one.code for one in ran] == [0] * len(ran), ran
    reports = [json.loads(one.out) for one in ran]
    return {name: sum(report[name] for report in reports) for name in ("read", "appended", "duplicates", "quarantined")}


@pytest.mark.slow
def test_two_replays_of_overlapping_logs_end_as_one(
    store: Path, log: Path, middling: Undisturbed, tmp_path: Path
) -> None:
    """Each event is there once; somebody who asks all the while has the same answers."""
    half, rest = tmp_path / "half.jsonl", tmp_path / "rest.jsonl"
    with log.open("rb") as lines:
        first, second, third = (list(islice(lines, 2000)) for _ in range(3))
    half.write_bytes(b"".join(first + second))
    rest.write_bytes(b"".join(second + third))
    with projector.open(store) as p:
        known = p.replay(iter(first[:1000])).appended
        view, digest = p.now(), p.digest()
        before = [version.state for version in view.all("scale")]
        replays = together(store, half, rest)
        while any(replay.process.poll() is None for replay in replays):
            assert [version.state for version in view.all("scale")] == before
            assert p.digest(known_at=view.known_at) == digest
        counts = counted([replay.ended() for replay in replays])
        assert known + counts["appended"] == p.store.pin().position == middling.report.appended
        assert (p.digest(), p.verify().damage) == (middling.digest, None)


@pytest.mark.slow
def test_processes_that_make_one_new_store_at_once_share_it(tmp_path: Path, few: Path, small: Undisturbed) -> None:
    """None fails, and each event is there once."""
    for number in range(3):
        store = tmp_path / f"{number}.db"
        counts = counted([replay.ended() for replay in together(store, few, few, few, few)])
        assert counts["appended"] == small.report.appended
        assert counts["read"] == 4 * small.report.read
        with projector.open(store, read_only=True) as p:
            assert (p.digest(), p.verify().damage) == (small.digest, None)
