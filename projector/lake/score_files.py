"""Scores in one file: Parquet, CSV or Arrow, marked so that they are known again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from projector.lake.rows import Rows
from projector.lake.scores import SCHEMA
from projector.lake.writers import write_batches

if TYPE_CHECKING:
    from projector.ask.frames import Frame

Format = Literal["parquet", "csv", "arrow"]

_MARK: Final = {b"outcome-projector": b"scores"}
_MARKED: Final = SCHEMA.with_metadata(_MARK)
_HEADER: Final = (",".join(f'"{name}"' for name in SCHEMA.names) + "\n").encode()


def batches_of(scores: Frame) -> Iterator[pa.RecordBatch]:
    """The batches of scores that hold rows.

    Not by the Arrow stream, which would make text of the errors of this package.
    """
    assert isinstance(scores, Rows)
    return (batch for batch in scores.batches() if len(batch))


def write_scores(batches: Iterator[pa.RecordBatch], file: BinaryIO, format: Format) -> int:
    """Write scores to a file; return how many."""
    with pa.PythonFile(_Sink(file), "w") as sink:
        return write_batches(format, sink, batches, _MARKED)


class _Sink:
    """A file to be written from its beginning to its end, which may be a pipe; it stays open."""

    closed: Final = False

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._written = file, 0

    def write(self, part: bytes) -> int:
        self._file.write(part)
        self._written += len(part)
        return len(part)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self.flush()


def holds_scores(file: Path) -> bool:
    """Whether a file was written by `write_scores`."""
    with file.open("rb") as opened:
        head = opened.read(len(_HEADER))
        try:
            if head.startswith(b"PAR1"):
                return _is_marked(pyarrow.parquet.read_schema(opened))
            if head.startswith(b"ARROW1"):
                return _is_marked(pyarrow.ipc.open_file(opened).schema)
        except (pa.ArrowException, OSError):  # damaged
            return False
        return head == _HEADER


def _is_marked(schema: pa.Schema) -> bool:
    return _MARK.items() <= (schema.metadata or {}).items()
