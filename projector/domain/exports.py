"""What an export of the tables wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from attrs import frozen

from projector.domain.answers import Answer

ExportFormat = Literal["parquet", "csv", "arrow", "duckdb"]
FORMATS: Final[tuple[ExportFormat, ...]] = ("parquet", "csv", "arrow", "duckdb")


@frozen(kw_only=True)
class Exported(Answer):
    """What an export wrote: the rows of each table, and of which state of the store.

    ``position`` and ``head_hash`` are those of the last event that is in it; ``files`` are the paths of what was
    written; ``seconds`` is how long it took.
    """

    tables: Mapping[str, int]
    position: int
    head_hash: str
    files: tuple[str, ...]
    seconds: float
