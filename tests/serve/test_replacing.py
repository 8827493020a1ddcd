"""What takes the place of an earlier file or folder: whole or not at all, and nothing else's place."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import projector
from projector.serve import replacing
from projector.serve.replacing import replacing as replaced
from tests.lake.comparing import names_in


def is_ours(path: Path) -> bool:
    """Whether it holds what these tests write."""
    return (path / "ours").exists() if path.is_dir() else path.read_bytes().startswith(b"ours")


def folder(path: Path, text: str = "") -> None:
    """Make a folder of ours."""
    path.mkdir()
    (path / "ours").write_text(text)


def file(path: Path, text: str = "") -> None:
    """Make a file of ours."""
    path.write_text(f"ours{text}")


Make = Callable[..., None]
NEW = pytest.mark.parametrize("make", [folder, file])
OLD = pytest.mark.parametrize("old", [folder, file])


def text_of(path: Path) -> str:
    """What a file or folder of ours holds."""
    return (path / "ours").read_text() if path.is_dir() else path.read_text().removeprefix("ours")


@NEW
def test_something_new_is_there_at_the_end(tmp_path: Path, make: Make) -> None:
    """And not before; only its owner can read it, and nothing else is left."""
    with replaced(tmp_path / "out", None, is_ours) as new:
        make(new, "1")
        assert not (tmp_path / "out").exists()
    assert text_of(tmp_path / "out") == "1"
    assert names_in(tmp_path) == ["out"]
    for path in [tmp_path / "out", *(tmp_path / "out").glob("*")]:
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("exchanges", [True, False])
@OLD
@NEW
def test_an_earlier_one_is_replaced(
    tmp_path: Path, make: Make, old: Make, exchanges: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file by a folder too; who reads the old one reads on. Also where a system cannot exchange two names."""
    if not exchanges:
        monkeypatch.setattr(replacing, "_exchanged", lambda new, place: False)
    old(tmp_path / "out", "1")
    reading = (tmp_path / "out" / "ours" if old is folder else tmp_path / "out").open()
    with replaced(tmp_path / "out", None, is_ours) as new:
        make(new, "2")
        assert text_of(tmp_path / "out") == "1"
    assert text_of(tmp_path / "out") == "2"
    assert names_in(tmp_path) == ["out"]
    with reading:
        assert reading.read().endswith("1")


@OLD
def test_an_error_leaves_the_earlier_one(tmp_path: Path, old: Make) -> None:
    """And nothing of the new one."""
    old(tmp_path / "out", "1")

    def fail() -> None:
        with replaced(tmp_path / "out", None, is_ours) as new:
            folder(new)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert text_of(tmp_path / "out") == "1"
    assert names_in(tmp_path) == ["out"]


@NEW
@OLD
def test_a_name_that_cannot_be_given_leaves_the_earlier_one(
    tmp_path: Path, make: Make, old: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two names cannot be exchanged, and one of the renames fails."""
    old(tmp_path / "out", "1")
    monkeypatch.setattr(replacing, "_exchanged", lambda new, place: False)

    def replace(one: Path, other: Path, given: Callable[..., None] = os.replace) -> None:
        if one.name == "new":
            raise PermissionError(13, "Permission denied")
        given(one, other)

    monkeypatch.setattr(os, "replace", replace)
    with (
        pytest.raises(projector.BadQuestion, match="Permission denied; name another"),
        replaced(tmp_path / "out", None, is_ours) as new,
    ):
        make(new, "2")
    assert text_of(tmp_path / "out") == "1"
    assert names_in(tmp_path) == ["out"]


@NEW
def test_what_is_empty_is_replaced(tmp_path: Path, make: Make) -> None:
    """A folder, and a file."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for name in ("folder", "file"):
        with replaced(tmp_path / name, None, is_ours) as new:
            make(new, "2")
        assert text_of(tmp_path / name) == "2"
    assert names_in(tmp_path) == ["file", "folder"]


def test_what_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    """A file, a folder, a pipe, a link to one of these or to nothing: nothing is made either."""
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("mine")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "notes")
    before = names_in(tmp_path)
    for name in before:
        with (
            pytest.raises(projector.BadQuestion, match=f"{name} exists already and holds something else; name"),
            replaced(tmp_path / name, None, is_ours),
        ):
            raise AssertionError
    assert names_in(tmp_path) == before
    assert (tmp_path / "notes" / "a.txt").read_text() == "mine"


def test_what_comes_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """Somebody else's file of this name."""

    def write() -> None:
        with replaced(tmp_path / "out", None, is_ours) as new:
            folder(new)
            (tmp_path / "out").write_text("mine")

    with pytest.raises(projector.BadQuestion, match="holds something else"):
        write()
    assert (tmp_path / "out").read_text() == "mine"
    assert names_in(tmp_path) == ["out"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    """What it leads to is replaced."""
    folder(tmp_path / "real", "1")
    (tmp_path / "link").symlink_to("real")
    with replaced(tmp_path / "link", None, is_ours) as new:
        folder(new, "2")
    assert (tmp_path / "link").is_symlink()
    assert text_of(tmp_path / "real") == "2"


def test_a_file_with_changes_of_somebody_is_left_alone(tmp_path: Path) -> None:
    """DuckDB would read them into the new one."""
    file(tmp_path / "out")
    (tmp_path / "out.wal").write_bytes(b"changes")
    with (
        pytest.raises(projector.BadQuestion, match=r"out\.wal exists: the file was changed in DuckDB; name another"),
        replaced(tmp_path / "out", None, is_ours),
    ):
        raise AssertionError


@pytest.mark.parametrize("name", ["out", "*", "[o]?"])
def test_what_a_killed_process_left_is_removed(tmp_path: Path, name: str) -> None:
    """What one that is at work made is not, nor what is of another place."""
    left, others = tmp_path / f".{name}.0123456789ab.partial", tmp_path / ".out2.0123456789ab.partial"
    for path in (left, others):
        path.mkdir()
        (path / "new").touch()
    with replaced(tmp_path / name, None, is_ours) as first:
        folder(first, "1")
        with replaced(tmp_path / name, None, is_ours) as second:
            assert not left.exists()
            folder(second, "2")
        assert text_of(tmp_path / name) == "2"
    assert text_of(tmp_path / name) == "1"
    assert names_in(tmp_path) == sorted([others.name, name])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Is refused: a name with a mistake in it makes no folders."""
    with (
        pytest.raises(projector.BadQuestion, match=r"there is no folder .*no; make it, or name another place"),
        replaced(tmp_path / "no" / "out", None, is_ours),
    ):
        raise AssertionError
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", ["", "a\0b", 5])
def test_what_is_no_name(name: str) -> None:
    """Is refused."""
    with pytest.raises(projector.BadQuestion, match="the export"), replaced(name, None, is_ours):
        raise AssertionError


def test_a_store_is_never_replaced(tmp_path: Path) -> None:
    """Nor its side files, by whatever name."""
    store = tmp_path / "s.db"
    store.touch()
    (tmp_path / "link").symlink_to(store)
    for name in ("s.db", "s.db-wal", "link"):
        with (
            pytest.raises(projector.BadQuestion, match="belongs to the store"),
            replaced(tmp_path / name, store, lambda path: True),
        ):
            raise AssertionError
