"""The bare limit of a question: one seek in a timeline by SQLite alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from random import Random
from typing import Final, NamedTuple

from tests.bench.bare import PRAGMAS, StreamEvent, stream_events
from tests.bench.replaying import forget

SEEK: Final = (
    "SELECT l.state FROM timeline t JOIN log l ON l.position = t.position WHERE t.stream = ? AND t.event_time <= ?"
    " ORDER BY t.event_time DESC, t.updated DESC LIMIT 1"
)
_TABLES: Final = (
    "CREATE TABLE log (position INTEGER PRIMARY KEY, state BLOB)",
    "CREATE TABLE timeline (stream TEXT, event_time INTEGER, updated INTEGER, position INTEGER,"
    " PRIMARY KEY (stream, event_time, updated, position)) WITHOUT ROWID",
)


class Question(NamedTuple):
    """What stood of an aggregate at an instant."""

    stream: str
    at: str

    @property
    def kind(self) -> str:
        """The aggregate's kind."""
        return self.stream.split("/")[1]

    @property
    def id(self) -> str:
        """The aggregate's id."""
        return self.stream.split("/")[2]

    @property
    def values(self) -> tuple[str, int]:
        """The values of `SEEK`."""
        return self.stream, microseconds(self.at)


def microseconds(instant: str) -> int:
    """An instant as the timeline has it."""
    return round(datetime.fromisoformat(instant).timestamp() * 1_000_000)


def make(database: str) -> None:
    """An empty log with its timeline."""
    forget(database)
    with closing(sqlite3.connect(database)) as bare:
        for statement in (*PRAGMAS, *_TABLES):
            bare.execute(statement)


def add(events: Iterable[StreamEvent], database: str, first: int = 1) -> int:
    """Put events into the log and the timeline, from a position on; the position of the last comes back."""
    position = first - 1
    with closing(sqlite3.connect(database)) as bare, bare:
        for position, (stream, event, line) in enumerate(events, first):
            name, at = event["metadata"]["event_name"], microseconds(event["metadata"]["event_time"])
            bare.execute("INSERT INTO log VALUES (?, ?)", (position, line))
            row = (stream, at, not name.endswith("_created"), position)
            bare.execute("INSERT INTO timeline VALUES (?, ?, ?, ?)", row)
    return position


def some_streams(database: str, last: int, number: int, random: Random) -> Iterator[str]:
    """The streams of some events up to a position, drawn by chance."""
    with closing(sqlite3.connect(database)) as bare:
        for position in random.choices(range(1, last + 1), k=number):
            row = bare.execute("SELECT state FROM log WHERE position = ?", (position,)).fetchone()
            yield from (stream for stream, _, _ in stream_events(row))
