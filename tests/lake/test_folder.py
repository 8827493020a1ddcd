"""The folder of tables files: its names and modes, whatever a store is called and whatever lies in it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import projector
from projector.lake.folder import TablesFolder
from tests.builders import Clock, outcome
from tests.endurance.running import run
from tests.lake.comparing import names_in, see_that_right

COUNT = "SELECT count(*) FROM outcomes"


@pytest.fixture
def folder(tmp_path: Path) -> TablesFolder:
    """A folder beside a store that is not there."""
    folder = TablesFolder.of(tmp_path / "s.db")
    assert folder is not None
    return folder


@pytest.fixture
def umask() -> Iterator[None]:
    """The umask, given back at the end."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def set_umask(mask: int) -> None:
    """Set it in a new process."""
    os.umask(mask)


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277, 0o777], ids=oct)
def test_only_the_owner_can_read(folder: TablesFolder, mask: int) -> None:
    """Whatever the umask gives or takes; the second time as the first."""
    os.umask(mask)
    for text in ("first", "second"):
        with folder.alone(), folder.working() as work:
            work.write_text(text)
            file = folder.take(work, 5)
        assert (mode(folder.path), mode(folder.path / "lock"), mode(file.path)) == (0o700, 0o600, 0o600)
    assert names_in(folder.path) == ["5-2.duckdb", "lock"]


@pytest.mark.parametrize("mask", [0o000, 0o277], ids=oct)
def test_only_the_owner_can_read_what_the_command_makes(tmp_path: Path, mask: int) -> None:
    """From the first question on, also the store's first tables."""
    store = tmp_path / "s.db"
    with projector.open(store) as p:
        p.append(outcome("Cells"))
    assert run("sql", COUNT, "--csv", "--store", store, before=lambda: set_umask(mask)).code == 0
    folder = tmp_path / "s.db.tables"
    assert mode(folder) == 0o700
    assert {mode(file) for file in folder.iterdir()} == {0o600}


NAMES = [
    'it\'s "here".db',
    "line\nbreak.db",
    "Zellbiologie ü 細胞.db",
    "x" * 237 + ".db",
    "*[a]{b}$HOME %41;--~.db",
    "what?v=1.db",
    "back\\slash.db",
    os.fsdecode(b"\xff.db"),
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:30]))
@pytest.mark.slow
def test_a_store_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Its folder too: tables lie elsewhere where DuckDB would take the name for another one."""
    with projector.open(tmp_path / name, clock=Clock()) as p:
        p.append(outcome("Cells"))
        assert p.sql(COUNT).fetchall() == [(1,)]
        p.append(outcome("Roots", id="2"))
        assert p.sql(COUNT).fetchall() == [(2,)]
        file = p._tables.opened().path()
        file.write_bytes(b"damaged")
        assert p.sql(COUNT).fetchall() == [(2,)]
    beside = (tmp_path / f"{name}.tables").exists()
    assert beside == (not any(sign in name for sign in "?\\\udcff"))


def test_a_folder_above_the_store_may_have_any_name(tmp_path: Path) -> None:
    """Nothing is written outside of it."""
    above = tmp_path / "what?" / "it's"
    above.mkdir(parents=True)
    with projector.open(above / "s.db") as p:
        p.append(outcome("Cells"))
        assert p.sql(COUNT).fetchall() == [(1,)]
    assert names_in(tmp_path) == ["what?"]


def test_unfinished_and_earlier_files_are_removed(folder: TablesFolder) -> None:
    """When the next one is begun and when it is taken; also folders. Other people's files stay."""
    folder.path.mkdir()
    for name in ("work-1.duckdb", "work-1.duckdb.wal", "3-1.duckdb", "notes.txt"):
        (folder.path / name).write_text("left")
    for name in ("work-1.duckdb.tmp", "9-2.duckdb"):
        (folder.path / name / "inside").mkdir(parents=True)
    with folder.alone(), folder.working() as work:
        assert names_in(folder.path) == ["3-1.duckdb", "9-2.duckdb", "lock", "notes.txt"]
        work.write_text("new")
        assert folder.take(work, 4).path.name == "4-3.duckdb"
    assert names_in(folder.path) == ["4-3.duckdb", "lock", "notes.txt"]


def test_what_fails_leaves_no_unfinished_file(folder: TablesFolder) -> None:
    """And what was there."""
    folder.path.mkdir()
    (folder.path / "3-1.duckdb").write_text("old")
    with suppress(KeyboardInterrupt), folder.alone(), folder.working() as work:
        work.write_text("half")
        raise KeyboardInterrupt
    assert names_in(folder.path) == ["3-1.duckdb", "lock"]


def test_tidying_waits_for_nobody(folder: TablesFolder) -> None:
    """A process that changes the folder keeps its unfinished file."""
    with folder.alone(), folder.working() as work:
        work.write_text("new")
        newest = folder.take(work, 4)
    earlier = folder.path / "3-0.duckdb"
    left = [folder.path / "work-1.duckdb", earlier]
    for path in left:
        path.write_text("left")
    with folder.alone():
        folder.tidy(newest)
        assert all(path.exists() for path in left)
    folder.tidy(newest)
    assert names_in(folder.path) == ["4-1.duckdb", "lock"]


TAKEN = {
    "a file": lambda path: path.write_text("mine"),
    "a dangling link": lambda path: path.symlink_to("nowhere"),
    "a folder whose lock is a folder": lambda path: (path / "lock").mkdir(parents=True),
}


@pytest.mark.parametrize("take", TAKEN.values(), ids=TAKEN)
def test_a_name_that_is_taken(tmp_path: Path, take: Callable[[Path], object]) -> None:
    """The tables lie elsewhere until the store is closed, and what is there stays."""
    folder = tmp_path / "s.db.tables"
    take(folder)
    before = os.lstat(folder)
    with projector.open(tmp_path / "s.db", clock=Clock()) as p:
        for number in range(2):
            p.append(outcome("Cells", id=number))
            assert p.sql(COUNT).fetchall() == [(number + 1,)]
        assert p.digest() == p.digest()
        elsewhere = p._tables.opened().path().parent
        assert mode(elsewhere) == 0o700
        see_that_right(p)
    assert not elsewhere.exists()
    assert (os.lstat(folder).st_ino, os.lstat(folder).st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_folder_that_is_deleted_is_made_again(tmp_path: Path) -> None:
    """While the store is open: everything in it is derived."""
    with projector.open(tmp_path / "s.db", clock=Clock()) as p:
        p.append(outcome("Cells"))
        assert p.sql(COUNT).fetchall() == [(1,)]
        for path in (folder := tmp_path / "s.db.tables").iterdir():
            path.unlink()
        folder.rmdir()
        assert p.sql(COUNT).fetchall() == [(1,)]
    assert names_in(folder) == ["1-1.duckdb", "lock"]


def test_a_temporary_folder_is_removed_with_its_process(tmp_path: Path) -> None:
    """Also where nobody closes the store; not by a process that was forked from it."""
    program = """
import os, sys, projector
p = projector.open(":memory:")
p.sql("SELECT 1").fetchall()
folder = p._tables.opened().path().parent
child = os.fork()
if not child:
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert folder.exists()
print(len(os.listdir(os.environ["TMPDIR"])))
"""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "2\n", "")
    assert names_in(tmp_path) == []
