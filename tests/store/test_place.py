"""Names that a store may have, and what is left behind by one that it may not have."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest

import projector
from projector import StoreError
from tests.builders import outcome
from tests.conftest import FIXTURES


def longest(folder: Path) -> int:
    """The bytes that a store's name may have there."""
    return os.pathconf(folder, "PC_NAME_MAX") - len(".format-00")


@pytest.mark.parametrize("letter", ["x", "é", "漢"])
def test_a_name_that_fits_works_at_once(tmp_path: Path, letter: str) -> None:
    """Up to the longest whose side files fit too; bytes count."""
    name = letter * (longest(tmp_path) // len(letter.encode()))
    for _ in range(2):
        with projector.open(tmp_path / name) as p:
            p.append(outcome("Cells", id="7"))
            assert p.verify().damage is None
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("bytes_more", [1, 10, 55, 4096])
@pytest.mark.parametrize("letter", ["x", "é"])
def test_a_name_that_is_too_long_leaves_nothing_behind(tmp_path: Path, letter: str, bytes_more: int) -> None:
    """Not the first time, and not the second."""
    name = letter * ((longest(tmp_path) + bytes_more + 1) // len(letter.encode()))
    for _ in range(2):
        with pytest.raises(StoreError) as refused:
            projector.open(tmp_path / name)
        assert len(str(refused.value)) < 400
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a\0b", "no/such/folder/s.db", "file/s.db", ".", "\0", "x/" * 2500 + "s.db"])
def test_what_cannot_be_a_store_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One sentence, and nothing is made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    for create in (True, False):
        with pytest.raises(StoreError):
            projector.open(name, create=create)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("create", [True, False])
def test_a_pipe_or_device_is_no_store(tmp_path: Path, create: bool) -> None:
    """It is not even opened: a pipe would wait for whoever writes into it."""
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path / "pipe", "/dev/null"):
        with pytest.raises(StoreError, match="pipe or device"):
            projector.open(name, create=create)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """With what to do."""
    for name in ("no/s.db", "no/such/s.db"):
        with pytest.raises(StoreError, match=r"no folder for the store .*make it first"):
            projector.open(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["s.db", "n" * 60])
@pytest.mark.parametrize("bytes_more", [0, 1, 40, 200])
def test_a_path_that_is_too_long_for_the_database_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, bytes_more: int
) -> None:
    """By either spelling of it; one that fits works at once."""
    most = 512 - len("-journal") - max(len(name), len(".0123456789ab.new")) - 1
    folder = tmp_path
    while (left := most + bytes_more - len(os.fsencode(folder.resolve()))) > 0:
        folder /= "d" * max(1, min(left - 1, 100) - (left - 1 == 101))
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    for place in (name, folder / name):
        if bytes_more == 0:
            with projector.open(place) as p:
                assert p.verify().damage is None
        else:
            with pytest.raises(StoreError, match="too long"):
                projector.open(place)
            assert list(folder.iterdir()) == []


@pytest.mark.parametrize("letter", ["x", "é"])
def test_an_older_store_of_the_longest_name_is_migrated(tmp_path: Path, letter: str) -> None:
    """Its backup stands beside it, and nothing else."""
    file = tmp_path / (letter * (245 // len(letter.encode())))
    copyfile(FIXTURES / "stores" / "format-2.db", file)
    with projector.open(file) as p:
        assert p.verify().damage is None
    assert sorted(one.name for one in tmp_path.iterdir()) == [file.name, f"{file.name}.format-2"]


def test_new_stores_have_pages_of_8_kib(tmp_path: Path) -> None:
    """Whatever file was there, and a backup of a store in memory."""
    (tmp_path / "empty.db").touch()
    for name in ("new.db", "empty.db"):
        projector.open(tmp_path / name).close()
    with projector.open(":memory:") as p:
        p.backup(tmp_path / "backup.db")
    for file in tmp_path.iterdir():
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("PRAGMA page_size").fetchone() == (8192,)
