"""Ours: a log replayed into a new store, and the store derived anew from its own log."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import projector
from projector.domain.canonical import read_json
from projector.domain.facts import event_kept
from projector.domain.packing import learn, unpack
from tests.bench.measuring import Figures, timed


def replay(log: str, store: str) -> Figures:
    """A log, or a folder of logs, replayed into a store that is made for it, from opening to closing."""
    forget(store)
    with timed() as spent, projector.open(store) as p:
        report = p.replay(log)
    assert report.quarantined == 0
    counts = {"read": report.read, "appended": report.appended, "events": report.appended + report.duplicates}
    return spent | counts | {"bytes": size_of(store)}


def forget(database: str) -> None:
    """Remove a database and what lies beside it."""
    for suffix in ("", "-wal", "-shm"):
        Path(database + suffix).unlink(missing_ok=True)


def size_of(database: str) -> int:
    """The bytes of a database, with its write-ahead log where one was left."""
    return sum(os.path.getsize(database + suffix) for suffix in ("", "-wal") if Path(database + suffix).exists())


def rebuild(store: str) -> Figures:
    """The derived tables made anew from the log."""
    with timed() as spent, projector.open(store) as p:
        events = p.rebuild().events
    return spent | {"events": events}


def verify(store: str) -> Figures:
    """Every hash and every derived table computed again, and compared."""
    with timed() as spent, projector.open(store, read_only=True) as p:
        verified = p.verify()
    assert verified.damage is None
    return spent | {"events": verified.events}


def reread(store: str) -> Figures:
    """The limit of a rebuild: every event of the log read and decoded, and nothing else; ``json``: only to its JSON."""
    with timed() as spent:
        events = _each_state(store, event_kept)
    with timed() as plainly:
        _each_state(store, lambda state: read_json(unpack(state)[1]))
    return spent | {"json": plainly["seconds"], "events": events}


def _each_state(store: str, read: Callable[[bytes], object]) -> int:
    with closing(sqlite3.connect(store)) as bare:
        for (dictionary,) in bare.execute("SELECT content FROM dictionary"):
            learn(dictionary)
        events = 0
        for (state,) in bare.execute("SELECT state FROM stored_events ORDER BY rowid"):
            read(state)
            events += 1
    return events
