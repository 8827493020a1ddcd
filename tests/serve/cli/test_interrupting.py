"""Ctrl-C in the middle of a replay: what came is stored, and the command ends soon."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

import projector
from projector.serve.batches import MOST_EVENTS
from tests.builders import institutions
from tests.endurance.running import COMMAND
from tests.wire.inputs import A, tar_of


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
@pytest.mark.slow
def test_much_from_little_can_be_left(tmp_path: Path, content: str) -> None:
    """Whatever a compressed file unpacks to."""
    path = tmp_path / "bomb.gz"
    path.write_bytes(b"".join(_bomb(content)[: 1 if content == "padding" else None]))
    if content == "padding":
        os.truncate(path, 2**36)  # of NULs, which take no room on the disk
    took, code = _interrupted([*COMMAND, "replay", "--store", tmp_path / "s.db", path])
    assert took < 2
    assert code == 130


def test_ctrl_c_ends_after_the_batch(tmp_path: Path) -> None:
    """It says what is stored, and the same command goes on: the log is longer than any two batches."""
    log, store = tmp_path / "terms.jsonl", tmp_path / "s.db"
    lines = list(institutions(4))
    log.write_bytes(b"\n".join(lines))
    command = [*COMMAND, "replay", str(log), "--store", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wal = store.with_name("s.db-wal")
    while not wal.exists() or wal.stat().st_size < 500_000:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped as asked; what was read is stored" in err
    assert "Traceback" not in err
    with projector.open(store) as p:
        stored = p.store.pin().position
    assert 0 < stored < 2 * MOST_EVENTS < len(lines)
    assert f"{stored:,} appended" in out
