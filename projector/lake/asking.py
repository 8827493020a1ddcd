"""Answers to SQL over a finished tables file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from weakref import finalize

import duckdb
import pyarrow as pa
from attrs import frozen

from projector.ask.instants import zone_named
from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion, StoreError
from projector.lake.failures import FAILURES, DamagedTables, is_fatal, translated
from projector.lake.interrupting import interruptibly
from projector.lake.processes import leave_to_the_parent
from projector.lake.rows import Rows, schema_in_utc
from projector.lake.sessions import POOL, Session
from projector.lake.statement import statement_of

T = TypeVar("T")

Parameters = Sequence[Any] | Mapping[str, Any] | None

_AT_ONCE: Final = 8192  # rows of a batch
_HUGE: Final = ("HUGEINT", "UHUGEINT")
_SHOW_TABLES: Final = """
SELECT name FROM (
    SELECT table_name AS name, database_name, schema_name FROM duckdb_tables()
    UNION ALL SELECT view_name, database_name, schema_name FROM duckdb_views()
    UNION ALL SELECT function_name || '(' || array_to_string(parameters, ', ') || ')', database_name, schema_name
        FROM duckdb_functions() WHERE function_type = 'table_macro'
) WHERE database_name = current_database() AND schema_name = 'main' ORDER BY name
"""


def ask(path: Path, query: str, params: Parameters = None, tz: str = "UTC") -> Rows:
    """The rows that answer a query over a tables file.

    The query has begun to run when this returns, so that what is wrong with it is raised here.

    Args:
        path: The tables file.
        query: One statement that reads.
        params: The values of ``?`` in order, or of ``$name`` by name.
        tz: The zone in which dates, and times without an offset, are read.

    Raises:
        BadQuestion: the query, the parameters or the zone cannot be used.
        DamagedTables: the file is missing or damaged; it can be made again, and asked again.
    """
    prepared = Query.of(query, params, tz)
    return rows_of(lambda: QueryRun(path, prepared))


@frozen
class Query:
    """A query that can be run over a tables file."""

    text: str
    params: list[Any] | dict[str, Any] | None
    zone: str

    @classmethod
    def of(cls, query: str, params: Parameters, tz: str) -> Self:
        """A query, its parameters and its zone, as in `ask`.

        Raises:
            BadQuestion: one of them cannot be used.
        """
        statement, zone = statement_of(query), zone_named(tz).key
        return cls(_SHOW_TABLES if statement.shows_tables else query, _parameters(params), zone)


def _parameters(params: object) -> list[Any] | dict[str, Any] | None:
    if isinstance(params, Mapping) and all(isinstance(name, str) for name in params):
        return dict(params)
    if isinstance(params, Sequence) and not isinstance(params, str | bytes):
        return list(params)
    if params is None:
        return None
    raise BadQuestion(f"parameters must be a sequence or a mapping of names, not {shown(params)}")


def rows_of(begin: Callable[[], QueryRun]) -> Rows:
    """The rows of a query.

    Args:
        begin: Begins a run of it: called now, and for each further reading.
    """
    first = begin()

    def again() -> Iterator[pa.RecordBatch]:
        run = begin()
        if run.schema != first.schema:
            raise StoreError("the columns of the answer have changed; ask again")
        return iter(run)

    return Rows(first.schema, first.huge, iter(first), again)


class QueryRun:
    """One run of a query: its batches, read as they are asked for, and its session, given back at the end."""

    def __init__(self, path: Path, query: Query, on_damage: Callable[[], None] = lambda: None) -> None:
        """Begin it.

        Args:
            on_damage: Called where the file turns out to be damaged, now or while batches are read.

        Raises:
            BadQuestion: the query cannot be answered.
            DamagedTables: the file is missing or damaged.
        """
        self._on_damage = on_damage
        try:
            self._session = POOL.take(path, query.zone)
            self._connection = self._session.connection()
        except DamagedTables:
            on_damage()
            raise
        self._end = finalize(self, _end, self._connection, self._session)
        try:
            relation = self._run(lambda: self._connection.sql(query.text, params=query.params))
            self.huge: list[bool] = [str(type) in _HUGE for type in relation.types]
            self._reader = self._run(lambda: relation.to_arrow_reader(_AT_ONCE))
            self.schema: pa.Schema = schema_in_utc(self._reader.schema)
            self._next = self._run(self._read)
        except BaseException:
            self._end()
            raise

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            while self._next is not None:
                batch, self._next = self._next, None
                yield batch
                self._next = self._run(self._read)
        finally:
            self._end()

    def _read(self) -> pa.RecordBatch | None:
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            return None

    def _run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns; Ctrl-C ends it, and an error of DuckDB becomes one of this package."""
        try:
            return interruptibly(self._connection, work)
        except FAILURES as error:
            problem = translated(error, self._session.key.path)
            if isinstance(problem, DamagedTables):
                self._on_damage()
            self._session.is_sound = not isinstance(problem, DamagedTables) and not is_fatal(error)
            raise problem from error


def _end(connection: duckdb.DuckDBPyConnection, session: Session) -> None:
    if not session.is_of_this_process:
        leave_to_the_parent(connection, session)
        return
    try:
        connection.close()
    except duckdb.Error:  # busy: a second Ctrl-C came while the first one ended a query
        connection.interrupt()
        session.is_sound = False
    POOL.give_back(session)
