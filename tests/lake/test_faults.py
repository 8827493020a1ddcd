"""Tables of an open store where something goes wrong: damage while reading, closed places, others at work, forks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest

import projector
from projector.lake.sessions import POOL
from tests.builders import Clock, outcome
from tests.endurance.running import COMMAND, as_mere_owner, run
from tests.lake.comparing import names_in, see_that_right

COUNT = "SELECT count(*) FROM outcomes"
MANY = "SELECT id, state FROM outcomes_bitemporal, range(1000) ORDER BY ALL"  # rows of several batches


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of twenty outcomes."""
    path = tmp_path / "place" / "s.db"
    path.parent.mkdir()
    with projector.open(path, clock=Clock()) as p:
        p.append([outcome(f"Cells {n}", id=n) for n in range(20)])
    return path


@pytest.fixture
def p(store: Path) -> Iterator[projector.Projector]:
    """The store, open."""
    with projector.open(store, clock=Clock("2026-02-01T00:00:00Z")) as p:
        yield p


def news(p: projector.Projector, id: int) -> None:
    """One more outcome."""
    p.append(outcome(f"News {id}", id=id))


# damage while rows are read


@pytest.fixture
def large(tmp_path: Path) -> Iterator[projector.Projector]:
    """A store of so many states that they are read in several batches, and its tables hold in several blocks."""
    with projector.open(tmp_path / "large.db", clock=Clock()) as p:
        p.append(outcome(f"Cells {n}", id=n, description=os.urandom(300).hex()) for n in range(3_000))
        yield p


def test_damage_that_shows_after_the_first_rows(large: projector.Projector) -> None:
    """Says to ask again, and the next question is answered, by whoever asks it."""
    query = "SELECT 'none', repeat('x', 1000) FROM range(50_000) UNION ALL SELECT id, state FROM outcomes"
    expected = sorted(large.sql(query))
    file = large._tables.opened().path()
    POOL.close()
    rows = iter(large.sql(query))
    found = [next(rows)]
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"\xff" * (file.stat().st_size // 2))
    with pytest.raises(projector.StoreError, match=r"is damaged: .*; ask again: it will be rebuilt"):
        found.extend(rows)
    assert 0 < len(found) < len(expected)
    assert not file.exists()
    with projector.open(large.file or "", read_only=True) as another:
        assert sorted(another.sql(query)) == expected
    assert sorted(large.sql(query)) == expected


def test_damage_does_not_spoil_the_digest(large: projector.Projector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is read from the states then."""
    monkeypatch.setattr("projector.serve.tables._WORTH_TABLES", 0)
    expected = large.digest()
    file = large._tables.opened().path()
    assert large.digest() == expected
    POOL.close()
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"\xff" * (file.stat().st_size // 2))
    assert large._tables.opened().digest() is None
    assert large.digest() == expected


# places where nothing can be written


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    path = tmp_path / "elsewhere"
    path.mkdir()
    monkeypatch.setenv("TMPDIR", str(path))
    return path


@pytest.fixture
def place(store: Path) -> Iterator[Path]:
    """The store's folder, given back at the end."""
    yield store.parent
    for folder in (store.parent, store.with_name("s.db.tables")):
        if folder.exists():
            folder.chmod(0o700)


def asked(store: Path, query: str = COUNT) -> str:
    """The answer of a process without any right but the owner's."""
    ran = run("sql", query, "--csv", "--store", store, before=as_mere_owner)
    assert (ran.code, ran.err) == (0, "")
    return ran.out.splitlines()[-1]


def test_a_store_in_a_closed_folder_is_asked_by_temporary_tables(store: Path, place: Path, elsewhere: Path) -> None:
    """Which are gone with their process."""
    place.chmod(0o500)
    assert asked(store) == "20"
    assert (names_in(place), names_in(elsewhere)) == (["s.db"], [])


@pytest.mark.slow
def test_tables_in_a_closed_folder_are_used_as_they_are(store: Path, place: Path, elsewhere: Path) -> None:
    """Where they are up to date; damaged or behind, they are left and temporary ones made."""
    assert asked(store) == "20"
    folder = store.with_name("s.db.tables")
    folder.chmod(0o500)
    before = names_in(folder)
    assert asked(store) == "20"
    with projector.open(store, clock=Clock("2026-02-01T00:00:00Z")) as p:
        news(p, 99)
    assert asked(store) == "21"
    assert (names_in(folder), names_in(elsewhere)) == (before, [])


def test_damaged_tables_in_a_closed_folder_are_left(store: Path, place: Path, elsewhere: Path) -> None:
    """And temporary ones made, also where the damage shows only while rows are read."""
    assert asked(store) == "20"
    folder = store.with_name("s.db.tables")
    (file,) = folder.glob("*.duckdb")
    damaged = file.read_bytes()[:-262_144] + bytes(262_144)
    for content in (b"damaged", damaged):
        file.write_bytes(content)
        folder.chmod(0o500)
        assert asked(store, "SELECT count(state) FROM outcomes") == "20"
        assert file.read_bytes() == content
        folder.chmod(0o700)
    assert names_in(elsewhere) == []


def test_a_folder_of_somebody_else_is_not_looked_into(store: Path, place: Path, elsewhere: Path) -> None:
    """Nor is it an error; the digest is answered too."""
    folder = store.with_name("s.db.tables")
    folder.mkdir(mode=0o000)
    assert asked(store) == "20"
    assert run("digest", "--store", store, before=as_mere_owner).code == 0
    assert names_in(elsewhere) == []


def test_no_temporary_folder(store: Path, place: Path, tmp_path: Path) -> None:
    """Is said with what to do, and exit 3."""
    program = f"""
import sys, tempfile
tempfile._candidate_tempdir_list = lambda: [{str(tmp_path / "nowhere")!r}]
from projector.serve.cli import main
sys.exit(main(["sql", {COUNT!r}, "--store", {str(store)!r}]))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith("projector: a temporary folder cannot be made: ")
    assert ran.stderr.endswith("set TMPDIR to a folder with room, and ask again\n")


# the life of a store's tables


def test_tables_of_a_store_in_memory_are_gone_when_it_is_closed() -> None:
    """And not made again by who asks afterwards."""
    p = projector.open(":memory:", clock=Clock())
    news(p, 1)
    assert p.sql(COUNT).fetchall() == [(1,)]
    folder = p._tables.opened().path().parent
    assert names_in(folder)
    rows = iter(p.sql(MANY))
    first = next(rows)
    p.close()
    assert not folder.exists()
    assert [first, *rows] == [first] * 1000  # a reading that has begun goes on
    with pytest.raises(projector.StoreError, match="the store was closed"):
        p.sql(COUNT)
    assert not folder.exists()


def test_a_closed_store_holds_no_file_open(p: projector.Projector) -> None:
    """Not those that were replaced."""
    for number in range(100, 103):
        news(p, number)
        p.sql(COUNT).fetchall()
    file = p._tables.opened().path()
    p.close()
    held = [os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert {name for name in held if "s.db.tables" in name} <= {str(file)}


def test_rows_are_read_again_as_the_store_is_then(p: projector.Projector) -> None:
    """A further reading asks again; one that has begun goes on; after closing none begins."""
    rows = p.sql(COUNT)
    assert rows.fetchall() == [(20,)]
    many = iter(p.sql(MANY))
    first = next(many)
    news(p, 99)
    assert p.sql(COUNT).fetchall() == [(21,)]
    assert rows.fetchall() == [(21,)]
    assert sum(1 for _ in many) + len([first]) == 20_000
    p.close()
    with pytest.raises(projector.StoreError, match="the store was closed"):
        rows.fetchall()


# others at work


def test_threads_that_ask_at_once_share_one_file(p: projector.Projector) -> None:
    """Eight of them, while the store grows; each answer is of some state that it had."""
    for start in range(100, 130, 10):
        with ThreadPoolExecutor(8) as threads:
            answers = [threads.submit(lambda: p.sql(COUNT).fetchall()[0][0]) for _ in range(16)]
            for number in range(start, start + 10):
                news(p, number)
        found = [answer.result() for answer in answers]
        assert all(start - 80 <= count <= start - 70 for count in found)
    assert len(names_in(p._tables.opened().path().parent)) == 2
    see_that_right(p)


@pytest.mark.slow
def test_processes_that_ask_at_once_share_one_file(store: Path) -> None:
    """One makes it, the others wait; so it is after news."""
    for count in (20, 21):
        command = [*COMMAND, "sql", COUNT, "--csv", "--store", str(store)]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
        assert [process.communicate() for process in running] == [(b"count_star()\n%d\n" % count, b"")] * 3
        assert names_in(store.with_name("s.db.tables")) == [f"{count}-{count - 19}.duckdb", "lock"]
        with projector.open(store, clock=Clock("2026-02-01T00:00:00Z")) as p:
            news(p, 99)


@pytest.mark.slow
def test_asking_while_another_process_appends_and_asks(store: Path, p: projector.Projector) -> None:
    """Files are replaced while they are opened: each answer is right, none fails."""
    program = f"""
import projector
from tests.builders import Clock, outcome
with projector.open({str(store)!r}, clock=Clock("2026-03-01T00:00:00Z")) as p:
    for number in range(100, 106):
        p.append(outcome("News", id=number))
        assert p.sql({COUNT!r}).fetchall() == [(number - 79,)]
"""
    writer = subprocess.Popen([sys.executable, "-c", program])
    counts = []
    while writer.poll() is None:
        counts.append(p.sql(COUNT).fetchall()[0][0])
    assert writer.returncode == 0
    assert counts == sorted(counts)
    see_that_right(p)


def test_a_forked_process_asks_for_itself(store: Path) -> None:
    """After threads of its parent have asked, and with a reading of the parent's in its hands; it ends as others do.

    A fork while threads are at work copies whatever locks they hold: no library can answer then.
    """
    program = f"""
import os, sys, threading, projector
p = projector.open({str(store)!r})
rows = iter(p.sql({MANY!r}))
next(rows)
threads = [threading.Thread(target=lambda: p.sql({COUNT!r}).fetchall()) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for _ in range(3):
    child = os.fork()
    if not child:
        del rows
        with projector.open({str(store)!r}) as own:
            assert own.sql({COUNT!r}).fetchall() == [(20,)]
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert sum(1 for _ in rows) == 19_999
"""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], timeout=120, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_rows_may_be_dropped_at_any_moment(p: projector.Projector) -> None:
    """Also by a garbage collection while the same thread takes a session."""
    kept = [p.sql(MANY)]

    def drop() -> None:
        with POOL._lock:
            kept.clear()

    dropping = Thread(target=drop, daemon=True)
    dropping.start()
    dropping.join(60)
    assert not dropping.is_alive()
    session = POOL.take(p._tables.opened().path(), "UTC")
    assert session.connection().execute("SELECT count(*) FROM outcomes").fetchall() == [(20,)]


@pytest.mark.parametrize("package", ["duckdb", "pyarrow", "pytz"])
@pytest.mark.slow
def test_without_the_extra_the_digest_is_answered(p: projector.Projector, package: str, store: Path) -> None:
    """Also where tables are there; SQL says what to install."""
    p.sql(COUNT).fetchall()
    program = f"""
import sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name}}")
sys.meta_path.insert(0, Refusing())
import projector, projector.serve.projector
projector.serve.tables._WORTH_TABLES = 0
with projector.open({str(store)!r}) as p:
    assert p.digest() == {p.digest()!r}
    try:
        p.sql("SELECT 1")
    except projector.MissingExtra as error:
        assert "pip install 'outcome-projector[tables]'" in str(error)
    else:
        raise AssertionError
from projector.serve.cli import main
sys.exit(main(["sql", "SELECT 1", "--store", {str(store)!r}]))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "pip install 'outcome-projector[tables]'" in ran.stderr


@pytest.mark.parametrize("command", ["show outcome 3", "digest"])
def test_who_asks_for_no_tables_loads_none(store: Path, command: str) -> None:
    """Neither DuckDB nor Arrow."""
    program = f"""
import sys
from projector.serve.cli import main
code = main([*{command!r}.split(), "--store", {str(store)!r}])
assert not {{"duckdb", "pyarrow", "pytz"}} & set(sys.modules)
sys.exit(code)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


# instants that are no values


def test_an_instant_that_a_query_finds(p: projector.Projector) -> None:
    """Is a column beside the macro; within its brackets the answer says so."""
    with pytest.raises(projector.BadQuestion, match=r"FROM \(SELECT … AS t …\) AS q, outcomes_as_of\(q\.t\)$"):
        p.sql("SELECT * FROM outcomes_as_of((SELECT max(recorded_at) FROM store))")
    found = p.sql("SELECT count(*) FROM (SELECT max(valid_from) AS t FROM outcomes) AS q, outcomes_as_of(q.t)")
    assert found.fetchall() == [(20,)]
