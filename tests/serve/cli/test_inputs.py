"""Every file that people have, through the command line: what is read, what is left out, and what is said of it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import projector
from projector.serve.demo.college import term
from tests.conftest import FIXTURES
from tests.serve.processes import NOBODY, ran, replayed, sources
from tests.serve.shell import Shell
from tests.wire.inputs import PNG, A, B, written, zip_of

FILES = FIXTURES / "files"


def test_what_is_left_out_is_in_the_report_and_on_stderr(run: Shell, tmp_path: Path) -> None:
    """One line for each folder or archive: five names, then a count."""
    folder, archive = tmp_path / "f", tmp_path / "x.zip"
    (folder / "sub").mkdir(parents=True)
    written(folder / "a.json", A)
    for name in ("b.png", "c.png", "sub/d.png", "e.png", "g.png", "h.png", "i.png"):
        written(folder / name, PNG)
    written(archive, zip_of({"a.json": B, "n.csv": b"1,2"}))
    for more in ("", "--json"):
        answer = run(f"replay {more}", folder, archive)
        assert answer.code == 0
        assert (
            f"left out of {folder}: b.png (a PNG image), c.png (a PNG image), e.png (a PNG image), g.png (a PNG image),"
            " h.png (a PNG image), and 2 more\n"
        ) in answer.err
        assert f"left out of {archive}: n.csv (no line begins like JSON)\n" in answer.err
    assert list(answer.json)[-2:] == ["seconds", "left_out"]
    assert {"path": f"{folder}/sub/d.png", "reason": "a PNG image"} in answer.json["left_out"]
    assert {"path": f"{archive}/n.csv", "reason": "no line begins like JSON"} in answer.json["left_out"]
    assert len(answer.json["left_out"]) == 8


def test_nothing_is_said_where_nothing_is_left_out(run: Shell, seed: Path) -> None:
    """The list is there, and empty."""
    answer = run("replay --json", seed)
    assert answer.json["left_out"] == []
    assert answer.err == ""


@pytest.mark.parametrize("path", sorted((FILES / "refused").iterdir()), ids=lambda path: path.name)
def test_what_is_not_read_is_said_before_there_is_a_store(run: Shell, path: Path, seed: Path) -> None:
    """Exit 2, the format named."""
    answer = run("replay", seed, path)
    assert answer.code == 2
    assert path.name in answer.err
    assert not run.store.exists()


def test_every_fixture_is_read_from_python(tmp_path: Path) -> None:
    """A folder in one call; what is left out is in the report."""
    with projector.open(":memory:") as p:
        report = p.replay(FILES / "read")
        assert (report.appended, report.quarantined, report.left_out) == (2, 0, ())
        assert report.duplicates == 2 * (len(list((FILES / "read").iterdir())) - 1)
        written(tmp_path / "a.json", A)
        written(tmp_path / "b.png", PNG)
        assert [(one.path, one.reason) for one in p.replay(tmp_path).left_out] == [(f"{tmp_path}/b.png", "a PNG image")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"id,title\n1,Cells\n", "not JSON"), (b"#!/bin/sh\necho\n", "not JSON"), (b'{"a":1}', "no event_name")],
)
def test_a_file_without_events_is_said(run: Shell, tmp_path: Path, content: bytes, reason: str) -> None:
    """With the first reason; the exit code is as ever."""
    path = written(tmp_path / "some.csv", content)
    answer = run("replay", path)
    assert answer.code == 0
    assert f"none of {path} is an event (first reason: {reason}" in answer.err
    assert run("replay --strict", path).code == 1


def test_only_paths_without_any_event_are_said(run: Shell, tmp_path: Path) -> None:
    """Duplicates and ignored events are events; a folder is one path; an empty file has no inputs."""
    ignored = b'{"metadata":{"event_name":"user_created"}}'
    good = written(tmp_path / "good.jsonl", A + b"\n{broken\n")
    other = written(tmp_path / "other.jsonl", b"{broken\n" + ignored)
    folder = tmp_path / "f"
    folder.mkdir()
    written(folder / "a.json", b"nothing")
    empty, bad = written(tmp_path / "empty", b""), written(tmp_path / "bad.zip", zip_of({"a.json": b"1"}))
    for _ in range(2):
        answer = run("replay", good, other, folder, empty, bad)
        assert [line.partition(" (")[0] for line in answer.err.splitlines() if "none of" in line] == [
            f"projector: none of {folder} is an event",
            f"projector: none of {bad} is an event",
        ]
    twice = run("replay", folder, folder / "a.json").err
    assert all(f"none of {path} is an event" in twice for path in (folder, folder / "a.json"))
    written(folder / "b.json", B)
    assert "none of" not in run("replay", folder).err


@pytest.mark.slow
def test_names_that_are_no_utf_8_through_both_processes(tmp_path: Path) -> None:
    """Read, with a source that can be printed; also where they cannot be read."""
    for name, lines in ((b"caf\xe9.jsonl", term()), (b"\xff.jsonl", [A])):
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
            file.write(b"\n".join(lines))
    store, names = (
        tmp_path / "s.db",
        [os.fsencode(tmp_path) + b"/" + name for name in (b"caf\xe9.jsonl", b"\xff.jsonl")],
    )
    assert os.path.getsize(names[0]) > 4 * 2**20
    code, report, _ = replayed(store, *names)
    assert (code, report["read"]) == (0, len(list(term())) + 1)
    assert sources(store) == {f"{tmp_path}/caf\\xe9.jsonl", f"{tmp_path}/\\xff.jsonl"}
    code, _, said = replayed(store, os.fsencode(tmp_path) + b"/\xfe.jsonl")
    assert code == 2
    assert "\\xfe.jsonl cannot be read: No such file or directory" in said


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder in which everybody may write."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield Path(name)


@pytest.mark.parametrize("closed", ["sub", "sub/deep", "sub/x.json"])
@pytest.mark.slow
def test_a_folder_that_may_not_be_opened_is_said_before_there_is_a_store(open_to_all: Path, closed: str) -> None:
    """As another user sees it."""
    (open_to_all / "logs/sub/deep").mkdir(parents=True)
    for name in ("a.json", "sub/x.json", "sub/deep/y.json"):
        written(open_to_all / "logs" / name, A)
    store, path = open_to_all / "s.db", open_to_all / "logs" / closed
    path.chmod(0)
    program = (
        "import os, sys\n"
        "import projector.serve.ingest, projector.store.opening, projector.wire.process\n"  # while it may read them
        "from projector.serve.cli import main, replaying\n"
        f"if os.geteuid() == 0: os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words: list[Any] = [sys.executable, "-c", program, "replay", "--store", store, open_to_all / "logs"]
    done = ran(words)
    path.chmod(0o755)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"projector: {path} cannot be read: Permission denied\n"
    assert not store.exists()
    assert ran(words).returncode == 0
