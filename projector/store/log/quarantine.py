"""Quarantine: inputs that were not appended, with source, position and reason."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Cursor
from typing import Any

from attrs import frozen

from projector.domain.events import Refusal
from projector.domain.instants import to_datetime
from projector.domain.upkeep import Quarantined
from projector.store.log.checksums import rows_where, update_checksum

_COLUMNS = "source, position, reason, seen_at, length, sha256, raw, retried_at"


@frozen(kw_only=True)
class QuarantineFilter:
    """Which inputs in quarantine: those that match everything that is given here."""

    source: str | None = None
    reason: str | None = None  # a part of it
    before: int | None = None  # when it was seen
    sha256: frozenset[bytes] | None = None
    retried: bool = False  # the receipts of what a retry has appended, instead of what waits


def keep_refused(cursor: Cursor, refused: Sequence[tuple[str, int, Refusal]], seen_at: int) -> None:
    """Keep refused inputs, each once, with the source and position where it was met first."""
    numbers = []
    for source, position, refusal in refused:
        row = cursor.execute(
            f"INSERT OR IGNORE INTO quarantine ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL) RETURNING number",
            (source, position, refusal.reason, seen_at, refusal.length, refusal.sha256, refusal.raw),
        ).fetchone()
        if row is not None:
            numbers.append(row[0])
    if numbers:
        update_checksum(cursor, "quarantine", added=rows_where(cursor, "quarantine", "number", numbers))


def last_kept(cursor: Cursor) -> int:
    """The number of the input that was kept last; 0 where none is."""
    number: int = cursor.execute("SELECT coalesce(max(number), 0) FROM quarantine").fetchone()[0]
    return number


def inputs_kept(cursor: Cursor) -> int:
    """The number of inputs that are kept, by an index."""
    number: int = cursor.execute("SELECT count(*) FROM quarantine").fetchone()[0]
    return number


def kept_inputs(cursor: Cursor, after: int, last: int, limit: int, *, retried: bool) -> list[tuple[int, Quarantined]]:
    """A page of what is kept up to a number, in order of arrival; ``retried`` includes what a retry has appended."""
    cursor.execute(
        f"SELECT number, {_COLUMNS} FROM quarantine WHERE number > ? AND number <= ? AND (? OR retried_at IS NULL)"
        " ORDER BY number LIMIT ?",
        (after, last, retried, limit),
    )
    return [(row[0], _quarantined(row)) for row in cursor.fetchall()]


def _quarantined(row: Any) -> Quarantined:
    columns = {name: row[name] for name in _COLUMNS.split(", ")}
    seen_at, retried_at = to_datetime(columns.pop("seen_at")), columns.pop("retried_at")
    return Quarantined(**columns, seen_at=seen_at, retried_at=None if retried_at is None else to_datetime(retried_at))


def mark_retried(cursor: Cursor, digests: Sequence[bytes], retried_at: int) -> None:
    """Note of inputs, by their SHA-256, that they were accepted after all; their receipts stay."""
    removed = rows_where(cursor, "quarantine", "sha256", digests)
    cursor.executemany(
        "UPDATE quarantine SET retried_at = ? WHERE sha256 = ?", [(retried_at, digest) for digest in digests]
    )
    if removed:
        update_checksum(cursor, "quarantine", removed, rows_where(cursor, "quarantine", "sha256", digests))


def drop_inputs(cursor: Cursor, which: QuarantineFilter) -> int:
    """Delete inputs and overwrite their bytes; return how many."""
    condition = (
        "(retried_at IS NOT NULL) = ? AND source = coalesce(?, source) AND (? IS NULL OR instr(reason, ?) > 0)"
        " AND seen_at < coalesce(?, seen_at + 1)"
    )
    words = (which.retried, which.source, which.reason, which.reason, which.before)
    cursor.execute(f"SELECT number, sha256 FROM quarantine WHERE {condition}", words)
    numbers = [row[0] for row in cursor.fetchall() if which.sha256 is None or row[1] in which.sha256]
    update_checksum(cursor, "quarantine", removed=rows_where(cursor, "quarantine", "number", numbers))
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.executemany("DELETE FROM quarantine WHERE number = ?", [(number,) for number in numbers])
    return len(numbers)
