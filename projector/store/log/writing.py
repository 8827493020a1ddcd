"""Writes the rows of one batch: stored events, running hash, sources, duplicates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from sqlite3 import Cursor
from typing import Final

from projector.domain.canonical import write_json
from projector.store.interfaces import BatchSpan, Head
from projector.store.log.checksums import rows_where, update_checksum

Spans = Sequence[tuple[int, str]]  # the index of the first event, from 0 and rising, and the source it begins

BEGINNING: Final = bytes(32)  # the running hash before the first event

_FEW: Final = 8
_LAST: Final = "SELECT coalesce(max(originator_version), 0) FROM stored_events WHERE originator_id = ?"
_LAST_OF_MANY: Final = (
    "SELECT key, (SELECT max(originator_version) FROM stored_events WHERE originator_id = value) FROM json_each(?)"
)
_LAST_SOURCE: Final = "SELECT source FROM source_range ORDER BY first DESC LIMIT 1"
_DUPLICATE: Final = (
    "INSERT INTO duplicate VALUES (?, 1, ?)"
    " ON CONFLICT (position) DO UPDATE SET times = times + 1, last_at = excluded.last_at"
)


def last_versions(cursor: Cursor, streams: Collection[str]) -> dict[str, int]:
    """The last version of each stream, 0 where it is new."""
    few = len(streams) < _FEW
    singly = {stream for stream in streams if few or "\0" in stream}  # json_each ends a text there
    found = {stream: cursor.execute(_LAST, (stream,)).fetchone()[0] for stream in singly}
    if others := sorted(stream for stream in streams if stream not in singly):  # as they lie
        rows = cursor.execute(_LAST_OF_MANY, (write_json(others).decode(),))
        found |= {others[key]: last or 0 for key, last in rows}
    return found


def next_versions(streams: Iterable[str], last: dict[str, int]) -> list[int]:
    """The versions of new events in their streams; the last ones are counted on."""
    versions = list[int]()
    for stream in streams:
        last[stream] = version = last[stream] + 1
        versions.append(version)
    return versions


def write_batch(cursor: Cursor, head: Head, moment: int, digests: Sequence[bytes], sources: Spans) -> BatchSpan:
    """The batch of events with these digests behind the log's end, written down with where other sources begin."""
    first, last = head.position + 1, head.position + len(digests)
    row = (head.batch + 1, first, last, moment, running_hash(head.hash, first, moment, digests))
    cursor.execute("INSERT INTO batch (number, first, last, recorded_at, hash) VALUES (?, ?, ?, ?, ?)", row)
    update_checksum(cursor, "batch", added=[row])
    write_sources(cursor, first, sources)
    return BatchSpan(*row)


def write_sources(cursor: Cursor, first: int, sources: Spans) -> None:
    """Write from which positions on the log is of another source than before; ``first`` is where the spans begin."""
    last = cursor.execute(_LAST_SOURCE).fetchone()
    same = last is not None and last[0] == sources[0][1]
    if rows := [(first + index, source) for index, source in sources[same:]]:
        cursor.executemany("INSERT INTO source_range (first, source) VALUES (?, ?)", rows)
        update_checksum(cursor, "source_range", added=rows)


def note_duplicates(cursor: Cursor, positions: Sequence[int], moment: int) -> None:
    """Count duplicates of events, with the time of the last."""
    if positions:
        rows = set(positions)
        removed = rows_where(cursor, "duplicate", "position", rows)
        cursor.executemany(_DUPLICATE, [(position, moment) for position in positions])
        update_checksum(cursor, "duplicate", removed, rows_where(cursor, "duplicate", "position", rows))


def running_hash(before: bytes, first: int, recorded_at: int, digests: Iterable[bytes]) -> bytes:
    """The hash after these events: h(n) = SHA-256(h(n-1), n, digest, recorded_at).

    Args:
        before: The hash of everything earlier, 32 zero bytes at the beginning.
        first: The first event's position n, from 1.
        recorded_at: Microseconds since 1970.
    """
    when = recorded_at.to_bytes(8, "big", signed=True)
    for position, digest in enumerate(digests, first):
        before = sha256(b"%b%b%b%b" % (before, position.to_bytes(8, "big"), digest, when)).digest()
    return before


def spans_among(spans: Spans, chosen: Sequence[int]) -> list[tuple[int, str]]:
    """The spans of some of the events, counted among these; no two neighbours are of one source.

    Args:
        chosen: The indexes of these events, rising.

    >>> spans_among([(0, "a"), (2, "b"), (3, "a"), (5, "c")], [1, 4, 5, 6])
    [(0, 'a'), (2, 'c')]
    """
    found: list[tuple[int, str]] = []
    for start, source in spans:
        place = bisect_left(chosen, start)
        if found and found[-1][0] == place:  # none was chosen of the source before
            found.pop()
        if place < len(chosen) and not (found and found[-1][1] == source):
            found.append((place, source))
    return found
