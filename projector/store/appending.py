"""One batch of events into the log and all that is derived from it, within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Cursor
from typing import Final

from attrs import frozen

from projector.domain.events import LiveEvent
from projector.domain.tenancy import Tenancy
from projector.store.chain import BEGINNING, running_hash
from projector.store.derived.deriving import Derivation, Placed
from projector.store.derived.moving import derivation_after
from projector.store.institutions import grow_tenancy
from projector.store.seals import reseal, rows_where
from projector.store.sources import Spans, spans_among

_REPEATED: Final = (
    "INSERT INTO repeat VALUES (?, 1, ?)"
    " ON CONFLICT (position) DO UPDATE SET times = times + 1, last_at = excluded.last_at"
)
_LOG: Final = """
    INSERT INTO stored_events (rowid, originator_id, originator_version, topic, state) VALUES (?1, ?2,
    (SELECT coalesce(max(originator_version), 0) + 1 FROM stored_events WHERE originator_id = ?2), ?3, ?4)
"""


@frozen
class Head:
    """The log's end: its last batch and position, when that was recorded, and the running hash up to it."""

    batch: int = 0
    position: int = 0
    recorded_at: int = 0
    hash: bytes = BEGINNING


def read_head(cursor: Cursor) -> Head:
    """The log's end."""
    row = cursor.execute("SELECT number, last, recorded_at, hash FROM batch ORDER BY number DESC LIMIT 1").fetchone()
    return Head() if row is None else Head(*row)


def append_events(cursor: Cursor, events: Sequence[LiveEvent], sources: Spans, moment: int, before: Tenancy) -> int:
    """How many of these events were new; those are in the log now, and everything that is derived from them.

    Args:
        before: What the store knows of institutions without them.
    """
    head = read_head(cursor)
    derivation = derivation_after(cursor, before, grow_tenancy(cursor, before, events), head.position)
    placed = derivation.place(events)
    derivation.note_births(placed, head.position)
    positions = derivation.known(placed)
    fresh, indexes, again = list[Placed](), list[int](), list[tuple[int, int]]()
    for index, one in enumerate(placed):
        digest = one[0].digest
        if (known := positions.get(digest)) is not None:
            again.append((known, moment))
        else:
            fresh.append(one)
            indexes.append(index)
            positions[digest] = head.position + len(fresh)
    _note_repeats(cursor, again)
    if fresh:
        _write(derivation, fresh, head, spans_among(sources, indexes), moment)
    return len(fresh)


def _note_repeats(cursor: Cursor, again: Sequence[tuple[int, int]]) -> None:
    """Note which events were heard again, and when."""
    if again:
        positions = {position for position, _ in again}
        gone = rows_where(cursor, "repeat", "position", positions)
        cursor.executemany(_REPEATED, again)
        reseal(cursor, "repeat", gone, rows_where(cursor, "repeat", "position", positions))


def _write(derivation: Derivation, fresh: Sequence[Placed], head: Head, sources: Spans, moment: int) -> None:
    cursor, first, last = derivation.cursor, head.position + 1, head.position + len(fresh)
    cursor.executemany(
        _LOG, [(position, stream_of(one), one[0].name, one[0].packed) for position, one in enumerate(fresh, first)]
    )
    hash = running_hash(head.hash, first, moment, [one[0].digest for one in fresh])
    (batch,) = cursor.execute(
        "INSERT INTO batch (first, last, recorded_at, source, hash) VALUES (?, ?, ?, ?, ?) RETURNING number",
        (first, last, moment, sources[0][1], hash),
    ).fetchone()
    reseal(cursor, "batch", come=rows_where(cursor, "batch", "number", [batch]))
    _note_source_changes(cursor, [(first + index, source) for index, source in sources[1:]])
    derivation.add(fresh, first)
    derivation.close_batch(batch)
    derivation.write()
    derivation.milestones.set(first, [one[1] for one in fresh])


def _note_source_changes(cursor: Cursor, changes: Sequence[tuple[int, str]]) -> None:
    """Note from which positions within a batch its events are of another source."""
    if changes:
        cursor.executemany("INSERT INTO source_change VALUES (?, ?)", changes)
        reseal(cursor, "source_change", come=changes)


def stream_of(placed: Placed) -> str:
    """The stream where the library's table puts an event on arrival, by a readable id."""
    event, key, account = placed
    return f"{account.name}/{event.kind}/{key[2]}"
