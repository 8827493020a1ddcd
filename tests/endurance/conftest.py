"""A term of an invented college, as a file, and what becomes of it where nothing disturbs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from shutil import copyfile

import pytest
from attrs import frozen

import projector
from projector.domain.reports import Report
from projector.serve.demo.college import term
from tests.builders import Clock, outcome
from tests.endurance.tampering import Tampered


@frozen
class Undisturbed:
    """A store that holds a log in peace: what it says of it."""

    store: Path
    report: Report
    digest: str
    head_hash: str
    digests: list[bytes]  # of every event, in order


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 22,811 events, decoded by a process beside the writing one."""
    path = tmp_path_factory.mktemp("log") / "term.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in term()))
    return path


@pytest.fixture(scope="session")
def few(log: Path) -> Path:
    """Its first 400 events, as a log of their own."""
    path = log.with_name("few.jsonl")
    path.write_bytes(b"".join(line + b"\n" for line in islice(term(), 400)))
    return path


def _replayed(log: Path) -> Undisturbed:
    store = log.with_suffix(".db")
    with projector.open(store) as p:
        report = p.replay(log)
        digests = [entry.digest for _, entry in p.store.log.entries()]
        return Undisturbed(store, report, p.digest(), p.head_hash(), digests)


@pytest.fixture(scope="session")
def undisturbed(log: Path) -> Undisturbed:
    """The log, replayed in peace."""
    return _replayed(log)


@pytest.fixture(scope="session")
def middling(log: Path) -> Undisturbed:
    """The first 6,000 events, replayed in peace."""
    path = log.with_name("middling.jsonl")
    path.write_bytes(b"".join(line + b"\n" for line in islice(term(), 6000)))
    return _replayed(path)


@pytest.fixture(scope="session")
def small(few: Path) -> Undisturbed:
    """The first 400 events, replayed in peace."""
    return _replayed(few)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store is to be."""
    return tmp_path / "s.db"


@pytest.fixture
def filled(store: Path, middling: Undisturbed) -> Path:
    """A store of one's own that holds the first 6,000 events."""
    copyfile(middling.store, store)
    return store


@pytest.fixture
def kept(store: Path, small: Undisturbed) -> Path:
    """A store of one's own that holds the first 400 events."""
    copyfile(small.store, store)
    return store


@pytest.fixture(scope="session")
def content() -> Callable[[Path], str]:
    """What a database of one file holds, as SQL: two with the same are alike, whatever the order of their pages."""

    def dumped(path: Path) -> str:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            return "\n".join(connection.iterdump())

    return dumped


@pytest.fixture
def tampered(store: Path) -> Tampered:
    """A store that holds 24 events of three outcomes in six batches."""
    events = [outcome(f"Cells {n}", f"2024-03-01T10:{n:02}:00Z", id=n % 3) for n in range(24)]
    with projector.open(store, clock=Clock()) as p:
        for first in range(0, 24, 4):
            p.append(events[first : first + 4])
    return Tampered(store)
