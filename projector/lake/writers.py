"""Files that Arrow tables are written to, one behind the other: Parquet, CSV and Arrow IPC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, Final, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.csv import CSVWriter, WriteOptions
from pyarrow.ipc import IpcWriteOptions, new_file

from projector.lake.choice import ExportFormat

File: TypeAlias = "BinaryIO | pa.NativeFile"

_AT_ONCE: Final = 8192  # rows of a batch


class Writer(Protocol):
    """Writes tables of one schema; closed, its file is whole."""

    def write_table(self, table: pa.Table) -> None:
        """Write the rows of a table; of Parquet they are a row group."""

    def close(self) -> None:
        """Write the end of the file."""


def writer(format: ExportFormat, file: File, schema: pa.Schema) -> Writer:
    """A writer to an open file, which stays open."""
    return _WRITERS[format](file, schema)


class _Parquet:
    def __init__(self, file: File, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(file, schema, compression="zstd")

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
