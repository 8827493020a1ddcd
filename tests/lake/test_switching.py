"""Which changes of a store its tables follow, and after which they are made from the beginning."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any

import duckdb
import pytest

import projector
from projector.lake.digest import digest_of_tables
from projector.serve.projector import Projector
from tests.builders import HARBOR, Clock, Event, outcome, reported
from tests.conftest import FIXTURES
from tests.endurance.tampering import Tampered
from tests.lake.comparing import names_in, see_that_right

COUNT = "SELECT count(*) FROM outcomes"
EVENTS = [outcome(f"Cells {n}", f"2024-03-01T10:{n:02}:00Z", id=n % 10) for n in range(20)]
MORE = [outcome("Roots", "2024-03-02T10:00:00Z", id="77")]


class Made:
    """Whether tables are made from the beginning: only then steps are counted."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def by(self, p: Projector) -> bool:
        """Ask, and see that the tables hold the states of the store."""
        self.steps.clear()
        p.sql(COUNT, on_step=lambda done, of: self.steps.append((done, of))).fetchall()
        assert digest_of_tables(p._tables.opened().path()) == p.digest()
        return bool(self.steps)


@pytest.fixture
def made() -> Made:
    """How an answer was come to."""
    return Made()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of twenty events, with its tables."""
    path = tmp_path_factory.mktemp("asked") / "s.db"
    with projector.open(path, clock=Clock()) as p:
        p.append(EVENTS)
        p.sql(COUNT).fetchall()
    return path.parent


@pytest.fixture
def store(asked: Path, tmp_path: Path) -> Path:
    """The same as one's own."""
    copytree(asked, tmp_path, dirs_exist_ok=True)
    return tmp_path / "s.db"


def test_nothing_new_changes_nothing(store: Path, made: Made) -> None:
    """Neither in this process nor in another one."""
    before = names_in(store.with_name("s.db.tables"))
    for _ in range(2):
        with projector.open(store) as p:
            assert not made.by(p)
            assert not made.by(p)
    assert names_in(store.with_name("s.db.tables")) == before == ["20-1.duckdb", "lock"]


def test_some_news_is_followed(store: Path, made: Made) -> None:
    """Also in another process; much of it is not worth it."""
    with projector.open(store, clock=Clock("2026-02-01T00:00:00Z")) as p:
        p.append(MORE)
        assert not made.by(p)
        see_that_right(p)
        p.append(outcome("Stems", "2024-03-03T10:00:00Z", id="78"))
    with projector.open(store, clock=Clock("2026-03-01T00:00:00Z")) as p:
        assert not made.by(p)
        p.append(outcome(f"Leaves {n}", "2024-03-04T10:00:00Z", id=n) for n in range(100, 120))
        assert made.by(p)
    assert names_in(store.with_name("s.db.tables")) == ["42-4.duckdb", "lock"]


def of_another(**metadata: Any) -> Event:
    """An event of an outcome, with less or more of whose it is."""
    return reported("learning_outcome_created", {"learning_outcome_id": "5", "title": "Seeds"}, **metadata)


CHANGES: dict[str, Callable[[Projector], object]] = {
    "a rebuild": lambda p: p.rebuild(),
    "an alias": lambda p: p.alias("Other", HARBOR),
    "a shard learnt": lambda p: p.append(of_another(root_account_uuid="Other", root_account_id="21080000000000001")),
    "a name learnt": lambda p: p.append(of_another(root_account_uuid="Third", root_account_id="21090000000000001")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_other_ways_to_derive_begin_again(store: Path, made: Made, change: Callable[[Projector], object]) -> None:
    """In the process that changed it, and in one that has it open."""
    with projector.open(store, clock=Clock("2026-02-01T00:00:00Z")) as p, projector.open(store) as reader:
        p.append(of_another(root_account_uuid="Other", root_account_id=None))
        p.append(of_another(root_account_uuid=None, root_account_id="21090000000000001"))
        assert not made.by(reader)
        change(p)
        assert made.by(reader)
        assert not made.by(p)


@pytest.mark.parametrize("name", ["RULES", "FORMAT"])
def test_another_release_begins_again(store: Path, made: Made, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newer or older than the one that made the tables."""
    monkeypatch.setattr(f"projector.lake.basis.{name}", 99)
    with projector.open(store) as p:
        assert made.by(p)
        assert not made.by(p)
    monkeypatch.undo()
    with projector.open(store) as p:
        assert made.by(p)


def test_a_store_of_older_rules_is_rebuilt_first(store: Path, made: Made) -> None:
    """Its tables are made from what was derived again."""
    Tampered(store).execute("UPDATE derivation SET rules = 1")
    with projector.open(store) as p:
        assert made.by(p)


@pytest.mark.parametrize("name", ["format-1", "format-2", "format-2-shapes", "format-3"])
def test_a_store_of_an_earlier_format_is_migrated_first(tmp_path: Path, made: Made, name: str) -> None:
    """And answers by its tables as by its views."""
    store = tmp_path / "old.db"
    copyfile(FIXTURES / "stores" / f"{name}.db", store)
    with projector.open(store) as p:
        assert made.by(p)
        shown = p.sql("SELECT tenant, count(*) FROM outcomes_as_of('2100-01-01') GROUP BY tenant").fetchall()
        views = {tenant: p.as_of("2100-01-01", tenant=tenant).all("outcome", deleted=True) for tenant in p.tenants}
        assert dict(shown) == {tenant: len(list(all)) for tenant, all in views.items() if all}


def test_another_log_of_the_same_length_is_noticed(store: Path, tmp_path: Path, made: Made) -> None:
    """By its hash: position, generation and rules are the same."""
    with projector.open(tmp_path / "other.db", clock=Clock()) as p:
        p.append([*EVENTS[1:], EVENTS[0]])
    copyfile(tmp_path / "other.db", store)
    with projector.open(store) as p:
        assert made.by(p)


@pytest.mark.parametrize("more", [0, 1, 3])
def test_a_restored_backup_is_noticed(store: Path, tmp_path: Path, made: Made, more: int) -> None:
    """Also where it received other events since, as many as were lost or more."""
    with projector.open(store, clock=Clock("2026-02-01T00:00:00Z")) as p:
        p.backup(tmp_path / "backup.db")
        p.append(MORE)
        assert not made.by(p)
    copyfile(tmp_path / "backup.db", store)
    with projector.open(store, clock=Clock("2026-03-01T00:00:00Z")) as p:
        p.append([outcome("Stems", "2024-03-03T10:00:00Z", id=n) for n in range(90, 90 + more)])
        assert made.by(p)


def overwritten(start: float, length: int = 600_000) -> Callable[[Path], object]:
    """Damage from a part of a file on."""

    def damage(path: Path) -> None:
        with path.open("r+b") as file:
            at = int(start * path.stat().st_size)
            file.seek(at)
            file.write(b"\xff" * min(length, path.stat().st_size - at))

    return damage


def foreign(path: Path) -> None:
    """A DuckDB database of somebody else, with a table that is called as one of ours."""
    with closing(duckdb.connect(f"{path}.new")) as connection:
        connection.execute("CREATE TABLE store AS SELECT 'x' AS position; CREATE TABLE outcomes AS SELECT 1 AS id")
    os.replace(f"{path}.new", path)


def sqlite(path: Path) -> None:
    """A database of another kind."""
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE store (position INTEGER)")


def directory(path: Path) -> None:
    """A folder with something in it."""
    path.unlink()
    (path / "inside").mkdir(parents=True)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "header": overwritten(0, 64),
    "the first blocks": overwritten(0),
    "the middle": overwritten(0.4, 100_000),
    "the end": overwritten(0.7),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "a byte is missing": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("id,title\n" * 4000),
    "of DuckDB": foreign,
    "of SQLite": sqlite,
    "a folder": directory,
    "gone": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.slow
def test_a_damaged_file_is_made_again(store: Path, made: Made, damage: Callable[[Path], object]) -> None:
    """Without a word: by a process that had it open, and by one that had not and has news to follow."""
    with projector.open(store, clock=Clock("2026-02-01T00:00:00Z")) as p:
        assert not made.by(p)
        damage(p._tables.opened().path())
        made.by(p)
        damage(p._tables.opened().path())
        p.append(MORE)
    with projector.open(store) as p:
        made.by(p)
    assert len(names_in(store.with_name("s.db.tables"))) == 2
