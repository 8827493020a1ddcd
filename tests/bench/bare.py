"""The bare limit of a replay: the file read, each line decoded once, and one ``executemany`` of the same bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import msgspec
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from projector.domain.catalogue import BY_NAME
from tests.bench.measuring import Figures
from tests.bench.replaying import forget, size_of

StreamEvent = tuple[str, dict[str, Any], bytes]
Row = tuple[str, int, str, bytes]  # as the library's table has it
CACHE: Final = "PRAGMA cache_size = -32768"  # kibibytes, as ours has
PRAGMAS: Final = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", CACHE)
_CHECKPOINT_WHEN_CLOSING: Final = "PRAGMA wal_autocheckpoint = 0"  # not within the commit: to tell the two apart
_KINDS: Final = {name: (entry.kind, entry.id) for name, entry in BY_NAME.items()}
_decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def stream_events(lines: Iterable[bytes]) -> Iterator[StreamEvent]:
    """Each event that a store would append or know as a duplicate: its stream, the event, and its line."""
    for line in lines:
        event = _decode(line)
        metadata = event["metadata"]
        if (known := _KINDS.get(metadata["event_name"])) is not None:
            kind, member = known
            yield f"{metadata['root_account_uuid']}/{kind}/{event['body'][member]}", event, line.rstrip(b"\n")


def rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """The rows of the library's table, versions counted by stream."""
    versions: dict[str, int] = {}
    for stream, event, line in stream_events(lines):
        version = versions[stream] = versions.get(stream, 0) + 1
        yield stream, version, event["metadata"]["event_name"], line


def append(log: str, database: str) -> Figures:
    """Everything appended in one transaction, to the disk; what part of it reading and decoding are, by themselves."""
    forget(database)
    recorder = SQLiteApplicationRecorder(SQLiteDatastore(":memory:", originator_id_type="text"))
    times = [perf_counter()]
    with Path(log).open("rb") as lines, closing(sqlite3.connect(database, isolation_level=None)) as bare:
        for statement in (*PRAGMAS, _CHECKPOINT_WHEN_CLOSING, *recorder.create_table_statements, "BEGIN"):
            bare.execute(statement)
        bare.executemany(recorder.insert_events_statement, rows(lines))
        times.append(perf_counter())
        bare.execute("COMMIT")
        times.append(perf_counter())
    times.append(perf_counter())
    inserting, commit, checkpoint = (after - before for before, after in pairwise(times))
    reading, decoding = _parts(Path(log))
    return {
        "seconds": times[-1] - times[0],
        "reading": reading,
        "decoding": decoding,
        "inserting": inserting - decoding - reading,
        "commit": commit,
        "checkpoint": checkpoint,  # at closing: the write-ahead log is copied into the database
        "bytes": size_of(database),
    }


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
