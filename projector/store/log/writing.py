"""Rows of one batch: the library's stored events, the batch itself, where sources begin, what was heard again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from sqlite3 import Cursor
from typing import Final

from eventsourcing.persistence import StoredEvent

from projector.domain.canonical import write_json
from projector.store.interfaces import Batch, Head, Placed, stream_of
from projector.store.log.chain import running_hash
from projector.store.log.seals import reseal, rows_where
from projector.store.log.sources import Spans

_VERSION: Final = "SELECT coalesce(max(originator_version), 0) FROM stored_events WHERE originator_id = {}"
_VERSIONS: Final = f"SELECT value, ({_VERSION.format('value')}) FROM json_each(?)"
_DUPLICATE: Final = (
    "INSERT INTO repeat VALUES (?, 1, ?)"
    " ON CONFLICT (position) DO UPDATE SET times = times + 1, last_at = excluded.last_at"
)


def stored_events(cursor: Cursor, placed: Sequence[Placed]) -> Iterator[StoredEvent]:
    """New events as the library's recorder takes them, each the next one of its stream."""
    streams = [stream_of(one) for one in placed]
    versions = _versions(cursor, set(streams))
    for stream, (event, _, _) in zip(streams, placed, strict=True):
        version = versions[stream] = versions[stream] + 1
        yield StoredEvent(originator_id=stream, originator_version=version, topic=event.name, state=event.packed)


def _versions(cursor: Cursor, streams: Iterable[str]) -> dict[str, int]:
    """The last version of each stream, 0 where it is new."""
    plain = [stream for stream in streams if "\0" not in stream]  # where json_each ends a text
    found: dict[str, int] = dict(cursor.execute(_VERSIONS, (write_json(plain).decode(),)).fetchall())
    for stream in set(streams).difference(plain):
        found[stream] = cursor.execute(_VERSION.format("?"), (stream,)).fetchone()[0]
    return found


def write_batch(
    cursor: Cursor, head: Head, positions: Sequence[int], moment: int, digests: Iterable[bytes], sources: Spans
) -> Batch:
    """The batch behind the log's end, written down with where within it other sources begin."""
    first, last = positions[0], positions[-1]
    row = (head.batch + 1, first, last, moment, sources[0][1], running_hash(head.hash, first, moment, digests))
    cursor.execute("INSERT INTO batch (number, first, last, recorded_at, source, hash) VALUES (?, ?, ?, ?, ?, ?)", row)
    reseal(cursor, "batch", come=[row])
    if changes := [(first + index, source) for index, source in sources[1:]]:
        cursor.executemany("INSERT INTO source_change VALUES (?, ?)", changes)
        reseal(cursor, "source_change", come=changes)
    return Batch(*row)


def note_duplicates(cursor: Cursor, positions: Sequence[int], moment: int) -> None:
    """Note which events were heard again, and when."""
    if positions:
        rows = set(positions)
        gone = rows_where(cursor, "repeat", "position", rows)
        cursor.executemany(_DUPLICATE, [(position, moment) for position in positions])
        reseal(cursor, "repeat", gone, rows_where(cursor, "repeat", "position", rows))
