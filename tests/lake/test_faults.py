"""Tables of an open store where something goes wrong: damage while reading, closed places, others at work, forks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import projector
from projector.lake.sessions import POOL
from tests.builders import Clock, outcome
from tests.endurance.running import as_mere_owner, run
from tests.lake.comparing import names_in

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
    file = large._opened_tables().path()
    POOL.close()
    rows = iter(large.sql(query))
    found = [next(rows)]
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"\xff" * (file.stat().st_size // 2))
    with pytest.raises(projector.StoreError, match=r"is damaged: .*; ask again, it is made again"):
        found.extend(rows)
    assert 0 < len(found) < len(expected)
    assert not file.exists()
    with projector.open(large.file or "", read_only=True) as another:
        assert sorted(another.sql(query)) == expected
    assert sorted(large.sql(query)) == expected


def test_damage_does_not_spoil_the_digest(large: projector.Projector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is read from the states then."""
    monkeypatch.setattr("projector.serve.projector._WORTH_TABLES", 0)
    expected = large.digest()
    file = large._opened_tables().path()
    assert large.digest() == expected
    POOL.close()
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"\xff" * (file.stat().st_size // 2))
    assert large._opened_tables().digest() is None
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


def test_tables_in_a_closed_folder_are_used_as_they_are(store: Path, place: Path, elsewhere: Path) -> None:
    """Where they are up to date; damaged or behind, they are left and temporary ones made."""
    assert asked(store) == "20"
    folder = store.with_name("s.db.tables")
    folder.chmod(0o500)
    before = names_in(folder)
    assert asked(store) == "20"
    TablesMadeNow = "SELECT program FROM store"  # noqa: N806
    assert asked(store, TablesMadeNow).startswith("outcome-projector")
    with projector.open(store, clock=Clock("2026-02-01T00:00:00Z")) as p:
        news(p, 99)
    assert asked(store) == "21"
    assert (names_in(folder), names_in(elsewhere)) == (before, [])
