"""Every file that people have, through the command line: what is read, what is left out, and what is said of it."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import projector
from projector.serve.demo.college import term
from tests.conftest import FIXTURES
from tests.serve.test_cli import Shell
from tests.wire.inputs import A, B, C, tar_of, written, zip_of

FILES = FIXTURES / "files"
PNG = b"\x89PNG\r\n\x1a\n"
COMMAND = [sys.executable, "-m", "projector"]
NOBODY = 65534


def ran(words: list[Any], input: bytes = b"", **more: Any) -> subprocess.CompletedProcess[bytes]:
    """A command line of its own, with bytes for its standard input."""
    return subprocess.run(words, input=input, capture_output=True, timeout=60, **more)


def replayed(store: Path, *names: Any, input: bytes = b"") -> tuple[int, dict[str, Any], str]:
    """Exit code, report and what was said of a replay."""
    done = ran([*COMMAND, "replay", "--json", "--store", store, *names], input)
    return done.returncode, json.loads(done.stdout or b"{}"), done.stderr.decode()


def sources(store: Path) -> set[str]:
    """Whence the events of a store came."""
    done = ran([*COMMAND, "export", "--log", "-", "--store", store])
    return {json.loads(line)["source"] for line in done.stdout.splitlines()}


# what is left out


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


# none of it is an event


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


def test_standard_input_without_events_is_called_stdin(tmp_path: Path) -> None:
    """And so are its inputs."""
    code, report, said = replayed(tmp_path / "s.db", "-", input=b"words\n")
    assert (code, report["quarantined"]) == (0, 1)
    assert "none of stdin is an event (first reason: not JSON" in said


# pipes


@pytest.mark.parametrize("packed", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_named_pipe_is_read_once(tmp_path: Path, packed: bool) -> None:
    """All of it, also where it holds so much that a second process would be worthwhile."""
    lines = b"\n".join(term())
    pipe, store = tmp_path / "pipe", tmp_path / "s.db"
    os.mkfifo(pipe)
    with subprocess.Popen([*COMMAND, "replay", "--json", "--store", store, pipe], stdout=subprocess.PIPE) as process:
        pipe.write_bytes(gzip.compress(lines) if packed else lines)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(out)["read"] == len(list(term()))
    assert sources(store) == {str(pipe)}


def test_a_substituted_process_is_read(tmp_path: Path) -> None:
    """As bash gives it to a command, and beside a file."""
    written(tmp_path / "b.jsonl", B)
    line = f"{sys.executable} -m projector replay --json --store s.db <(cat a.gz) b.jsonl <(cat x.tar)"
    written(tmp_path / "a.gz", gzip.compress(A))
    written(tmp_path / "x.tar", tar_of({"c.json": C, "d.png": PNG}))
    done = ran(["bash", "-c", line], cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["appended"] == 3
    assert [one["reason"] for one in json.loads(done.stdout)["left_out"]] == ["a PNG image"]


@pytest.mark.parametrize(
    "name", ["/dev/stdin", *(pytest.param(name, marks=pytest.mark.slow) for name in ("/dev/fd/0", "/proc/self/fd/0"))]
)
def test_standard_input_under_another_name(tmp_path: Path, name: str) -> None:
    """Also where it is a file so large that a second process would be worthwhile: that one has another."""
    path = written(tmp_path / "term.jsonl", b"\n".join(term()))
    with path.open("rb") as file:
        words: list[Any] = [*COMMAND, "replay", "--json", "--store", tmp_path / "s.db", name]
        done = subprocess.run(words, stdin=file, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["read"] == len(list(term()))


MEMBERS = {"a.json": A, "b.png": PNG, "c.json": C}


@pytest.mark.parametrize(
    "input",
    [
        A + B,
        (A + b"\r\n" + B).decode().encode("utf-16"),
        gzip.compress(A + b"\n" + B),
        zip_of(MEMBERS),
        gzip.compress(tar_of(MEMBERS)),
    ],
    ids=["plain", "UTF-16", "gzip", "zip", "tar.gz"],
)
def test_standard_input_in_every_form(tmp_path: Path, input: bytes, request: pytest.FixtureRequest) -> None:
    """What of an archive is left out is said."""
    code, report, said = replayed(tmp_path / "s.db", "-", input=input)
    assert (code, report["appended"], report["quarantined"]) == (0, 2, 0)
    is_archive = request.node.callspec.id in ("zip", "tar.gz")
    assert report["left_out"] == ([{"path": "stdin/b.png", "reason": "a PNG image"}] if is_archive else [])
    assert ("left out of stdin: b.png (a PNG image)" in said) == is_archive


@pytest.mark.parametrize("name", ["archive.7z", "encrypted.zip", "nothing-in-it.zip"])
def test_what_is_not_read_from_standard_input_is_said(run: Shell, tmp_path: Path, name: str) -> None:
    """Exit 2, as of a file; it is only met when it is read, so what came before is stored."""
    words = [sys.executable, "-m", "projector", "replay", "-", "--store", str(tmp_path / "s.db")]
    ran = subprocess.run(words, input=(FILES / "refused" / name).read_bytes(), capture_output=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"stdin" in ran.stderr
    assert b"Traceback" not in ran.stderr


# Ctrl-C


def _interrupted(words: list[Any], **more: Any) -> tuple[float, int]:
    """How long a command goes on after Ctrl-C, and its exit code."""
    with subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **more) as process:
        time.sleep(1.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        process.wait(timeout=60)
        return time.monotonic() - began, process.returncode


@pytest.mark.parametrize(
    "state", ["idle writer", *(pytest.param(one, marks=pytest.mark.slow) for one in ("no writer", "standard input"))]
)
def test_a_pipe_that_waits_can_be_left(tmp_path: Path, state: str) -> None:
    """Whether or not anybody ever writes; what came is stored."""
    pipe, store = tmp_path / "pipe", tmp_path / "s.db"
    os.mkfifo(pipe)
    words: list[Any] = [*COMMAND, "replay", "--store", store]
    if state == "no writer":
        took, code = _interrupted([*words, pipe])
    else:
        writer = os.open(pipe, os.O_RDWR)
        os.write(writer, A + b"\n")
        reader = os.open(pipe, os.O_RDONLY)
        try:
            took, code = _interrupted([*words, "-" if state == "standard input" else pipe], stdin=reader)
        finally:
            os.close(writer)
            os.close(reader)
        with projector.open(store, read_only=True) as p:
            assert len(list(p.now().all("outcome"))) == 1
    assert code == 130
    assert took < 2


def _bomb(content: str) -> list[bytes]:
    """The members of a gzip file of a few MB that holds gigabytes."""
    block, large = gzip.compress({"newlines": b"\n", "one line": b"x"}.get(content, b"\0") * 2**24), 300
    if content != "left out of a tar":
        return [gzip.compress(A + b"\n"), *[block] * large]
    header = tarfile.TarInfo("long.png")
    header.size = large * 2**24
    return [gzip.compress(tar_of({"a.json": A})[:1024] + header.tobuf()), *[block] * large]


@pytest.mark.parametrize("content", ["newlines", "one line", "left out of a tar", "padding"])
def test_much_from_little_can_be_left(tmp_path: Path, content: str) -> None:
    """Whatever a compressed file unpacks to."""
    path = tmp_path / "bomb.gz"
    path.write_bytes(b"".join(_bomb(content)[: 1 if content == "padding" else None]))
    if content == "padding":
        os.truncate(path, 2**36)  # of NULs, which take no room on the disk
    took, code = _interrupted([*COMMAND, "replay", "--store", tmp_path / "s.db", path])
    assert took < 2
    assert code == 130


# names and rights


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
def test_a_folder_that_may_not_be_opened_is_said_before_there_is_a_store(open_to_all: Path, closed: str) -> None:
    """As another user sees it."""
    (open_to_all / "logs/sub/deep").mkdir(parents=True)
    for name in ("a.json", "sub/x.json", "sub/deep/y.json"):
        written(open_to_all / "logs" / name, A)
    store, path = open_to_all / "s.db", open_to_all / "logs" / closed
    path.chmod(0)
    program = (
        "import os, sys\n"
        "from projector.serve.cli import main\n"
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
