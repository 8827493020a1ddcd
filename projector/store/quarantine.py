"""Where an input that is not appended, yet may matter, is kept with its source, position and reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventsourcing.sqlite import SQLiteCursor

from projector.domain.events import Arrival, Quarantined, Refusal

_COLUMNS = "source, position, reason, seen_at, length, sha256, raw, retried_at"


def keep(cursor: SQLiteCursor, arrivals: Sequence[Arrival], source: str, seen_at: int) -> int:
    """How many inputs of a batch were refused; each is kept once, with its first position."""
    refused = [(a.position, a.item) for a in arrivals if isinstance(a.item, Refusal)]
    cursor.executemany(
        f"INSERT OR IGNORE INTO quarantine ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
        [(source, position, r.reason, seen_at, r.length, r.sha256, r.raw) for position, r in refused],
    )
    return len(refused)


def page(cursor: SQLiteCursor, after: int, limit: int, *, retried: bool) -> list[tuple[int, Quarantined]]:
    """A page of what is kept, numbered in order of arrival; ``retried`` includes what a retry has appended."""
    cursor.execute(
        f"SELECT number, {_COLUMNS} FROM quarantine WHERE number > ? AND (? OR retried_at IS NULL)"
        " ORDER BY number LIMIT ?",
        (after, retried, limit),
    )
    return [(row[0], _quarantined(row)) for row in cursor.fetchall()]


def _quarantined(row: Any) -> Quarantined:
    return Quarantined(**{name: row[name] for name in _COLUMNS.split(", ")})


def mark_retried(cursor: SQLiteCursor, digests: Sequence[bytes], retried_at: int) -> None:
    """Note of inputs, by their SHA-256, that they were accepted after all; their receipts stay."""
    cursor.executemany(
        "UPDATE quarantine SET retried_at = ? WHERE sha256 = ?", [(retried_at, digest) for digest in digests]
    )
