"""A store where nothing can be written: questions are answered, and a replay says why it is not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from tests.conftest import FIXTURES
from tests.endurance.conftest import Undisturbed
from tests.endurance.running import Ran, as_mere_owner, ask, run, run_killed_at
from tests.endurance.tampering import Tampered

CANNOT = "check the permissions of the file and its folder\n"
WRITING = ("replay", "rebuild", "quarantine retry", "settings account_level_mastery_scales off")
Ask = Callable[..., Ran]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder that is made such that nothing can be written to it, and given back at the end."""
    folder = tmp_path / "place"
    folder.mkdir()
    yield folder
    folder.chmod(0o700)


def closed(place: Path) -> Ask:
    """Command lines run without any right but the owner's, on a folder that is closed now."""
    for file in place.iterdir():
        file.chmod(0o400)
    place.chmod(0o500)
    return lambda *words: run(*words, before=as_mere_owner)


@pytest.mark.slow
def test_a_store_on_a_closed_place_is_asked_all_the_same(place: Path, small: Undisturbed, tmp_path: Path) -> None:
    """Answers, verification, export and backup; no file is left beside it."""
    store = place / "s.db"
    copyfile(small.store, store)
    ask = closed(place)
    assert ask("digest", "--store", store).out == small.digest + "\n"
    assert ask("list", "outcome", "--json", "--store", store).code == 0
    assert ask("verify", "--head", small.head_hash, "--store", store).code == 0
    assert ask("export", "--log", tmp_path / "log.jsonl", "--store", store).code == 0
    assert ask("backup", tmp_path / "b.db", "--store", store).code == 0
    assert os.listdir(place) == ["s.db"]


@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_would_write_there_says_why_it_cannot(
    place: Path, few: Path, small: Undisturbed, command: str
) -> None:
    """With exit 3, and the store stays as it was."""
    store = place / "s.db"
    copyfile(small.store, store)
    before = store.read_bytes()
    ran = closed(place)(*command.split(), *([few] if command == "replay" else []), "--store", store)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.endswith(CANNOT)
    assert ran.err.count("\n") == 1
    assert store.read_bytes() == before


def test_a_store_cannot_be_made_there(place: Path, few: Path) -> None:
    """Exit 3, and nothing is made."""
    ran = closed(place)("replay", few, "--store", place / "s.db")
    assert (ran.code, ran.err) == (3, f"projector: the store {place / 's.db'} cannot be opened: Permission denied\n")
    assert os.listdir(place) == []


def _killed_while_open(place: Path, few: Path) -> Path:
    """A store whose last events stand in the file that is written ahead: its writer was killed before it was closed."""
    store = place / "s.db"
    code = run_killed_at("projector.serve.projector.Projector.close", "replay", few, "--store", store)
    assert code == -9
    assert store.with_name("s.db-wal").stat().st_size
    return store


@pytest.mark.slow
def test_what_was_written_ahead_of_a_store_is_read_too(place: Path, few: Path, small: Undisturbed) -> None:
    """Though nothing can be written beside it: where both files that SQLite laid there are left."""
    store = _killed_while_open(place, few)
    ask = closed(place)
    assert ask("digest", "--store", store).out == small.digest + "\n"
    assert ask("verify", "--store", store).code == 0


def test_a_store_that_cannot_be_read_whole_is_not_read_in_part(place: Path, few: Path, small: Undisturbed) -> None:
    """The file that was written ahead needs the one for locks, or a place where one can be made."""
    store = _killed_while_open(place, few)
    store.with_name("s.db-shm").unlink()
    ran = closed(place)("digest", "--store", store)
    assert (ran.code, ran.out) == (3, "")
    assert "its latest changes are in s.db-wal beside it; copy both into a folder that can be written to" in ran.err
    elsewhere = place.parent / "elsewhere"
    elsewhere.mkdir()
    for name in ("s.db", "s.db-wal"):
        copyfile(place / name, elsewhere / name)
    assert ask("digest", "--store", elsewhere / "s.db").out == small.digest + "\n"


@pytest.mark.slow
def test_a_store_that_must_be_migrated_or_derived_anew_says_so_there(place: Path, small: Undisturbed) -> None:
    """It cannot be, and answers of other rules are not given."""
    copyfile(FIXTURES / "stores" / "format-1.db", place / "old.db")
    copyfile(small.store, place / "rules.db")
    Tampered(place / "rules.db").execute("UPDATE derivation SET rules = 1")
    ask = closed(place)
    for name, said in (("old.db", "migrate it"), ("rules.db", "derived by other rules")):
        ran = ask("digest", "--store", place / name)
        assert ran.code == 3
        assert said in ran.err
        assert ask("rebuild", "--store", place / name).code == 3
