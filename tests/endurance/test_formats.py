"""Stores of other releases: an older one is migrated after a backup, a newer one refused."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
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

STORES: Final = FIXTURES / "stores"  # what releases of older formats wrote
NAMES: Final = sorted(path.stem for path in STORES.glob("format-*.db"))
KEPT: Final = {  # what stays as it was, by its name in an older store
    "stored_events": ("stored_events", "rowid, *"),
    "batch": ("batch", "number, first, last, recorded_at, hash"),
    "repeat": ("duplicate", "*"),
    **{table: (table, "*") for table in ("quarantine", "setting", "alias", "person")},
}


@frozen
class Old:
    """A store of an older format, a copy of a fixture, and what it said of itself."""

    name: str
    store: Path

    @property
    def format(self) -> int:
        return int(self.name.split("-")[1])

    @property
    def fixture(self) -> Path:
        return STORES / f"{self.name}.db"

    @property
    def backup(self) -> Path:
        return self.store.with_name(f"s.db.format-{self.format}")

    @property
    def said(self) -> dict[str, str]:
        said: dict[str, str] = json.loads(self.fixture.with_suffix(".json").read_text(encoding="utf-8"))
        return said

    @property
    def notice(self) -> str:
        return (
            f"{self.store} was migrated from format {self.format} to 4; the file before that is kept as {self.backup}"
        )


def old_store(name: str, store: Path) -> Old:
    old = Old(name, store)
    copyfile(old.fixture, store)
    return old


@pytest.fixture(params=NAMES)
def old(request: pytest.FixtureRequest, store: Path) -> Old:
    """Each store of an older format."""
    return old_store(request.param, store)


def rows(store: Path, table: str, columns: str = "*") -> list[Any]:
    """All rows of a table, by their first column."""
    still = "?mode=ro&immutable=1" if store.parent == STORES else ""
    with closing(sqlite3.connect(f"file:{store}{still}", uri=True)) as connection:
        return connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()


def sources(old: Old) -> list[str]:
    """The source of each event, as the older format kept it."""
    changes = dict(rows(old.fixture, "source_change")) if old.format == 3 else {}
    found = []
    for first, last, source in rows(old.fixture, "batch", "first, last, source"):
        for position in range(first, last + 1):
            source = changes.get(position, source)
            found.append(source)
    return found


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
    assert f"projector: {old.notice}\n" in ran.err
    assert ran.out == f"Rebuilt from {len(sources(old))} events; 0 aggregates changed.\n"
    assert ask("digest", "--store", old.store).out.strip() == old.said["digest"]
    assert ask("digest", "--log", "--store", old.store).out.strip() == old.said["head_hash"]
    assert ask("verify", "--head", old.said["head_hash"], "--store", old.store).code == 0
    for before, (table, columns) in KEPT.items():
        assert rows(old.store, table, columns) == rows(old.fixture, before, columns)
    assert content(old.backup) == content(old.fixture)
    assert stat.S_IMODE(old.backup.stat().st_mode) == 0o600


def test_the_sources_of_events_are_as_before(old: Old) -> None:
    """In exports, to the byte, and of each event; those that follow begin ranges of their own."""
    with projector.open(old.store) as p:
        lines = list(p.log_lines())
        assert sha256(b"".join(line + b"\n" for line in lines)).hexdigest() == old.said["log"]
        expected = sources(old)
        assert [json.loads(line)["source"] for line in lines] == expected
        with p.store.reading(p.store.pin(), "") as reading:
            assert [reading.log.source_of(position) for position in range(1, len(lines) + 1)] == expected
        p.replay(folder := files_of(old.store.with_name("files"), outcome("A"), outcome("B")))
        assert [json.loads(line)["source"] for line in p.log_lines()] == [
            *expected,
            str(folder / "0.jsonl"),
            str(folder / "1.jsonl"),
        ]
        assert p.verify().damage is None
    ranges = [source for _, source in rows(old.store, "source_range")]
    assert all(one != other for one, other in pairwise(ranges))


def test_a_migration_does_not_say_that_answers_changed(old: Old) -> None:
    """What was derived is derived again, and there is nothing to compare it with."""
    with projector.open(old.store) as p:
        count = len(sources(old))
        assert p.rebuilt is not None
        assert (p.rebuilt.events, p.rebuilt.changed) == (count, 0)
        assert p.notices == (old.notice, f"the store was rebuilt from its {count} events")
    with projector.open(old.store) as p:
        assert (p.rebuilt, p.notices) == (None, ())


@pytest.mark.parametrize(
    ("name", "altered", "found"),
    [
        (
            "format-2",
            "UPDATE batch SET source = 'elsewhere' WHERE number = 2",
            "batch: its checksum does not match: a row was altered",
        ),
        (
            "format-3",
            "UPDATE batch SET source = 'elsewhere' WHERE number = 2",
            "batch: its checksum does not match: a row was altered",
        ),
        (
            "format-3",
            "DELETE FROM source_change WHERE position = 100",
            "source_range: its checksum does not match: it has 13 rows",
        ),
        (
            "format-3",
            "UPDATE source_change SET source = 'x'",
            "source_range: its checksum does not match: a row was altered",
        ),
        ("format-3", "INSERT INTO source_change VALUES (2, 'x')", "source_range: its checksum does not match: "),
        (
            "format-3",
            "DELETE FROM repeat WHERE position = 19",
            "duplicate: its checksum does not match: it has 5 rows, not 6",
        ),
        ("format-3", "UPDATE setting SET value = 'on'", "setting: its checksum does not match: a row was altered"),
        ("format-3", "DROP TABLE repeat", "duplicate: its checksum does not match: it has 0 rows, not 6"),
        ("format-3", "DROP TABLE source_change", "source_range: its checksum does not match: "),
        ("format-3", "DROP TABLE seal", "batch: its checksum does not match: it has 17 rows, not 0"),
        (
            "format-3",
            "UPDATE seal SET sum = 'x' WHERE name = 'batch'",
            "batch: its checksum does not match: a row was altered",
        ),
        (
            "format-3",
            "UPDATE seal SET sum = 7 WHERE name = 'source_change'",
            "source_range: its checksum does not match: ",
        ),
        (
            "format-3",
            "DELETE FROM seal WHERE name = 'alias'",
            "alias: its checksum does not match: it has 2 rows, not 0",
        ),
        (
            "format-3",
            "INSERT INTO seal VALUES ('duplicate', 0, 0)",
            "checksum: it has a row for repeat, which is not a table with",
        ),
    ],
)
@pytest.mark.slow
def test_earlier_damage_is_found_after_the_migration_too(store: Path, name: str, altered: str, found: str) -> None:
    """What was altered behind the store's back before; events that follow, and a rebuild, leave it as it is."""
    old_store(name, store)
    Tampered(store).execute(altered)
    with projector.open(store) as p:
        assert str(p.verify().damage).startswith(found)
        p.append(outcome("Cells"))
        p.rebuild()
        assert p.verify().damage is not None


def test_tables_that_a_rebuild_had_begun_are_removed(store: Path) -> None:
    """One that an older release left behind."""
    old_store("format-3", store)
    Tampered(store).execute("CREATE TABLE fresh_timeline (id TEXT)")
    Tampered(store).execute("CREATE TABLE fresh_named (id TEXT)")
    projector.open(store).close()
    with closing(sqlite3.connect(store)) as connection, projector.open(":memory:") as p:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        with p.store.log.transaction(commit=False) as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            assert tables == {name for (name,) in cursor.fetchall()}


def test_a_migrated_store_answers_as_its_log_replayed_anew(old: Old) -> None:
    """Every list, history and score, and what is missing; at every known time."""
    with projector.open(old.store) as p, projector.open(":memory:") as q:
        q.replay([json.loads(line) for line in p.log_lines()], keep_recorded_at=True)
        for _, other, stands_for, *_ in rows(old.fixture, "alias"):  # aliases and settings are no part of the log
            q.alias(other, stands_for)
        for _, tenant, name, value, valid_from, _ in rows(old.fixture, "setting"):
            q.store.log.set(tenant, name, value, valid_from)
        assert (p.digest(), p.head_hash(), p.tenants) == (q.digest(), q.head_hash(), q.tenants)
        for tenant in p.tenants:
            for answer, other_answer in zip(answers(p, tenant), answers(q, tenant), strict=True):
                assert answer == other_answer
        for batch in p.store.log.batches():
            assert p.store.pin(batch.recorded_at).position == q.store.pin(batch.recorded_at).position == batch.last
        assert p.append({"metadata": {"event_name": "course_created"}}).quarantined == 1


def answers(p: projector.Projector, tenant: str) -> Iterator[object]:
    """What is answered of an institution."""
    now = p.now(tenant=tenant)
    for kind in projector.KINDS:
        versions = list(now.all(kind, deleted=True))
        yield versions
        for id in [version.id for version in versions]:
            yield p.history(kind, id, tenant=tenant)
    for instant in ("2024-02-20", "2024-03-15", None):
        yield list(p.as_of(instant, tenant=tenant).scores())
    yield list(p.silences(1, as_of="2024-06-01", tenant=tenant))
    yield p.dangling_references(tenant=tenant)


def test_a_store_of_an_older_format_is_not_read_before_it_is_migrated(old: Old) -> None:
    """A question says what to do, and nothing is written."""
    before = old.store.read_bytes()
    ran = ask("digest", "--store", old.store)
    assert ran.code == 3
    assert f"migrate it, which makes a backup first, with: projector rebuild --store {old.store}" in ran.err
    assert old.store.read_bytes() == before
    assert not old.backup.exists()


@pytest.mark.slow
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
    assert (asked.code, "derived by other rules; run: projector rebuild" in asked.err) == (3, True)
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
    assert f"under rules {projector.RULES}, before under rules 1: 1 aggregate has different events now\n" in ran.err
    assert "derived anew" not in run("replay", few, "--store", kept).err


def test_a_store_by_newer_rules_is_refused(kept: Path) -> None:
    """For questions and for writing."""
    _by_other_rules(kept, 999)
    for command in ("digest", "rebuild"):
        ran = run(command, "--store", kept)
        assert (ran.code, ran.out) == (3, "")
        assert "derived by the rules of a newer release (999); update outcome-projector" in ran.err
