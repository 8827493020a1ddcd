"""The stored rows of a kind in parts, each before the next in the order of institutions and ids.

The rows of a file lie in order where it was made of one institution after the other; behind them are those of
aggregates that changed since, and, of results without an id, many in another order. To sort whole rows by parts takes
little memory; to sort them all at once needs room on the disk, and several times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE: Final = 122_880  # rows of a part, and of a row group of Parquet: as many as DuckDB has in its own
_BATCH: Final = 1 << 16  # keys that are looked at together
_MOST_BEHIND: Final = 0.1  # of the rows: to look for more behind each part would take longer than to sort all

ALL: Final = "TRUE"  # the condition of one part with all rows
_KEYS: Final = "SELECT rowid AS row, tenant, id FROM {table} ORDER BY rowid"
_KEY: Final = "(tenant, id)"


class _Start(NamedTuple):
    """Where a part begins: the number of its first row, and the key of that."""

    row: int
    tenant: str
    id: str


def parts_of(connection: DuckDBPyConnection, table: str) -> list[str]:
    """Conditions that divide the rows of a table with ``tenant`` and ``id``.

    All rows of an aggregate are in one part. Where too many rows lie in no order, there is one part with all.
    """
    ((rows,),) = connection.sql(f"SELECT count(*) FROM {table}").fetchall()
    if rows <= AT_ONCE:
        return [ALL]
    starts, end = _in_order(connection, table)
    ((behind,),) = connection.sql(f"SELECT count(*) FROM {table} WHERE rowid >= {end}").fetchall()
    if behind > _MOST_BEHIND * rows:
        return [ALL]
    return list(_conditions(starts, end, has_more=behind > 0))


def _in_order(connection: DuckDBPyConnection, table: str) -> tuple[list[_Start], int]:
    """Where parts of some `AT_ONCE` rows begin, and the number of the first row that is not in order, or behind all."""
    starts, counted, row, last = list[_Start](), 0, -1, None
    reader = connection.sql(_KEYS.format(table=table)).to_arrow_reader(_BATCH)
    for batch in reader:
        rows, tenants, ids = batch.columns
        is_less, is_other = _compared(tenants, ids, last)
        if (breaks := pc.index(is_less, True).as_py()) >= 0:
            rows, tenants, ids = (column[:breaks] for column in (rows, tenants, ids))
        for n in pc.indices_nonzero(is_other[: len(rows)]).to_pylist():
            if not starts or counted + n >= AT_ONCE:
                starts.append(_Start(rows[n].as_py(), tenants[n].as_py(), ids[n].as_py()))
                counted = -n
        counted += len(rows)
        if breaks >= 0:
            reader.close()
            return starts, batch.column(0)[breaks].as_py()
        row, last = rows[-1].as_py(), (tenants[-1], ids[-1])
    return starts, row + 1


def _compared(tenants: pa.Array, ids: pa.Array, last: tuple[pa.Scalar, pa.Scalar] | None) -> tuple[pa.Array, pa.Array]:
    """Of each row whether its key is less than that of the row before, and whether it is another one.

    Args:
        last: The key before the first row; None: there is none, and the first is another one.
    """
    first = (tenants[0], ids[0]) if last is None else last
    before_tenants, before_ids = (
        pa.concat_arrays([pa.array([key.as_py()], column.type), column[:-1]])
        for key, column in zip(first, (tenants, ids), strict=True)
    )
    of_tenant = pc.equal(tenants, before_tenants)
    is_less = pc.or_(pc.less(tenants, before_tenants), pc.and_(of_tenant, pc.less(ids, before_ids)))
    is_other = pc.invert(pc.and_(of_tenant, pc.equal(ids, before_ids)))
    return is_less, is_other if last is not None else pa.concat_arrays([pa.array([True]), is_other[1:]])


def _conditions(starts: list[_Start], end: int, *, has_more: bool) -> Iterator[str]:
    """A condition for the part that begins at each start, and for the rows behind the end that belong to it."""
    for n, start in enumerate(starts):
        following = starts[n + 1] if n + 1 < len(starts) else None
        last = end - 1 if following is None else following.row - 1
        condition = f"rowid BETWEEN {start.row} AND {last}"
        if has_more:
            span = [f"rowid >= {end}"]
            span += [f"{_KEY} >= {_literal(start)}"] if n else []
            span += [] if following is None else [f"{_KEY} < {_literal(following)}"]
            condition = f"({condition} OR ({' AND '.join(span)}))"
        yield condition


def _literal(start: _Start) -> str:
    texts = (text.replace("'", "''") for text in (start.tenant, start.id))
    return "('{}', '{}')".format(*texts)
