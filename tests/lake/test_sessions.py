"""Sessions: several zones of one file, files that are replaced, Ctrl-C, threads and forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import pytest

from projector.lake.asking import ask
from projector.lake.sessions import POOL, SessionKey
from tests.lake.conftest import made

ENDLESS = "SELECT sum(hash(a.id || b.id || c.id)) FROM outcomes a, outcomes b, outcomes c"
ENDLESS_ROWS = "SELECT a.id, b.id FROM outcomes a, outcomes b, outcomes c"


def test_zones_of_one_file_at_once(tables: Path) -> None:
    """Each reading in its own, while the others go on."""
    zones = ["UTC", "America/Denver", "Asia/Kathmandu", "Pacific/Apia"]
    query = "SELECT current_setting('TimeZone') FROM outcomes"
    readings = [iter(ask(tables, query, tz=zone)) for zone in zones * 2]
    assert [next(one) for _ in range(3) for one in readings] == [(zone,) for zone in zones * 2] * 3


def test_a_session_waits_for_the_next_question(tables: Path) -> None:
    """Once its rows are read, or nobody has them any more."""
    first = POOL.take(tables, "UTC")
    POOL.give_back(first)
    ask(tables, "SELECT 1").fetchall()
    rows = ask(tables, "FROM outcomes")
    assert POOL.take(tables, "UTC") is not first
    del rows
    assert POOL.take(tables, "UTC") is first


def test_a_file_that_is_replaced_is_read_again(tmp_path: Path) -> None:
    """Also under the same name, and while an old reading goes on."""
    path = made(tmp_path / "1.duckdb")
    rows = iter(ask(path, "SELECT count(*) OVER () FROM outcomes"))
    next(rows)
    key = SessionKey.of(path, "UTC")
    os.replace(made(tmp_path / "2.duckdb"), path)
    assert not key.is_current()
    assert SessionKey.of(path, "UTC") != key
    assert ask(path, "SELECT 1").fetchall() == [(1,)]
    assert next(rows) == (30000,)


@pytest.mark.parametrize("query", [ENDLESS, ENDLESS_ROWS])
def test_ctrl_c_ends_a_query(tables: Path, query: str) -> None:
    """Before its first row or after; the next question is answered."""
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        for _ in ask(tables, query):
            pass
    timer.join()
    assert ask(tables, "SELECT 1").fetchall() == [(1,)]


def test_ctrl_c_that_another_thread_takes_ends_a_query(tables: Path) -> None:
    """It does not wake the thread that waits: nor does one that comes just before that begins to wait."""
    timer = Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        ask(tables, ENDLESS)
    timer.join()


def test_threads_ask_at_once(tables: Path) -> None:
    """More than there are sessions that wait."""
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda n: ask(tables, "SELECT count(*) + ? FROM outcomes", [n]).fetchall(), range(40))
        assert [*answers] == [[(30000 + n,)] for n in range(40)]


def test_a_child_process_opens_its_own(tables: Path) -> None:
    """The parent's threads are not in it."""
    program = f"""
import os, pathlib
from projector.lake.asking import ask
path = pathlib.Path({str(tables)!r})
ask(path, "SELECT 1").fetchall()
child = os.fork()
if not child:
    raise SystemExit(7 if ask(path, "SELECT 1").fetchall() == [(1,)] else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", program], timeout=60).returncode == 7


@pytest.mark.slow
def test_a_large_sort_spills_and_leaves_nothing(tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into a folder that no other user can read."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("projector.lake.sessions._MEMORY", 48 << 20)
    query = "SELECT a.id || b.n AS text FROM outcomes a, range(100) b(n) ORDER BY hash(text), text"
    rows = iter(ask(tables, query))
    next(rows)
    folders = list(tmp_path.iterdir())
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700]
    assert list(folders[0].rglob("*.tmp"))
    assert sum(1 for _ in rows) == 3_000_000 - 1
    POOL.close()
    assert not list(tmp_path.iterdir())
