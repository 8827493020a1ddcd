"""Stores to be served, beside the demo's: an empty one, and one of two institutions."""

from __future__ import annotations

from pathlib import Path

import projector
from tests.builders import mark, method, outcome, scale

OTHER = "SouthUuid0000000000000000000000000000001"
ROOT_OF_OTHER = "31070000000000001"


def make_empty(store: Path) -> None:
    """Make a store without an event."""
    projector.open(store).close()


def make_two(store: Path) -> None:
    """Make a store of two institutions with the same ids."""
    events = [
        outcome("Cells", "2024-03-01T10:00:00Z", id="7"),
        outcome("Cell biology", "2024-03-05T10:00:00Z", id="7"),
        scale("2024-01-01T00:00:00Z"),
        method("highest"),
        mark("1", "Ada", 0.8),
        mark("2", "Ben", 0.4),
    ]
    where = {"root_account_uuid": OTHER, "root_account_id": ROOT_OF_OTHER}
    others = [one | {"metadata": one["metadata"] | where} for one in events]
    with projector.open(store) as p:
        p.append([*events, *others])
