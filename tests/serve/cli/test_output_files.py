"""Files that commands write: never the store, nor over a file of another kind; whole or not at all."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import projector
from projector import BadQuestion
from projector.serve.cli import main
from tests.builders import mark, outcome
from tests.endurance.running import COMMAND
from tests.serve.shell import Shell, log_of

EXPORT = ("export", "--log")
EVIDENCE = ("evidence", "outcome", "7", "--out")
SCORES = ("scores", "--out")
BACKUP = ("backup",)


@pytest.fixture
def kept(run: Shell, tmp_path: Path) -> Shell:
    """A store that holds one outcome, and a result."""
    assert run("replay", log_of(tmp_path, outcome("Cells", id="7"), mark("1", "Ada", 0.5))).code == 0
    return run


def linked(place: Path, target: Path) -> Path:
    """A symbolic link to the store."""
    place.symlink_to(target)
    return place


def hard_linked(place: Path, target: Path) -> Path:
    """The store by another name."""
    os.link(target, place)
    return place


NAMES: dict[str, Callable[[Path, Path], object]] = {
    "the store": lambda folder, store: store,
    "by another way": lambda folder, store: folder / "." / "x" / ".." / store.name,
    "from here": lambda folder, store: os.path.relpath(store),
    "by a link": lambda folder, store: linked(folder / "link.html", store),
    "by a link to a link": lambda folder, store: linked(folder / "2.html", linked(folder / "1.html", store)),
    "by a hard link": lambda folder, store: hard_linked(folder / "hard.html", store),
    "what is written ahead": lambda folder, store: f"{store}-wal",
    "its locks": lambda folder, store: f"{store}-shm",
    "its journal": lambda folder, store: f"{store}-journal",
    "the folder of its tables": lambda folder, store: f"{store}.tables",
    "in the folder of its tables": lambda folder, store: f"{store}.tables/1-1.duckdb",
    "by a link to what is not there": lambda folder, store: linked(folder / "w.html", Path(f"{store}-wal")),
}


@pytest.mark.parametrize("command", [EXPORT, EVIDENCE, SCORES, BACKUP], ids=lambda words: words[0])
@pytest.mark.parametrize("name", NAMES)
def test_the_store_is_never_written_over(kept: Shell, tmp_path: Path, command: tuple[str, ...], name: str) -> None:
    """Nor are the files beside it, by whatever name; there is nothing left of the attempt."""
    (tmp_path / "x").mkdir()
    before = kept("digest --log").out
    out = str(NAMES[name](tmp_path, kept.store))
    files = sorted(file.name for file in tmp_path.iterdir())
    ran = kept.run(*command, out)
    assert (ran.code, ran.out) == (2, "")
    assert "name another file" in ran.err or "exists" in ran.err
    assert kept("digest --log").out == before
    assert sorted(file.name for file in tmp_path.iterdir()) == files


@pytest.mark.parametrize("command", [EXPORT, EVIDENCE, SCORES], ids=lambda words: words[0])
def test_a_store_that_is_named_by_a_url_or_a_link_is_itself(
    run: Shell, tmp_path: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """However the store itself is named."""
    run("replay", log_of(tmp_path, outcome("Cells", id="7")))
    link = linked(tmp_path / "also.db", run.store)
    for store in (f"sqlite:///{run.store}", str(link)):
        for out in (run.store, link, f"{run.store}-wal", f"{run.store}-shm"):
            assert main([*command, str(out), "--store", store]) == 2
            assert "belongs to the store" in capsys.readouterr().err
    assert run("verify").code == 0


@pytest.mark.parametrize("command", [EXPORT, EVIDENCE, SCORES], ids=lambda words: words[0])
@pytest.mark.parametrize(
    "content", [b"my thesis", b"<html><head><title>Mine</title>", b'{"metadata":{}}', b"\x00", b"\n", b"a" * 100_000]
)
def test_a_file_of_another_kind_is_left_alone(
    kept: Shell, tmp_path: Path, command: tuple[str, ...], content: bytes
) -> None:
    """Whatever it holds."""
    file = tmp_path / "thesis"
    file.write_bytes(content)
    ran = kept.run(*command, str(file))
    assert (ran.code, f"{file} exists already and holds something else; name another file" in ran.err) == (2, True)
    assert file.read_bytes() == content


@pytest.mark.parametrize("command", [EXPORT, EVIDENCE], ids=lambda words: words[0])
def test_an_earlier_one_and_an_empty_file_are_replaced(kept: Shell, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Only its owner may read the new one."""
    file = tmp_path / "answer"
    file.touch()
    for _ in range(3):
        assert kept.run(*command, str(file)).code == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)
    assert kept.run(*(EVIDENCE if command is EXPORT else EXPORT), str(file)).code == 2
    there = linked(tmp_path / "link", file)
    assert kept.run(*command, str(there)).code == 0
    assert there.is_symlink()


@pytest.mark.parametrize("command", [EXPORT, EVIDENCE], ids=lambda words: words[0])
def test_pipes_and_devices_are_written_to(kept: Shell, tmp_path: Path, command: tuple[str, ...]) -> None:
    """They are no files to be kept."""
    assert kept.run(*command, os.devnull).code == 0
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    assert kept.run(*command, str(pipe)).code == 0
    reader.join()
    assert got[0].startswith(b'{"recorded_at"' if command is EXPORT else b"<!doctype html>")


def test_a_name_that_differs_in_case_is_the_same_where_the_folder_says_so(kept: Shell, tmp_path: Path) -> None:
    """The file beside the store need not be there yet; elsewhere two spellings are two files."""
    other = tmp_path / kept.store.name.swapcase()
    assert kept.run(*EXPORT, f"{other}-WAL").code == 0
    (tmp_path / f"{other.name}-WAL").unlink()
    os.link(kept.store, other)  # as if the folder did not tell them apart
    for end in ("-WAL", "-Journal"):
        ran = kept.run(*EXPORT, f"{other}{end}")
        assert (ran.code, "belongs to the store" in ran.err) == (2, True)


def test_a_backup_leaves_a_store_whose_name_ends_as_that_of_a_part(tmp_path: Path) -> None:
    """The file it is made in has a name of its own."""
    with projector.open(tmp_path / "s.db.partial") as p:
        p.append(outcome("Cells", id="7"))
        assert p.backup(tmp_path / "s.db") == p.verify().head_hash
    for name in ("s.db", "s.db.partial"):
        with projector.open(tmp_path / name, create=False) as p:
            assert (p.verify().damage, p.verify().events) == (None, 1)


@pytest.mark.parametrize("command", [EXPORT, EVIDENCE], ids=lambda words: words[0])
@pytest.mark.parametrize("redirected", ["| cat", ">> out", "3>&1 >/dev/null | cat", "> >(cat)", "link"])
@pytest.mark.slow
def test_a_stream_that_is_open_already_is_written_to(
    kept: Shell, tmp_path: Path, command: tuple[str, ...], redirected: str
) -> None:
    """By its name or through a link: a pipe, and a file behind what it holds; nothing else is printed there."""
    kept.run(*command, str(tmp_path / "expected"))
    expected = (tmp_path / "expected").read_bytes()
    (tmp_path / "out").write_bytes(b"mine\n")
    stream = "/dev/fd/3" if "3>" in redirected else "/dev/stdout"
    if redirected == "link":
        stream, redirected = str(linked(tmp_path / "page", Path(stream))), "| cat"
    words = shlex.join([*COMMAND, *command, stream, "--store", str(kept.store)])
    ran = subprocess.run(["bash", "-c", f"{words} {redirected}"], cwd=tmp_path, capture_output=True, check=True)
    printed = ran.stdout or (tmp_path / "out").read_bytes().removeprefix(b"mine\n")
    assert (tmp_path / "out").read_bytes().startswith(b"mine\n")
    assert printed == expected
    assert ran.stderr == b""


@pytest.mark.parametrize("command", [EXPORT, EVIDENCE], ids=lambda words: words[0])
def test_standard_output_by_its_name_fails_as_it_does_without(kept: Shell, command: tuple[str, ...]) -> None:
    """With the exit code of an answer that was lost."""
    words = shlex.join([*COMMAND, *command, "/dev/stdout", "--store", str(kept.store)])
    for redirected in (">/dev/full", ">&-"):
        ran = subprocess.run(["bash", "-c", f"{words} {redirected}"], capture_output=True, text=True, check=False)
        assert (ran.returncode, "the answer could not be written to standard output" in ran.stderr) == (4, True)


@pytest.mark.parametrize("out", ["no/such/folder/x.html", ".", "a\0b", "x" * 300, "x/", "x/.", "/dev/fd/99"])
@pytest.mark.parametrize("command", [EXPORT, EVIDENCE, SCORES], ids=lambda words: words[0])
def test_what_cannot_be_written_says_so(
    kept: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], out: str
) -> None:
    """Exit 2, a sentence, no traceback."""
    monkeypatch.chdir(tmp_path)
    ran = kept.run(*command, out)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1


def test_in_python_a_backup_never_takes_a_place_beside_the_store(tmp_path: Path) -> None:
    """Nor in the command line's stead."""
    with projector.open(tmp_path / "s.db") as p:
        p.append(outcome("Cells", id="7"))
        for name in ("s.db", "s.db-wal", "s.db-shm", "s.db-journal"):
            with pytest.raises(BadQuestion):
                p.backup(tmp_path / name)
        assert p.verify().damage is None
    with projector.open(":memory:") as q:
        q.append(outcome("Cells", id="7"))
        assert len(q.backup(tmp_path / "memory.db")) == 64


def test_a_backup_leaves_every_other_file_alone(kept: Shell, tmp_path: Path) -> None:
    """Also one whose name looks like that of a backup in the making."""
    others = [tmp_path / name for name in ("b.db.partial", ".b.db.partial", "b.partial")]
    for other in others:
        other.write_text("mine")
    assert kept("backup", tmp_path / "b.db").code == 0
    assert [other.read_text() for other in others] == ["mine"] * 3
