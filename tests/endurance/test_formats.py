"""Stores of other releases: an older one is migrated after a backup, a newer one refused."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copyfile
from typing import Any, Final

import pytest

import projector
from tests.conftest import FIXTURES
from tests.endurance.running import ask, run
from tests.endurance.tampering import Tampered

OLD: Final = FIXTURES / "stores" / "format-1.db"
SAID: Final[dict[str, str]] = json.loads(OLD.with_suffix(".json").read_text(encoding="utf-8"))
KEPT: Final = ("stored_events", "batch", "quarantine", "repeat", "setting", "alias", "person")


@pytest.fixture
def old(store: Path) -> Path:
    """A store that the first format's release wrote."""
    copyfile(OLD, store)
    return store


def rows(store: Path, table: str) -> list[Any]:
    """All rows of a table, with their numbers where they have them."""
    still = "?mode=ro&immutable=1" if store == OLD else ""
    with closing(sqlite3.connect(f"file:{store}{still}", uri=True)) as connection:
        what = "rowid, *" if table == "stored_events" else "*"
        return connection.execute(f"SELECT {what} FROM {table} ORDER BY 1").fetchall()


def test_a_store_of_a_newer_format_is_refused(kept: Path) -> None:
    """Whatever is asked; the file stays as it was."""
    Tampered(kept).execute("PRAGMA user_version = 99")
    before = kept.read_bytes()
    for command in (["digest"], ["rebuild"], ["replay", FIXTURES / "seed_events.jsonl"]):
        ran = run(*command, "--store", kept)
        assert ran.code == 3
        assert ran.err == (f"projector: {kept} was written by a newer release (format 99); update outcome-projector\n")
    assert kept.read_bytes() == before


def test_a_store_of_an_older_format_is_migrated_after_a_backup(old: Path, content: Callable[[Path], str]) -> None:
    """Digest, head and all that is no derived table are as they were; the backup is the old store."""
    ran = run("rebuild", "--store", old)
    backup = old.with_name("s.db.format-1")
    assert ran.code == 0
    assert f"{old} was migrated from format 1 to 2; as it was it is kept in {backup}\n" in ran.err
    assert ask("digest", "--store", old).out.strip() == SAID["digest"]
    assert ask("digest", "--log", "--store", old).out.strip() == SAID["head_hash"]
    assert ask("verify", "--head", SAID["head_hash"], "--store", old).code == 0
    assert [rows(old, table) for table in KEPT] == [rows(OLD, table) for table in KEPT]
    assert content(backup) == content(OLD)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_migrated_store_answers_as_its_log_replayed_anew(old: Path) -> None:
    """Every history, at every known time."""
    with projector.open(old) as p, projector.open(":memory:") as q:
        q.replay([json.loads(line) for line in p.log_lines()], keep_recorded_at=True)
        for tenant in p.tenants:
            for kind in projector.KINDS:
                ids = [version.id for version in p.now(tenant=tenant).all(kind, deleted=True)]
                assert ids == [version.id for version in q.now(tenant=tenant).all(kind, deleted=True)]
                for id in ids:
                    assert p.history(kind, id, tenant=tenant) == q.history(kind, id, tenant=tenant)
        for batch in p._log.batches():
            assert p._log.pin(batch.recorded_at).position == q._log.pin(batch.recorded_at).position == batch.last
        assert p.append({"metadata": {"event_name": "course_created"}}).quarantined == 1


def test_a_store_of_an_older_format_is_not_read_before_it_is_migrated(old: Path) -> None:
    """Who only asks is told what to do, and nothing is written."""
    before = old.read_bytes()
    ran = ask("digest", "--store", old)
    assert ran.code == 3
    assert f"migrate it, which makes a backup first, with: projector rebuild --store {old}" in ran.err
    assert old.read_bytes() == before


def test_a_file_in_the_place_of_the_backup_is_left_alone(old: Path) -> None:
    """The migration waits until it is moved."""
    backup = old.with_name("s.db.format-1")
    backup.write_bytes(b"mine")
    before = old.read_bytes()
    ran = run("rebuild", "--store", old)
    assert ran.code == 3
    assert ran.err.endswith(f"but {backup} is in the way; move it elsewhere\n")
    assert (backup.read_bytes(), old.read_bytes()) == (b"mine", before)
    backup.rename(old.with_name("elsewhere"))
    assert run("rebuild", "--store", old).code == 0


def _by_other_rules(store: Path, rules: int) -> None:
    """Let a store look as if other rules had derived it, with one event elsewhere in its timeline."""
    tampered = Tampered(store)
    tampered.execute("UPDATE derivation SET rules = ?", rules)
    ((id,),) = tampered.execute("SELECT min(id) FROM timeline WHERE kind = 0")
    tampered.execute("UPDATE timeline SET event_time = event_time + 1 WHERE kind = 0 AND id = ?", id)


def test_a_store_by_older_rules_is_derived_anew_and_says_how_many_changed(kept: Path) -> None:
    """When it is opened for writing, once."""
    with projector.open(kept, read_only=True) as p:
        digest = p.digest()
    _by_other_rules(kept, 1)
    asked = ask("digest", "--store", kept)
    assert (asked.code, "let `projector rebuild` open it once" in asked.err) == (3, True)
    ran = run("rebuild", "--json", "--store", kept)
    assert ran.code == 0
    assert ran.json["rules_before"] == 1
    assert ran.json["changed"] == 1
    assert ask("digest", "--store", kept).out == digest + "\n"
    assert ask("verify", "--store", kept).code == 0


def test_whatever_opens_a_store_by_older_rules_tells_what_changed(kept: Path, few: Path) -> None:
    """Also a replay."""
    _by_other_rules(kept, 1)
    ran = run("replay", few, "--store", kept)
    assert "by rules 2, before by rules 1: 1 aggregate has other events now\n" in ran.err
    assert "derived anew" not in run("replay", few, "--store", kept).err


def test_a_store_by_newer_rules_is_refused(kept: Path) -> None:
    """For questions and for writing."""
    _by_other_rules(kept, 999)
    for command in ("digest", "rebuild"):
        ran = run(command, "--store", kept)
        assert (ran.code, ran.out) == (3, "")
        assert "derived by the rules of a newer release (999); update outcome-projector" in ran.err
