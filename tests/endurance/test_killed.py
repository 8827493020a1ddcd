"""SIGKILL at any moment: whole batches are there or not at all, and the same command ends what was begun."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest

import projector
from projector.domain.reports import Report
from tests.conftest import FIXTURES
from tests.endurance.conftest import Undisturbed
from tests.endurance.running import Running, ask, run, run_killed_at

KILLED = -9


def _counts(report: Report) -> tuple[int, int, int, int]:
    return report.read, report.appended + report.duplicates, report.ignored, report.quarantined


def _replay_killed(store: Path, log: Path, random: Random) -> int:
    """The exit code of a replay of which somebody was killed: it itself, the process that decodes, or both."""
    replay = Running("replay", log, "--store", store)
    time.sleep(random.uniform(0.1, 0.9))
    itself, others = replay.process.pid, [id for id in replay.everybody() if id != replay.process.pid]
    replay.kill(*random.choice([[itself], others or [itself], [*others, itself]]))
    ran = replay.ended()
    if ran.code == 1:
        assert "the process that decodes events was ended" in ran.err
        assert "what was committed is stored: run the same command again" in ran.err
    assert ran.code in (0, 1, KILLED)
    return ran.code


def _see_that_whole_batches_are_there(store: Path, undisturbed: Undisturbed) -> None:
    with projector.open(store) as p:
        digests = [entry.digest for _, entry in p.store.log.entries()]
        assert digests == undisturbed.digests[: len(digests)]
        assert p.verify().damage is None


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_a_replay_killed_at_random_moments_ends_as_if_it_never_was(
    tmp_path: Path, log: Path, undisturbed: Undisturbed, rounds: int
) -> None:
    """It, the process that decodes beside it, or both; nothing twice, nothing lost, nobody left behind."""
    random, killed, store = Random(rounds), 0, tmp_path / "0.db"
    for number in range(rounds):
        code = _replay_killed(store, log, random)
        killed += code != 0
        _see_that_whole_batches_are_there(store, undisturbed)
        if code == 0 or number == rounds - 1:
            with projector.open(store) as p:
                assert _counts(p.replay(log)) == _counts(undisturbed.report)
                assert p.digest() == undisturbed.digest
                assert p.store.pin().position == undisturbed.report.appended
                assert len(list(p.quarantined())) == undisturbed.report.quarantined
            store = tmp_path / f"{number + 1}.db"
    assert killed


def test_a_killed_decoding_process_is_reported_and_nothing_hangs(store: Path, log: Path) -> None:
    """Though it dies in the middle of what it hands on."""
    replay = Running("replay", log, "--store", store)
    while len(found := list(replay.everybody())) < 2:
        assert replay.process.poll() is None
    replay.kill(*(id for id in found if id != replay.process.pid))
    ran = replay.ended()
    assert ran.code == 1
    assert ran.err.startswith("projector: the process that decodes events was ended (-9); what was committed is stored")


@pytest.mark.slow
def test_a_rebuild_killed_at_random_moments_leaves_every_answer(filled: Path, middling: Undisturbed) -> None:
    """Readers go on answering; run again it ends, and leaves no tables behind."""
    random = Random(1)
    with projector.open(filled, read_only=True) as reader:
        view = reader.now()
        before = [version.state for version in view.all("outcome")]
        for _ in range(2):
            rebuild = Running("rebuild", "--store", filled)
            threading.Timer(random.uniform(0.2, 0.5), rebuild.kill, [rebuild.process.pid]).start()
            while rebuild.process.poll() is None:
                assert [version.state for version in view.all("outcome")] == before
            assert rebuild.ended().code in (0, KILLED)
        assert run_killed_at("projector.store.index.rebuilding.switch_derived", "rebuild", "--store", filled) == KILLED
        assert reader.digest() == middling.digest
        assert run("rebuild", "--store", filled).code == 0
        assert [version.state for version in view.all("outcome")] == before
        assert (reader.digest(), reader.verify().damage) == (middling.digest, None)
    with closing(sqlite3.connect(filled)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'fresh_%'").fetchall() == []


@pytest.mark.parametrize(
    ("format", "moment"),
    [
        (1, "upkeep.migrating.copy_database"),
        (1, "upkeep.backup.closing"),
        (1, "upkeep.migrating._change"),
        (1, "upkeep.migrating.create_derived"),
        (1, "opening.ensure_derived"),
        (1, "index.rebuilding.create_derived"),
        (1, "index.rebuilding.switch_derived"),
        (2, "upkeep.backup.closing"),
        (2, "upkeep.migrating._change"),
        (2, "upkeep.migrating.renew_checksum"),
        (2, "opening.ensure_derived"),
        (3, "upkeep.backup.closing"),
        (3, "upkeep.migrating._change"),
        (3, "upkeep.migrating.deviation"),
        (3, "upkeep.migrating.renew_checksum"),
        (3, "upkeep.migrating.create_derived"),
        (3, "opening.ensure_derived"),
        (3, "index.rebuilding.switch_derived"),
    ],
)
@pytest.mark.slow
def test_a_migration_killed_at_any_moment_ends_when_the_store_is_opened(
    store: Path, format: int, moment: str, content: Callable[[Path], str]
) -> None:
    """Before, in and behind each step of it; the backup is whole or not there."""
    old = FIXTURES / "stores" / f"format-{format}.db"
    copyfile(old, store)
    assert run_killed_at(f"projector.store.{moment}", "rebuild", "--store", store) == KILLED
    backup = store.with_name(f"s.db.format-{format}")
    assert not backup.exists() or content(backup) == content(old)
    assert run("rebuild", "--store", store).code == 0
    assert content(backup) == content(old)
    assert ask("verify", "--store", store).code == 0
