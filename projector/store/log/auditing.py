"""Checks that the log is as it was written: events, batches, streams, and the tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from sqlite3 import Cursor
from typing import Final

from attrs import define

from projector.domain.canonical import digest_of
from projector.domain.instants import LATEST
from projector.domain.packing import kept_digest, unpack
from projector.store.interfaces import BatchSpan, Entry, KeptEvents, Placed
from projector.store.log.checksums import CHECKSUMMED, computed_checksum, stored_checksum
from projector.store.log.writing import BEGINNING, running_hash

_STREAM_GAP: Final = """
    SELECT originator_id, before + 1, version FROM (
        SELECT originator_id, originator_version AS version, lag(originator_version, 1, 0) OVER stream AS before,
        rowid AS position, lag(rowid, 1, 0) OVER stream AS position_before FROM stored_events
        WINDOW stream AS (PARTITION BY originator_id ORDER BY originator_version)
    ) WHERE version IS NOT before + 1 OR position < position_before LIMIT 1
"""
_QUARANTINED: Final = "SELECT number, sha256, raw FROM quarantine WHERE length <= length(raw)"


class Damage(Exception):
    """A store is damaged; the message is the first difference."""


@define
class Audit:
    """Checks a log batch by batch, and at its end what holds for all of it.

    ``wanted`` is a head hash that the log must have had, and ``met`` whether it had it. ``reduced`` counts events that
    were taken without parts of them.
    """

    wanted: bytes | None = None
    met: bool = False
    hash: bytes = BEGINNING
    batches: int = 0
    reduced: int = 0
    position: int = 0
    _recorded_at: int = 0

    def check_batch(self, batch: BatchSpan, kept: KeptEvents) -> None:
        """See that a batch is whole, follows the one before it, and hashes to what it says.

        Args:
            kept: Its events, with the fault that was found in them.

        Raises:
            Damage: it does not.
        """
        number = batch.number
        if number != self.batches + 1:
            raise Damage(f"batch: number {self.batches + 1} is missing")
        if batch.first != self.position + 1:
            raise Damage(f"batch {number}: begins at position {batch.first}, not {self.position + 1}")
        if not self._recorded_at < batch.recorded_at <= LATEST:
            raise Damage(f"batch {number}: its time of recording is not later than that of the batch before")
        if kept.fault is not None:
            raise Damage(f"stored_events: the event at position {batch.first + kept.fault[0]} {kept.fault[1]}")
        self.reduced += kept.reduced
        self.hash = running_hash(self.hash, batch.first, batch.recorded_at, kept.events.digests)
        if self.hash != batch.hash:
            raise Damage(
                f"batch {number}: the running hash at position {batch.last} is {self.hash.hex()}, not the recorded one;"
                " an event up to there, its place or its time of recording was altered, or the hash itself"
            )
        self.met |= self.hash == self.wanted
        self._recorded_at, self.batches, self.position = batch.recorded_at, number, batch.last

    def check_end(self, cursor: Cursor) -> None:
        """See that there is nothing but what was checked, and that what is kept beside the log is whole.

        Raises:
            Damage: it is not.
        """
        if cursor.execute("SELECT count(*) FROM stored_events").fetchone()[0] != self.position:
            raise Damage(f"stored_events: it holds other events than the {self.position} of the batches")
        if cursor.execute("SELECT count(*) FROM batch").fetchone()[0] != self.batches:
            raise Damage(f"batch: it holds other rows than the {self.batches} that follow one another")
        if (gap := cursor.execute(_STREAM_GAP).fetchone()) is not None:
            stream, due, version = gap
            raise Damage(f"stored_events: the stream {stream} has version {version} where {due} should be")
        _check_beside(cursor)


def fault_among(entries: Sequence[Entry], names: Sequence[str], altered: Sequence[int]) -> tuple[int, str] | None:
    """The index of the first event that is not as it was recorded, and what is wrong with it.

    Args:
        names: What the events are called by their text; ``altered``: those whose text has another digest, rising.
    """
    filed = ((index, entry.topic, name) for index, (entry, name) in enumerate(zip(entries, names, strict=True)))
    found = next(
        ((index, f"has the topic {topic}, but the name {name}") for index, topic, name in filed if topic != name), None
    )
    if altered and (found is None or altered[0] <= found[0]):
        return altered[0], "is not the one that was recorded"
    return found


def altered_among(entries: Sequence[Entry]) -> list[int]:
    """The events whose text has another digest than they were recorded with."""
    return [index for index, entry in enumerate(entries) if _is_altered(entry.state)]


def _is_altered(state: bytes) -> bool:
    digest, text = unpack(state)
    kept = kept_digest(state)
    return digest_of(text) != digest if kept is None else sha256(text).digest() != kept


def check_streams(first: int, streams: Sequence[str], placed: Placed) -> None:
    """See that each event, from a position on, lies in the stream where it was put on arrival.

    Raises:
        Damage: one does not.
    """
    for position, (stream, due) in enumerate(zip(streams, placed.streams(), strict=True), first):
        if stream != due:
            raise Damage(f"stored_events: the event at position {position} is in stream {stream}, not in {due}")


def _check_beside(cursor: Cursor) -> None:
    for (name,) in cursor.execute("SELECT name FROM checksum").fetchall():
        if name not in CHECKSUMMED:
            raise Damage(f"checksum: it has a row for {name}, which is not a table with a checksum")
    for table in CHECKSUMMED:
        if (said := stored_checksum(cursor, table)) != (found := computed_checksum(cursor, table)):
            what = f"it has {found[0]} rows, not {said[0]}" if said[0] != found[0] else "a row was altered"
            raise Damage(f"{table}: its checksum does not match: {what}")
    for number, digest, raw in cursor.execute(_QUARANTINED):
        if sha256(raw).digest() != digest:
            raise Damage(f"quarantine: input number {number} is not the one that was kept")
