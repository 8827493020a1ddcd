"""What the log says of its batches."""

from __future__ import annotations

from typing import NamedTuple

from attrs import frozen


@frozen(kw_only=True)
class Receipt:
    """What became of a batch; ``recorded_at`` is None where nothing was appended."""

    appended: int = 0
    duplicates: int = 0
    quarantined: int = 0
    recorded_at: int | None = None


class Origin(NamedTuple):
    """When events were recorded (microseconds since 1970) and from which source, from a position on."""

    position: int
    recorded_at: int
    source: str
