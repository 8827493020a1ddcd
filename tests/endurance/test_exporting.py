"""Exports on a full disk, killed, and stopped, and while the earlier one is read: the old or the new one is there."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import duckdb
import polars
import pytest

import projector
from tests.builders import Clock, outcome
from tests.endurance.running import Running, ask, run, run_killed_at
from tests.endurance.test_full_disk import no_file_above
from tests.lake.comparing import names_in

SLOW = pytest.mark.slow


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with texts that no format makes small."""
    store = tmp_path_factory.mktemp("exported") / "s.db"
    with projector.open(store, clock=Clock()) as p:
        p.append(outcome(f"Cells {n}", id=n, text=os.urandom(10_000).hex()) for n in range(100))
    assert ask("sql", "SHOW TABLES", "--store", store).code == 0
    return store


@pytest.fixture(params=[pytest.param("first", marks=SLOW), "again"])
def out(request: pytest.FixtureRequest, grown: Path, tmp_path: Path) -> Path:
    """Where an export is to be; sometimes an earlier one is there."""
    if request.param == "again":
        assert ask("export", "--kind", "method", "--out", tmp_path / "out", "--store", grown).code == 0
    return tmp_path / "out"


def state(out: Path) -> dict[str, bytes]:
    """Everything beside an export, and in it."""
    return {str(path): path.read_bytes() for path in out.parent.rglob("*") if path.is_file()}


def see_that_it_can_be_written(out: Path, store: Path, format: str) -> None:
    """With room, by the same command; nothing else is left."""
    ran = ask("export", "--format", format, "--out", out, "--store", store)
    assert (ran.code, ran.err) == (0, "")
    assert names_in(out.parent) == ["out"]


@pytest.mark.parametrize("room", [pytest.param(0, marks=SLOW), 30_000, pytest.param(1_000_000, marks=SLOW)])
@pytest.mark.parametrize("format", ["parquet", *(pytest.param(one, marks=SLOW) for one in ("csv", "arrow", "duckdb"))])
def test_an_export_onto_a_full_disk(grown: Path, out: Path, format: str, room: int) -> None:
    """Says what to do, with exit 3; what was there is there."""
    before = state(out)
    ran = run("export", "--format", format, "--out", out, "--store", grown, before=no_file_above(room))
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, "", 1)
    assert "make room" in ran.err
    assert ran.err.endswith("run the same command again\n")
    assert state(out) == before
    see_that_it_can_be_written(out, grown, format)


@pytest.mark.parametrize(
    "function",
    [
        pytest.param("projector.lake.exporting._manifest", marks=SLOW),
        "projector.serve.replacing._synchronise",
        pytest.param("projector.lake.exporting._write", marks=SLOW),
        pytest.param("projector.serve.replacing._put", marks=SLOW),
    ],
)
def test_an_export_that_is_killed(grown: Path, out: Path, function: str) -> None:
    """Leaves what was there; what it left beside is removed by the next one."""
    before = state(out)
    assert run_killed_at(function, "export", "--out", out, "--store", grown) == -signal.SIGKILL
    left = {name: text for name, text in state(out).items() if ".partial/" not in name}
    assert left == before
    see_that_it_can_be_written(out, grown, "parquet")


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.3, 0.6, 0.9, 1.2])
def test_an_export_that_is_killed_at_any_moment(grown: Path, out: Path, after: float) -> None:
    """Leaves the old or the new one, whole."""
    before = state(out)
    running = Running("export", "--out", out, "--store", grown)
    time.sleep(after)
    running.kill(*running.everybody())
    running.process.communicate()
    if (out / "outcomes.parquet").exists():
        assert len(polars.read_parquet(out / "outcomes.parquet")) == 100
    else:
        assert {name: text for name, text in state(out).items() if ".partial/" not in name} == before
    see_that_it_can_be_written(out, grown, "parquet")


@pytest.mark.slow
def test_an_export_that_is_stopped(grown: Path, out: Path) -> None:
    """By Ctrl-C: exit 130, and nothing is left beside what was there."""
    before = state(out)
    running = Running("export", "--format", "csv", "--out", out, "--store", grown)
    while running.process.poll() is None and not list(out.parent.glob(".*.partial")):
        time.sleep(0.005)
    running.process.send_signal(signal.SIGINT)
    ran = running.ended()
    if ran.code == 0:  # it was quicker
        return
    assert (ran.code, ran.out) == (130, "")
    assert state(out) == before
    assert names_in(out.parent) == [name for name in ("out",) if before]


@pytest.mark.parametrize("format", ["parquet", "duckdb"])
def test_an_export_over_one_that_is_read(grown: Path, tmp_path: Path, format: str) -> None:
    """Who has the earlier one open reads it to its end; who opens it then has the new one."""
    out = tmp_path / "out"
    assert ask("export", "--format", format, "--out", out, "--store", grown).code == 0
    with duckdb.connect() as reader:
        if format == "duckdb":
            reader.execute(f"ATTACH '{out}' AS old (READ_ONLY)")
            rows = reader.execute("SELECT id, state FROM old.outcomes")
        else:
            file = (out / "outcomes.parquet").open("rb")
            rows = None
        assert ask("export", "--kind", "scale", "--format", format, "--out", out, "--store", grown).code == 0
        if rows is not None:
            assert len(rows.fetchall()) == 100
            assert reader.execute("SELECT count(*) FROM old.outcomes").fetchall() == [(100,)]
        else:
            with file:
                assert len(polars.read_parquet(file)) == 100
            assert names_in(out)[0] == "manifest.json"
            assert not (out / "outcomes.parquet").exists()


def test_damaged_tables_are_made_again_for_an_export(grown: Path, tmp_path: Path) -> None:
    """And what was written of them is not in it."""
    store = tmp_path / "s.db"
    store.write_bytes(grown.read_bytes())
    assert ask("sql", "SHOW TABLES", "--store", store).code == 0
    (file,) = store.with_name("s.db.tables").glob("*.duckdb")
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"\xff" * (file.stat().st_size // 4))
    ran = ask("export", "--out", tmp_path / "out", "--store", store)
    assert (ran.code, ran.err) == (0, "")
    assert len(polars.read_parquet(tmp_path / "out" / "outcomes.parquet")) == 100
