"""What a terminal sees of a long command."""

from __future__ import annotations

import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest


def on_a_terminal(*words: object) -> tuple[bytes, bytes]:
    """What a command writes to stdout, and what a terminal sees of its stderr."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "projector", *map(str, words)]
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=env)
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    assert process.stdout is not None
    out = process.stdout.read()
    process.stdout.close()
    assert process.wait() == 0
    return out, seen


def test_a_terminal_sees_progress(tmp_path: Path, long_log: Path) -> None:
    """A bar with events a second on stderr, none on stdout."""
    out, seen = on_a_terminal("replay", long_log, "--store", tmp_path / "s.db")
    assert b"a second" in seen
    assert b"%" in seen
    assert out.startswith(b"Read 22,")
    assert out.count(b"\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(("command", "doing"), [("verify", b"events checked"), ("rebuild", b"events derived")])
def test_a_terminal_sees_how_far_the_upkeep_is(tmp_path: Path, long_log: Path, command: str, doing: bytes) -> None:
    """How many events of how many."""
    store = tmp_path / "s.db"
    on_a_terminal("replay", long_log, "--store", store)
    out, seen = on_a_terminal(command, "--store", store)
    assert doing in seen
    assert b"22,11" in out or b"22,13" in out
    assert doing not in out


@pytest.mark.slow
def test_a_store_by_older_rules_is_rebuilt_while_its_progress_is_shown(tmp_path: Path, long_log: Path) -> None:
    """Whatever opens it for writing shows how far that is, and says so afterwards."""
    store = tmp_path / "s.db"
    on_a_terminal("replay", long_log, "--store", store)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE derivation SET rules = 1")
    _, seen = on_a_terminal("settings", "account_level_mastery_scales", "on", "--store", store)
    assert b"events derived" in seen
    assert b"0 aggregates have different events now" in b" ".join(seen.split())  # in lines between words
