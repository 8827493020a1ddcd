"""The stored rows of a kind in parts, each before the next in the order of institutions and ids.

The rows of a file lie in order where it was made of one institution after the other; behind them are those of
aggregates that changed since, and, of results without an id, many in another order. To sort whole rows by parts takes
little memory, and where they lie in order none; to sort them all at once needs room on the disk, and much longer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field

from projector.lake.layout import text_in_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE: Final = 122_880  # rows of a part, and of a row group of Parquet: as many as DuckDB has in its own
_BATCH: Final = 1 << 16  # keys that are looked at together
_MOST_BEHIND: Final = 0.1  # of the rows: to look for more behind each part would take longer than to sort all

_KEYS: Final = "SELECT rowid AS row, tenant, id, valid_from, known_from FROM {table} ORDER BY rowid"
_KEY: Final = "(tenant, id)"


class Part(NamedTuple):
    """The rows for which one of some conditions holds, no two of them for one row.

    ``is_in_order``: whether they lie in order, also by ``valid_from`` and ``known_from``.
    """

    conditions: tuple[str, ...]
    is_in_order: bool = False

    def of(self, table: str) -> str:
        """The query for these rows; with the conditions in one, DuckDB would look at all rows of the table.

        >>> ALL.of("rows")
        'SELECT * FROM rows WHERE TRUE'
        """
        return " UNION ALL ".join(f"SELECT * FROM {table} WHERE {condition}" for condition in self.conditions)


ALL: Final = Part(("TRUE",))


class _Start(NamedTuple):
    """Where a part begins: the number of its first row, and the key of that."""

    row: int
    tenant: str
    id: str


def parts_of(connection: DuckDBPyConnection, table: str) -> list[Part]:
    """Parts into which the rows of a table are divided; all rows of an aggregate are in one.

    Where too many rows lie in no order, there is one part with all.

    Args:
        table: One with ``tenant``, ``id``, ``valid_from`` and ``known_from``.
    """
    ((rows,),) = connection.sql(f"SELECT count(*) FROM {table}").fetchall()
    if rows <= AT_ONCE:
        return [ALL]
    looked = _Looked()
    reader = connection.sql(_KEYS.format(table=table)).to_arrow_reader(_BATCH)
    for batch in reader:
        if not looked.at(batch):
            break
    reader.close()
    ((behind,),) = connection.sql(f"SELECT count(*) FROM {table} WHERE rowid >= {looked.end}").fetchall()
    return [ALL] if behind > _MOST_BEHIND * rows else list(looked.parts(has_more=behind > 0))


@define
class _Looked:
    """What was seen of rows, one after the other, as long as their keys are in order."""

    end: int = 0  # the number of the first row that was not looked at, or is not in order
    _starts: list[_Start] = field(factory=list)
    _not_sorted: set[int] = field(factory=set)  # parts, by number, in which rows of a key do not lie in order
    _counted: int = 0  # rows of the last part
    _last: pa.RecordBatch | None = None  # the last row

    def at(self, batch: pa.RecordBatch) -> bool:
        """Look at further rows; return whether all of them are in order."""
        is_less, is_other, is_unsorted = _compared(batch, self._last)
        breaks = pc.index(is_less, True).as_py()
        seen = len(batch) if breaks < 0 else breaks
        rows, tenants, ids, *_ = batch.columns
        for n in pc.indices_nonzero(is_other[:seen]).to_pylist():
            if not self._starts or self._counted + n >= AT_ONCE:
                self._starts.append(_Start(rows[n].as_py(), tenants[n].as_py(), ids[n].as_py()))
                self._counted = -n
        self._counted += seen
        for row in rows[:seen].filter(is_unsorted[:seen]).to_pylist():
            self._not_sorted.add(bisect_right(self._starts, row, key=attrgetter("row")) - 1)
        if breaks >= 0:
            self.end = rows[breaks].as_py()
            return False
        self.end, self._last = rows[-1].as_py() + 1, batch.slice(len(batch) - 1)
        return True

    def parts(self, *, has_more: bool) -> Iterator[Part]:
        """The parts of these rows, with those behind the end that belong to them."""
        following: Iterator[_Start | None] = chain(self._starts[1:], [None])
        for n, (start, next_start) in enumerate(zip(self._starts, following, strict=True)):
            last = (self.end if next_start is None else next_start.row) - 1
            conditions = [f"rowid BETWEEN {start.row} AND {last}"]
            if has_more:
                span = [f"rowid >= {self.end}"]
                span += [f"{_KEY} >= {_literal(start)}"] if n else []
                span += [] if next_start is None else [f"{_KEY} < {_literal(next_start)}"]
                conditions.append(" AND ".join(span))
            yield Part(tuple(conditions), not has_more and n not in self._not_sorted)


def _compared(batch: pa.RecordBatch, last: pa.RecordBatch | None) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Of each row whether its key is less than that of the row before, another one, and whether it is not in order.

    Args:
        last: The row before the first; None: there is none, and the first is another one.
    """
    first = batch.slice(0, 1) if last is None else last
    tenants, ids, times, known = zip(batch.columns[1:], _shifted(batch, first), strict=True)
    of_tenant = pc.equal(*tenants)
    of_key = pc.and_(of_tenant, pc.equal(*ids))
    is_less = pc.or_(pc.less(*tenants), pc.and_(of_tenant, pc.less(*ids)))
    is_later = pc.or_(pc.less(*times), pc.and_(pc.equal(*times), pc.less(*known)))
    is_other = pc.invert(of_key)
    if last is None:
        is_other = pa.concat_arrays([pa.array([True]), is_other[1:]])
    return is_less, is_other, pc.and_(of_key, is_later)


def _shifted(batch: pa.RecordBatch, first: pa.RecordBatch) -> list[pa.Array]:
    """Of each column the value of the row before."""
    return [
        pa.concat_arrays([before, column[:-1]])
        for before, column in zip(first.columns[1:], batch.columns[1:], strict=True)
    ]


def _literal(start: _Start) -> str:
    return f"({text_in_sql(start.tenant)}, {text_in_sql(start.id)})"
