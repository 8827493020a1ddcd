"""Who is forgotten is gone from every file of the store, also while others have it open."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import projector
from projector import StoreError
from projector.store.log import dropping
from tests.builders import outcome
from tests.endurance.running import run

NAME = b"Wilhelmina Unforgotten"
_OPEN = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("SELECT count(*) FROM person").fetchall()
if sys.argv[2] == "reading":
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM person").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


@contextmanager
def opened_elsewhere(store: Path, how: str) -> Iterator[None]:
    """Another process that has the store open, idle or in the middle of a reading."""
    command = [sys.executable, "-c", _OPEN, str(store), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        yield
        process.communicate()


def holding(store: Path) -> list[str]:
    """The files of a store that hold the name."""
    return [file.name for file in sorted(store.parent.glob(f"{store.name}*")) if NAME in file.read_bytes()]


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A store that knows a person."""
    store, people = tmp_path / "s.db", tmp_path / "people.csv"
    people.write_bytes(b"user_uuid,name\nAda," + NAME + b"\nBen,Ben\n")
    with projector.open(store) as p:
        p.append(outcome("Cells", id="7"))
        p.know_people(people)
    people.unlink()
    return store


@pytest.mark.parametrize("who", ["Ada", "all"])
@pytest.mark.parametrize("how", ["idle", "nobody"])
def test_a_forgotten_name_is_in_no_file(known: Path, how: str, who: str) -> None:
    """Whether or not another process has the store open."""
    assert holding(known) == ["s.db"]
    if how == "nobody":
        assert run("people", "--forget", who, "--store", known).code == 0
        assert holding(known) == []
        return
    with opened_elsewhere(known, how):
        assert run("people", "--forget", who, "--store", known).code == 0
        assert holding(known) == []


@pytest.mark.slow
def test_a_reader_in_the_middle_is_waited_for_and_said(known: Path) -> None:
    """The name is forgotten at once; that it is still in a file is said, and the same command ends it."""
    with opened_elsewhere(known, "reading"):
        ran = run("people", "--forget", "Ada", "--store", known)
        assert ran.code == 3
        assert f"{known}-wal still holds the old text" in ran.err
        assert "run the same command again" in ran.err
    assert run("people", "--forget", "Ada", "--store", known).out == "Forgot the names of 0 learners.\n"
    assert holding(known) == []


def test_a_name_that_was_replaced_is_gone_too(known: Path, tmp_path: Path) -> None:
    """Not only the last one that was noted of a person."""
    people = tmp_path / "people.csv"
    people.write_bytes(b"user_uuid,name\nAda," + b"x" * 3000 + b"\n")
    with projector.open(known) as p:
        p.know_people(people)
        assert p.forget_people("Ada") == 1
        assert holding(known) == []


@pytest.mark.slow
def test_what_was_dropped_from_quarantine_goes_the_same_way(tmp_path: Path) -> None:
    """It is in no file, or it is said which file still holds it."""
    store, log = tmp_path / "s.db", tmp_path / "log.jsonl"
    log.write_bytes(b'{"body":{"name":"' + NAME + b'"}}\n')
    assert run("replay", log, "--store", store).code == 0
    with opened_elsewhere(store, "reading"):
        ran = run("quarantine", "drop", "--all", "--store", store)
        assert (ran.code, "still holds the old text" in ran.err) == (3, True)
    with opened_elsewhere(store, "idle"):
        assert run("quarantine", "drop", "--all", "--store", store).code == 1
        assert holding(store) == []


def test_a_reading_of_this_process_is_no_other_process(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message lets whoever embeds the projector look for it at home."""
    monkeypatch.setattr(dropping, "_PATIENCE", 0.2)
    with projector.open(known) as p, p.store.log.transaction(commit=False) as cursor:
        cursor.execute("SELECT count(*) FROM person").fetchall()
        with pytest.raises(StoreError, match="this process or another one is reading the store"):
            p.forget_people("Ada")


def test_in_python_too(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While this process asks on; a reader in the middle is an error that says so."""
    monkeypatch.setattr(dropping, "_PATIENCE", 0.2)
    with projector.open(known) as p:
        assert p.name_of("Ada") == NAME.decode()
        with opened_elsewhere(known, "reading"), pytest.raises(StoreError, match="still holds the old text"):
            p.forget_people("Ada")
        assert p.forget_people("Ada") == 0
        assert p.name_of("Ada") is None
        assert holding(known) == []
