"""Names that a store may have, and what is left behind by one that it may not have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import projector
from projector import StoreError
from tests.builders import outcome


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
