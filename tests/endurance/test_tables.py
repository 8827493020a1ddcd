"""Tables of a store on a full disk, killed, and stopped: the old ones or the new ones are there, and nothing else."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from shutil import copyfile, copytree
from typing import Any

import pytest

import projector
from tests.builders import Clock, outcome
from tests.endurance.conftest import Undisturbed
from tests.endurance.running import COMMAND, Ran, Running, ask, run, run_killed_at
from tests.endurance.test_full_disk import no_file_above
from tests.lake.comparing import names_in, rows

COUNT = "SELECT count(*) FROM outcomes"
KILLED = -9
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def grown(small: Undisturbed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that grew since its tables were made."""
    folder = tmp_path_factory.mktemp("grown")
    copyfile(small.store, folder / "s.db")
    with projector.open(folder / "s.db", clock=Clock("2040-01-01T00:00:00Z")) as p:
        p.sql(COUNT).fetchall()
        p.append(outcome(f"News {n}", "2039-01-01T10:00:00Z", id=n, text=os.urandom(10_000).hex()) for n in range(100))
    return folder


@pytest.fixture(scope="session")
def anew(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it, whose tables were made from the beginning."""
    copyfile(grown / "s.db", copy := tmp_path_factory.mktemp("anew") / "s.db")
    assert ask("sql", COUNT, "--store", copy).code == 0
    return copy


@pytest.fixture(scope="session")
def expected(anew: Path) -> Rows:
    """The rows of these."""
    with projector.open(anew) as p:
        return rows(p)


@pytest.fixture(params=["made", "followed"])
def behind(request: pytest.FixtureRequest, grown: Path, tmp_path: Path) -> Path:
    """A store of one's own, without tables or with such as it outgrew."""
    if request.param == "made":
        copyfile(grown / "s.db", tmp_path / "s.db")
    else:
        copytree(grown, tmp_path, dirs_exist_ok=True)
    return tmp_path / "s.db"


def folder_of(store: Path) -> Path:
    """Where its tables are."""
    return store.with_name(f"{store.name}.tables")


def finished(store: Path) -> list[str]:
    """The names of the tables files."""
    return [name for name in names_in(folder_of(store)) if re.fullmatch(r"\d+-\d+\.duckdb", name)]


def newest(store: Path, before: list[str]) -> str:
    """The name of the file that is made now."""
    with projector.open(store, read_only=True) as p:
        return f"{p.store.pin().position}-{len(before) + 1}.duckdb"


def see_that_right(store: Path, expected: Rows) -> None:
    """See that the next question is answered, and nothing is left of what went wrong before."""
    with projector.open(store) as p:
        assert rows(p) == expected
        assert p.verify().damage is None
        assert names_in(folder_of(store)) == [p._tables.opened().path().name, "lock"]


def see_that_it_says_what_to_do(ran: Ran) -> None:
    """In one sentence, with exit 3."""
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, "", 1)
    assert ran.err.startswith("projector: the tables in ")
    assert ran.err.endswith("the store was not changed; make room and ask again\n")


# a full disk


@pytest.mark.parametrize("part", [0.05, 0.4, 0.95])
@pytest.mark.slow
def test_tables_on_a_full_disk(behind: Path, anew: Path, expected: Rows, part: float) -> None:
    """The old ones stay; with room the same question is answered."""
    before, (file,) = finished(behind), folder_of(anew).glob("*.duckdb")
    room = int(part * file.stat().st_size)
    see_that_it_says_what_to_do(run("sql", COUNT, "--store", behind, before=no_file_above(room)))
    assert names_in(folder_of(behind)) == sorted([*before, "lock"])
    see_that_right(behind, expected)


def mounting(size: str, folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """A command line for which a folder is a disk of its own, and afterwards what lies on it."""
    script = 'mount -t tmpfs -o "size=$0" none "$1" || exit 77; cd "$1"; shift; "$@"; code=$?; ls; exit $code'
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, size, str(folder), *COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("size", ["4k", "400k"])
def test_tables_on_a_disk_that_is_full_indeed(grown: Path, tmp_path: Path, size: str) -> None:
    """A disk of its own where this system lets a test have one."""
    copyfile(grown / "s.db", store := tmp_path / "s.db")
    folder_of(store).mkdir()
    ran = mounting(size, folder_of(store), "sql", COUNT, "--store", store)
    if ran.returncode in (1, 77):  # no disk can be mounted here: the same of a limit on files
        see_that_it_says_what_to_do(run("sql", COUNT, "--store", store, before=no_file_above(100_000)))
        return
    see_that_it_says_what_to_do(Ran(ran.returncode, ran.stdout.removesuffix("lock\n"), ran.stderr))


@pytest.mark.slow
def test_a_query_that_spills_onto_a_full_disk(filled: Path, tmp_path: Path) -> None:
    """Says what to do, with exit 2; the store and its tables are as they were."""
    assert ask("sql", COUNT, "--store", filled).code == 0
    before = {path: path.read_bytes() for path in [filled, *folder_of(filled).iterdir()]}
    (spilled := tmp_path / "spilled").mkdir()
    query = "SELECT a.state || n AS text FROM results a, range(300) b(n) ORDER BY hash(text), text"
    program = f"""
import sys
import projector.lake.sessions
projector.lake.sessions._MEMORY = 48 << 20
from projector.serve.cli import main
sys.exit(main(["sql", {query!r}, "--csv", "--store", {str(filled)!r}]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        preexec_fn=no_file_above(1_000_000),
        env={**os.environ, "TMPDIR": str(spilled)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.endswith("narrow the query, or set TMPDIR to a folder with more room\n")
    assert names_in(spilled) == []
    assert {path: path.read_bytes() for path in before} == before


# killed


@pytest.mark.parametrize(
    "moment",
    [
        "switching.make",
        "switching.follow",
        "making.drop_rows",
        "making._finish",
        "folder.TablesFolder.take",
        "folder.os.replace",
        "folder.TablesFolder._remove_before",
        "tables.QueryRun",
    ],
)
@pytest.mark.slow
def test_killed_at_a_moment(behind: Path, expected: Rows, moment: str) -> None:
    """The old file is there, or the new one, or both; the next question removes what is left."""
    before = finished(behind)
    code = run_killed_at(f"projector.lake.{moment}", "sql", COUNT, "--store", behind)
    is_of_the_other_way = moment.endswith(("follow", "drop_rows") if not before else "make")
    assert code == (0 if is_of_the_other_way else KILLED)
    assert set(finished(behind)) <= {*before, newest(behind, before)}
    see_that_right(behind, expected)


@pytest.mark.slow
def test_killed_at_random_moments(grown: Path, tmp_path: Path, expected: Rows) -> None:
    """Twenty times each while tables are made and while they follow."""
    random, killed = Random(1), 0
    for number in range(40):
        place = tmp_path / str(number)
        copytree(grown, place)
        store = place / "s.db"
        if number % 2:
            folder_of(store).rename(place / "away")
        before = finished(store)
        asking = Running("sql", COUNT, "--store", store)
        while not (found := [path for path in names_in(folder_of(store)) if path.startswith("work-")]):
            assert asking.process.poll() is None
        time.sleep(random.uniform(0, 0.6))
        asking.kill(asking.process.pid)
        killed += asking.ended().code == KILLED
        assert found
        assert set(finished(store)) <= {*before, newest(store, before)}
        see_that_right(store, expected)
    assert killed > 10


# stopped


def while_working(store: Path, then: Callable[[Running], None]) -> Ran:
    """A question that is disturbed while its tables are made."""
    asking = Running("sql", COUNT, "--store", store)
    while not any(name.startswith("work-") for name in names_in(folder_of(store))):
        assert asking.process.poll() is None
    then(asking)
    return asking.ended()


@pytest.mark.parametrize("pause", [0, 0.2])
@pytest.mark.slow
def test_ctrl_c_while_tables_are_made(filled: Path, pause: float) -> None:
    """Exit 130, and nothing is left but what was there."""
    folder_of(filled).mkdir(mode=0o700)
    (folder_of(filled) / "7-1.duckdb").write_text("damaged")

    def stop(asking: Running) -> None:
        time.sleep(pause)
        asking.process.send_signal(signal.SIGINT)

    ran = while_working(filled, stop)
    assert (ran.code, ran.out, ran.err) == (130, "", "projector: stopped; what was committed is stored\n")
    assert names_in(folder_of(filled)) == ["7-1.duckdb", "lock"]
    assert ask("sql", COUNT, "--csv", "--store", filled).out == "count_star()\n39\n"
    assert names_in(folder_of(filled)) == ["5821-2.duckdb", "lock"]


@pytest.mark.slow
def test_who_waits_for_a_killed_process_goes_on(filled: Path) -> None:
    """The lock is gone with it."""
    waiting = list[Running]()

    def wait_and_kill(asking: Running) -> None:
        waiting.append(Running("sql", COUNT, "--csv", "--store", filled))
        time.sleep(0.5)
        asking.kill(asking.process.pid)

    while_working(filled, wait_and_kill)
    assert waiting[0].ended() == Ran(0, "count_star()\n39\n", "")
    assert names_in(folder_of(filled)) == ["5821-1.duckdb", "lock"]
