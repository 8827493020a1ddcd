"""The rows of a finished tables file as Arrow tables in their order, for an export.

The stored rows of a kind are read in parts that follow each other, so that what is sorted and held is no more than one
of them; what people see is defined over a part as it is over all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import duckdb
import pyarrow as pa
from attrs import define, field

from projector.domain.canonical import without_members
from projector.domain.catalogue import Kind
from projector.domain.errors import StoreError
from projector.domain.upkeep import OnStep
from projector.lake.choice import ExportChoice
from projector.lake.columns import said_of
from projector.lake.failures import DamagedTables, in_short, is_of_room, is_of_the_file
from projector.lake.interrupting import interruptibly, stopping_at_ctrl_c
from projector.lake.layout import definitions_over_stored, stored_kinds, table_of
from projector.lake.ordering import ALL, Part, parts_of
from projector.lake.processes import TemporaryFolder
from projector.lake.rows import in_utc, schema_in_utc
from projector.lake.sessions import NO_EXTENSIONS, Configuration, attach

T = TypeVar("T")
Run = Callable[[Callable[[], Any]], Any]

_CONFIGURATION: Final[Configuration] = {
    **NO_EXTENSIONS,
    "threads": 1,  # rows keep their order, and are written meanwhile
}
_BATCH: Final = 8192  # rows
_TO_READ: Final = "112MiB"  # of memory for DuckDB, where rows are read as they lie
_TO_SORT: Final = "256MiB"


@contextmanager
def export_source(path: Path, choice: ExportChoice, on_step: OnStep | None) -> Iterator[ExportSource]:
    """What an export reads of a tables file.

    Args:
        on_step: Called with the number of rows read, and of all.

    Raises:
        DamagedTables: the file is missing or damaged.
        StoreError: there is no room, or no memory.
    """
    folder = TemporaryFolder("projector-export-")
    try:
        config = {**_CONFIGURATION, "temp_directory": str(folder.path)}
        with stopping_at_ctrl_c(), closing(duckdb.connect(":memory:", config=config)) as connection:
            source = ExportSource(connection, path, choice, on_step)
            source.define()
            yield source
    except duckdb.Error as error:
        raise _problem(error, path) from error
    finally:
        folder.remove()


def _problem(error: duckdb.Error, path: Path) -> StoreError:
    reason = in_short(str(error))
    if is_of_the_file(error, path):
        return DamagedTables(f"the tables file {path} cannot be read: {reason}")
    room = is_of_room(error) or isinstance(error, duckdb.OutOfMemoryException)
    remedy = "make room there and in the folder for temporary files (TMPDIR)" if room else "delete the tables beside it"
    return StoreError(f"the export was not completed: {reason}; {remedy}, and run the same command again")


def _directly(work: Callable[[], Any]) -> Any:
    """What ``work`` returns; done by many threads, pieces of memory would take more of it in the end."""
    return work()


@define
class ExportSource:
    """The tables of a file, each in its order: see `export_source`."""

    _connection: duckdb.DuckDBPyConnection
    _path: Path
    _choice: ExportChoice
    _on_step: OnStep | None
    _all: int = field(default=0, init=False)
    _done: int = field(default=0, init=False)
    _parts: dict[Kind, Sequence[Part]] = field(factory=dict, init=False)

    def define(self) -> None:
        """Open the file, and define what is to be read of it."""
        attach(self._connection, self._path)
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("CREATE SCHEMA stored")
        for kind in stored_kinds(self._choice.kinds):
            self._show_part(kind, ALL)
        for statements in definitions_over_stored(self._choice.kinds):
            self._connection.execute(statements)

    def count(self, tables: Iterable[str]) -> None:
        """Count the rows that will be read, for the steps."""
        if self._on_step is not None:
            self._all = sum(self._one(f"SELECT count(*) FROM {table}")[0] for table in tables)

    def store(self) -> tuple[Any, ...]:
        """The one row of the table ``store``."""
        return self._one("FROM tables.store")

    def types(self, table: str) -> dict[str, str]:
        """The columns of a table with their types."""
        relation = self._connection.sql(f"FROM {table}")
        return dict(zip(relation.columns, map(str, relation.types), strict=True))

    def batches(self, kind: Kind, select: str, order: Collection[str]) -> Iterator[pa.RecordBatch]:
        """The rows of a query over a kind's stored rows, some at a time; at least one batch, which may be empty.

        Args:
            select: What is selected from what, of the names that `projector.lake.layout` gives.
            order: The columns by which the rows of an aggregate are in order, after its tenant and id.
        """
        ordered = f"{select} ORDER BY {', '.join(('tenant', 'id', *order))}"
        for part in self._parts_of(kind):
            self._show_part(kind, part)
            if part.is_in_order and kind != "link":  # the rows of links come of a join
                yield from self._read(kind, select, _directly, _TO_READ)
            else:
                yield from self._read(kind, ordered, self._run, _TO_SORT)
        self._show_part(kind, ALL)

    def _read(self, kind: Kind, query: str, run: Run, memory: str) -> Iterator[pa.RecordBatch]:
        """The batches of a query, instants in UTC, without the members that are left out.

        Args:
            run: Runs what gives the first one: where rows are sorted or joined, that takes long.
            memory: What DuckDB may use.
        """
        self._connection.execute(f"SET memory_limit = '{memory}'")
        reader = run(lambda: self._connection.sql(query).to_arrow_reader(_BATCH))
        schema = schema_in_utc(reader.schema)
        yield self._translated(kind, pa.RecordBatch.from_pylist([], schema=schema))
        batch = run(lambda: next(reader, None))
        while batch is not None:
            self._step(len(batch))
            yield self._translated(kind, in_utc(batch, schema))
            batch = None  # so that its memory is free once it is written
            batch = next(reader, None)

    def _parts_of(self, kind: Kind) -> Sequence[Part]:
        if kind not in self._parts:
            table = f"tables.stored.{table_of(kind)}"
            self._parts[kind] = self._run(lambda: parts_of(self._connection, table))
        return self._parts[kind]

    def _show_part(self, kind: Kind, part: Part) -> None:
        table = table_of(kind)
        self._connection.execute(f"CREATE OR REPLACE VIEW stored.{table} AS {part.of(f'tables.stored.{table}')}")

    def _translated(self, kind: Kind, batch: pa.RecordBatch) -> pa.RecordBatch:
        if not self._choice.without:
            return batch
        texts = {"state", *(column.name for column in said_of(kind) if column.how == "json")}
        for name in texts.intersection(batch.schema.names):
            texts_left = _without_members(batch.column(name), self._choice.without)
            batch = batch.set_column(batch.schema.get_field_index(name), name, texts_left)
        return batch

    def _step(self, rows: int) -> None:
        self._done += rows
        if self._on_step is not None:
            self._on_step(self._done, max(self._all, self._done))

    def _one(self, query: str) -> tuple[Any, ...]:
        (row,) = self._run(lambda: self._connection.sql(query).fetchall())
        return tuple(row)

    def _run(self, work: Callable[[], T]) -> T:
        return interruptibly(self._connection, work)


def _without_members(texts: pa.Array, names: Collection[str]) -> pa.Array:
    """JSON texts without the members of some names, at any depth."""
    sent = texts.cast(pa.binary()).to_pylist()
    left = [None if text is None else without_members(text, names) for text in sent]
    return pa.array(left, pa.binary()).cast(pa.string())
