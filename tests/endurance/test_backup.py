"""``backup``: a whole copy of the store in a new file, whoever is writing."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

import projector
from projector.store.log.writing import BEGINNING
from tests.builders import Clock
from tests.endurance.conftest import Undisturbed
from tests.endurance.running import Running, ask, run, run_killed_at
from tests.endurance.tampering import fill


@pytest.mark.slow
def test_a_backup_during_a_replay_is_a_store_that_was(store: Path, log: Path, tmp_path: Path) -> None:
    """It verifies, and the store had its head; the replay goes on."""
    projector.open(store).close()
    replay, backups = Running("replay", log, "--store", store), list[Path]()
    while replay.process.poll() is None:
        backups.append(tmp_path / f"{len(backups)}.db")
        with projector.open(store, read_only=True) as p:
            p.backup(backups[-1])
        time.sleep(0.1)
    assert replay.ended().code == 0
    assert backups
    with projector.open(store, read_only=True) as p:
        had = {BEGINNING.hex(), *(batch.hash.hex() for batch in p.store.log.batches())}
        for backup in backups:
            assert ask("digest", "--log", "--store", backup).out.strip() in had
        with projector.open(backups[len(backups) // 2], read_only=True) as q:
            assert q.verify().damage is None
            assert p.verify(q.head_hash()).damage is None


def test_a_backup_is_one_file_for_its_owner_with_the_same_head(kept: Path, small: Undisturbed, tmp_path: Path) -> None:
    """In words and as JSON; it answers what the store answers, and can be gone on with."""
    file, other = tmp_path / "backup.db", tmp_path / "other.db"
    ran = run("backup", file, "--store", kept)
    assert ran.out == f"Backed up to {file}; head hash {small.head_hash}\n"
    assert run("backup", other, "--json", "--store", kept).json == {"file": str(other), "head_hash": small.head_hash}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("backup*")] == ["backup.db"]
    assert ask("digest", "--store", file).out == small.digest + "\n"
    assert ask("verify", "--head", small.head_hash, "--store", file).code == 0
    with projector.open(file) as p:
        assert p.append({"metadata": {"event_name": "course_created"}}).quarantined == 1


def test_a_file_that_is_there_is_never_overwritten(kept: Path, tmp_path: Path) -> None:
    """Nor is one made in a folder that is not there."""
    mine = tmp_path / "mine.db"
    mine.write_text("mine")
    ran = run("backup", mine, "--store", kept)
    assert (ran.code, ran.err) == (2, f"projector: {mine} exists already; name a new file for the backup\n")
    assert mine.read_text() == "mine"
    ran = run("backup", tmp_path / "no" / "b.db", "--store", kept)
    assert ran.code == 2
    assert ran.err.endswith("cannot be written: No such file or directory; name another file\n")


def test_a_backup_that_was_killed_leaves_no_file_of_its_name(kept: Path, tmp_path: Path) -> None:
    """So that none is taken for whole; the next one removes what is left."""
    file = tmp_path / "b.db"
    assert run_killed_at("projector.store.upkeep.backup.closing", "backup", file, "--store", kept) == -9
    assert not file.exists()
    assert run("backup", file, "--store", kept).code == 0
    assert [path.name for path in tmp_path.glob("b.db*")] == ["b.db"]


@pytest.mark.parametrize("place", [":memory:", "s.db"])
def test_a_backup_holds_all_that_a_store_holds(tmp_path: Path, place: str) -> None:
    """Also of one in memory: aliases, settings, people and quarantine."""
    with projector.open(place if place == ":memory:" else tmp_path / place, clock=Clock()) as p:
        fill(p, tmp_path)
        assert p.backup(tmp_path / "b.db") == p.head_hash()
        with projector.open(tmp_path / "b.db", read_only=True) as q:
            assert q.digest() == p.digest()
            assert q.tenants == p.tenants
            assert q.settings("Other") == p.settings("Other")
            assert q.name_of("Ada") == "Ada Lovelace"
            assert list(q.quarantined(retried=True)) == list(p.quarantined(retried=True))
            assert q.verify().damage is None
