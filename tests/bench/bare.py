"""The bare limit of a replay: the file read, each line decoded once, and ``executemany`` of the same bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import msgspec
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from projector.domain.catalogue import BY_NAME
from tests.bench.measuring import Figures, timed
from tests.bench.replaying import forget, size_of

StreamEvent = tuple[str, dict[str, Any], bytes]
Row = tuple[str, int, str, bytes]  # as the library's table has it
CACHE: Final = "PRAGMA cache_size = -32768"  # kibibytes, as ours has
PRAGMAS: Final = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", CACHE)
COMMITTED: Final = 5000  # events at once
GUESSED: Final = "guessed "  # how the id begins of a result that has none
_KINDS: Final = {name: (entry.kind, entry.id) for name, entry in BY_NAME.items()}
_decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def stream_events(lines: Iterable[bytes]) -> Iterator[StreamEvent]:
    """Each event that a store would append or know as a duplicate: its stream, the event, and its line."""
    for line in lines:
        event = _decode(line)
        metadata = event["metadata"]
        if (known := _KINDS.get(metadata["event_name"])) is not None:
            kind, member = known
            body = event["body"]
            tenant = metadata.get("root_account_uuid") or metadata["root_account_id"]
            yield f"{tenant}/{kind}/{body.get(member) or _guess(body)}", event, line.rstrip(b"\n")


def _guess(body: dict[str, Any]) -> str:
    """What a result without an id is recognised by."""
    return f"{GUESSED}{body['learning_outcome_id']} {body.get('user_uuid')} {body['created_at']}"


def rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """The rows of the library's table, versions counted by stream."""
    versions: dict[str, int] = {}
    for stream, event, line in stream_events(lines):
        version = versions[stream] = versions.get(stream, 0) + 1
        yield stream, version, event["metadata"]["event_name"], line


def append(log: str, database: str) -> Figures:
    """Everything appended, a commit every so many events; what part of it reading and decoding are, by themselves."""
    forget(database)
    recorder = SQLiteApplicationRecorder(SQLiteDatastore(":memory:", originator_id_type="text"))
    with timed() as spent:
        with Path(log).open("rb") as lines, closing(sqlite3.connect(database, isolation_level=None)) as bare:
            for statement in (*PRAGMAS, *recorder.create_table_statements):
                bare.execute(statement)
            events, commits = _insert(bare, recorder.insert_events_statement, rows(lines))
            began = perf_counter()
        closed = perf_counter() - began
    reading, decoding = _parts(Path(log))
    return spent | {
        "events": events,
        "reading": reading,
        "decoding": decoding,
        "inserting": spent["seconds"] - reading - decoding - commits - closed,
        "commits": commits,  # with the checkpoints that SQLite makes of itself
        "closing": closed,  # with the last checkpoint
        "bytes": size_of(database),
    }


def _insert(bare: sqlite3.Connection, statement: str, rows: Iterator[Row]) -> tuple[int, float]:
    """Insert all rows; how many they are, and the seconds that the commits took."""
    before, seconds = bare.total_changes, 0.0
    for first in rows:
        bare.execute("BEGIN")
        bare.executemany(statement, chain([first], islice(rows, COMMITTED - 1)))
        began = perf_counter()
        bare.execute("COMMIT")
        seconds += perf_counter() - began
    return bare.total_changes - before, seconds


def _parts(log: Path) -> tuple[float, float]:
    """What reading alone takes, and what decoding alone takes."""
    times = [perf_counter()]
    for read in (lambda lines: lines, rows):
        with log.open("rb") as lines:
            for _ in read(lines):
                pass
        times.append(perf_counter())
    start, read_at, decoded_at = times
    return read_at - start, (decoded_at - read_at) - (read_at - start)
