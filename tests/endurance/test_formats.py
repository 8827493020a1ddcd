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
from attrs import frozen

import projector
from tests.builders import outcome
from tests.conftest import FIXTURES
from tests.endurance.running import ask, run
from tests.endurance.tampering import Tampered, files_of

STORES: Final = FIXTURES / "stores"  # what the release of each older format wrote
KEPT: Final = ("stored_events", "batch", "quarantine", "repeat", "setting", "alias", "person")


@frozen
class Old:
    """A store of an older format, a copy of a fixture, and what it said of itself."""

    format: int
    store: Path

    @property
    def fixture(self) -> Path:
        return STORES / f"format-{self.format}.db"

    @property
    def backup(self) -> Path:
        return self.store.with_name(f"s.db.format-{self.format}")

    @property
    def said(self) -> dict[str, str]:
        said: dict[str, str] = json.loads(self.fixture.with_suffix(".json").read_text(encoding="utf-8"))
        return said

    @property
    def notices(self) -> str:
        return f"{self.store} was migrated from format {self.format} to 3; as it was it is kept in {self.backup}"


def old_store(format: int, store: Path) -> Old:
    old = Old(format, store)
    copyfile(old.fixture, store)
    return old


@pytest.fixture(params=[1, 2])
def old(request: pytest.FixtureRequest, store: Path) -> Old:
    """A store of each older format."""
    return old_store(request.param, store)


def rows(store: Path, table: str) -> list[Any]:
    """All rows of a table, with their numbers where they have them."""
    still = "?mode=ro&immutable=1" if store.parent == STORES else ""
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


def test_a_store_of_an_older_format_is_migrated_after_a_backup(old: Old, content: Callable[[Path], str]) -> None:
    """Digest, head and all that is no derived table are as they were; the backup is the old store."""
    ran = run("rebuild", "--store", old.store)
    assert ran.code == 0
    assert old.notices + "\n" in ran.err
    assert ask("digest", "--store", old.store).out.strip() == old.said["digest"]
    assert ask("digest", "--log", "--store", old.store).out.strip() == old.said["head_hash"]
    assert ask("verify", "--head", old.said["head_hash"], "--store", old.store).code == 0
    assert [rows(old.store, table) for table in KEPT] == [rows(old.fixture, table) for table in KEPT]
    assert content(old.backup) == content(old.fixture)
    assert stat.S_IMODE(old.backup.stat().st_mode) == 0o600


def test_a_store_of_format_2_is_migrated_and_derived_anew(store: Path) -> None:
    """By the rules of this release; events of several sources can follow, and verify."""
    old = old_store(2, store)
    with projector.open(store) as p:
        assert p.rebuilt is not None
        assert p.notices == (old.notices, p.rebuilt.sentence)
        assert (p.rebuilt.rules_before, p.rebuilt.changed) == (2, 0)
        p.replay(folder := files_of(store.with_name("files"), outcome("A"), outcome("B")))
        sources = [json.loads(line)["source"] for line in p.log_lines()]
        assert sources[-3:] == ["python", str(folder / "0.jsonl"), str(folder / "1.jsonl")]
        assert p.verify().damage is None


def test_earlier_damage_is_not_sealed_over_by_the_migration(store: Path) -> None:
    """What was altered behind the store's back before is still found."""
    old_store(2, store)
    Tampered(store).execute("UPDATE batch SET source = 'elsewhere' WHERE number = 2")
    projector.open(store).close()
    assert ask("verify", "--store", store).out.startswith("Damaged. batch: by its checksum there is a row")


def test_a_migrated_store_answers_as_its_log_replayed_anew(old: Old) -> None:
    """Every history, at every known time."""
    with projector.open(old.store) as p, projector.open(":memory:") as q:
        q.replay([json.loads(line) for line in p.log_lines()], keep_recorded_at=True)
        for _, other, stands_for, *_ in rows(old.fixture, "alias"):  # aliases are no part of the log
            q.alias(other, stands_for)
        for tenant in p.tenants:
            for kind in projector.KINDS:
                ids = [version.id for version in p.now(tenant=tenant).all(kind, deleted=True)]
                assert ids == [version.id for version in q.now(tenant=tenant).all(kind, deleted=True)]
                for id in ids:
                    assert p.history(kind, id, tenant=tenant) == q.history(kind, id, tenant=tenant)
        for batch in p.store.log.batches():
            assert p.store.pin(batch.recorded_at).position == q.store.pin(batch.recorded_at).position == batch.last
        assert p.append({"metadata": {"event_name": "course_created"}}).quarantined == 1


def test_a_store_of_an_older_format_is_not_read_before_it_is_migrated(old: Old) -> None:
    """A question says what to do, and nothing is written."""
    before = old.store.read_bytes()
    ran = ask("digest", "--store", old.store)
    assert ran.code == 3
    assert f"migrate it, which makes a backup first, with: projector rebuild --store {old.store}" in ran.err
    assert old.store.read_bytes() == before
    assert not old.backup.exists()


def test_a_file_in_the_place_of_the_backup_is_left_alone(old: Old) -> None:
    """The migration waits until it is moved."""
    old.backup.write_bytes(b"mine")
    before = old.store.read_bytes()
    ran = run("rebuild", "--store", old.store)
    assert ran.code == 3
    assert ran.err.endswith(f"but {old.backup} is in the way; move it elsewhere\n")
    assert (old.backup.read_bytes(), old.store.read_bytes()) == (b"mine", before)
    old.backup.rename(old.store.with_name("elsewhere"))
    assert run("rebuild", "--store", old.store).code == 0


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
    assert f"by rules {projector.RULES}, before by rules 1: 1 aggregate has other events now\n" in ran.err
    assert "derived anew" not in run("replay", few, "--store", kept).err


def test_a_store_by_newer_rules_is_refused(kept: Path) -> None:
    """For questions and for writing."""
    _by_other_rules(kept, 999)
    for command in ("digest", "rebuild"):
        ran = run(command, "--store", kept)
        assert (ran.code, ran.out) == (3, "")
        assert "derived by the rules of a newer release (999); update outcome-projector" in ran.err
