"""Files that Arrow tables are written to, one behind the other: Parquet, CSV and Arrow IPC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from typing import BinaryIO, Final, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
from attrs import define, field
from pyarrow.csv import CSVWriter, WriteOptions
from pyarrow.ipc import IpcWriteOptions, new_file

from projector.lake.choice import ExportFormat
from projector.lake.ordering import AT_ONCE

File: TypeAlias = "BinaryIO | pa.NativeFile"

_AT_ONCE: Final = 8192  # rows of a batch
_MOST_BYTES: Final = 192 << 20  # that are written at once: of long texts, fewer rows


def write_batches(
    format: ExportFormat, file: File, batches: Iterable[pa.RecordBatch], schema: pa.Schema | None = None
) -> int:
    """Write batches, at least one, to an open file, which stays open; return how many rows there are.

    Args:
        schema: Theirs, with metadata that are written too; None: that of the first.
    """
    waiting = iter(batches)
    first = next(waiting)
    rows = len(first)
    with (
        closing(_WRITERS[format](file, first.schema if schema is None else schema)) as into,
        ThreadPoolExecutor(1, "write") as executor,
    ):
        writing = _Writing(into, executor)
        writing.add(first)
        for batch in waiting:
            rows += len(batch)
            writing.add(batch)
            del batch  # so that its memory is free once it is written
        writing.end()
    return rows


@define
class _Writing:
    """Writes many rows at once, while the next ones are added: of these, no more than a third as many are held."""

    _into: Writer
    _executor: Executor
    _held: list[pa.RecordBatch] = field(factory=list, init=False)
    _full: float = field(default=0.0, init=False)  # 1: no more is held
    _written: Future[None] | None = field(default=None, init=False)

    def add(self, batch: pa.RecordBatch) -> None:
        share = max(len(batch) / AT_ONCE, batch.nbytes / _MOST_BYTES)
        if self._full + share > 1:
            self._wait()
            self._hand_over()
        elif self._full > 1 / 3:
            self._wait()
        self._held.append(batch)
        self._full += share

    def end(self) -> None:
        self._wait()
        self._hand_over()
        self._wait()

    def _hand_over(self) -> None:
        self._written = self._executor.submit(self._into.write_table, pa.Table.from_batches(self._held))
        self._held, self._full = [self._held[0].slice(0, 0)], 0.0

    def _wait(self) -> None:
        if self._written is not None:
            self._written.result()
            self._written = None


class Writer(Protocol):
    """Writes tables of one schema; closed, its file is whole."""

    def write_table(self, table: pa.Table) -> None:
        """Write the rows of a table; of Parquet they are a row group."""

    def close(self) -> None:
        """Write the end of the file."""


class _Parquet:
    def __init__(self, file: File, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=False)

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(table, row_group_size=max(1, len(table)))

    def close(self) -> None:
        self._writer.close()


class _Csv:
    """UTF-8 without a mark, a header, text in quotes; NULL is empty, an empty text is two quotes."""

    def __init__(self, file: File, schema: pa.Schema) -> None:
        self._writer = CSVWriter(file, schema, write_options=WriteOptions(batch_size=_AT_ONCE))

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(table)

    def close(self) -> None:
        self._writer.close()


class _Arrow:
    def __init__(self, file: File, schema: pa.Schema) -> None:
        self._writer = new_file(file, schema, options=IpcWriteOptions(compression="zstd"))

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(table, max_chunksize=_AT_ONCE)

    def close(self) -> None:
        self._writer.close()


_WRITERS: Final[Mapping[ExportFormat, Callable[[File, pa.Schema], Writer]]] = {
    "parquet": _Parquet,
    "csv": _Csv,
    "arrow": _Arrow,
}
