"""`projector replay` of pipes and of standard input."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from projector.serve.demo.college import term
from tests.conftest import FIXTURES
from tests.endurance.running import COMMAND
from tests.serve.processes import ran, replayed, sources
from tests.serve.shell import Shell
from tests.wire.inputs import PNG, A, B, C, tar_of, written, zip_of

FILES = FIXTURES / "files"


def test_standard_input_without_events_is_called_stdin(tmp_path: Path) -> None:
    """And so are its inputs."""
    code, report, said = replayed(tmp_path / "s.db", "-", input=b"words\n")
    assert (code, report["quarantined"]) == (0, 1)
    assert "none of stdin is an event (first reason: not JSON" in said


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.slow
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


@pytest.mark.parametrize("name", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
@pytest.mark.slow
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
