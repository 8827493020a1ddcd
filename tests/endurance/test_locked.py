"""A store that another process is writing to: a writer waits, then says so; who asks is answered meanwhile."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import projector
from projector.serve.cli import main
from tests.builders import HARBOR, outcome
from tests.endurance.conftest import Undisturbed
from tests.endurance.running import Running, ask, run
from tests.endurance.test_read_only import WRITING

BUSY = "projector: another process is writing to the store; wait for it to end and try again\n"


@contextmanager
def locked(store: Path) -> Iterator[sqlite3.Connection]:
    """A store of which another connection holds the write lock."""
    with closing(sqlite3.connect(store, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_writer_waits_for_the_other_one(kept: Path, few: Path) -> None:
    """It ends well when the other one does."""
    with locked(kept) as other:
        replay = Running("replay", few, "--json", "--store", kept)
        time.sleep(0.6)  # it has begun to wait by then
        assert replay.process.poll() is None
        other.execute("COMMIT")
        ran = replay.ended()
    assert (ran.code, ran.json["duplicates"]) == (0, ran.json["read"] - ran.json["ignored"] - ran.json["quarantined"])


@pytest.mark.parametrize("command", WRITING)
def test_a_writer_that_waited_long_says_who_is_in_the_way(
    kept: Path, few: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit 3; half a minute in life."""
    monkeypatch.setattr("projector.store.log.connections.WAIT_FOR_LOCK", 0.1)
    words = [*command.split(), *([str(few)] if command == "replay" else [])]
    with locked(kept):
        assert main([*words, "--store", str(kept)]) == 3
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", BUSY)


def test_who_asks_is_answered_meanwhile(kept: Path, small: Undisturbed, tmp_path: Path) -> None:
    """Also verification, export and backup."""
    with locked(kept):
        assert ask("digest", "--store", kept).out == small.digest + "\n"
        assert ask("verify", "--head", small.head_hash, "--store", kept).code == 0
        assert ask("export", "--log", tmp_path / "log.jsonl", "--store", kept).code == 0
        assert run("backup", tmp_path / "b.db", "--store", kept).code == 0
    assert ask("verify", "--head", small.head_hash, "--store", tmp_path / "b.db").code == 0


def test_a_writer_between_two_steps_of_a_rebuild_is_let_in(kept: Path) -> None:
    """The lock is held for a step at a time."""
    with projector.open(kept) as p, projector.open(kept) as q:
        written = list[int]()

        def write(_done: int, _all: int) -> None:
            writer = threading.Thread(target=lambda: written.append(q.append(outcome(f"{len(written)}")).appended))
            if len(written) < 3:
                writer.start()
                writer.join()

        p.rebuild(write)
        assert written == [1, 1, 1]
        assert len(p.history("outcome", "12345", tenant=HARBOR)) == 3
        assert p.verify().damage is None
