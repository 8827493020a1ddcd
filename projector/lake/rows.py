"""The rows that answer a query, as Python values and as an Arrow stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final

import pyarrow as pa

from projector.domain.answers import Shown

Row = tuple[Any, ...]
Batches = Iterator[pa.RecordBatch]

_INFINITE: Final = {  # of instants, and of dates
    sign * (2**bits - 1): name for bits in (31, 63) for sign, name in ((1, "infinity"), (-1, "-infinity"))
}
_HUGE: Final = pa.decimal128(38, 0)  # as which Arrow has DuckDB's integers of 128 bits: what sum() gives


class Rows(Shown):
    """The rows that answer a query.

    They are read as they are asked for, a batch at a time, and never all held. Each reading (a loop, ``fetchall()``, or
    an Arrow stream) begins with the first row. The first one reads the store as it was when the question was asked;
    each further one asks again, and reads the store as it is then. To have the same rows twice, keep ``fetchall()``.
    Where the tables turn out to be damaged, a reading raises `StoreError`: ask again, they are made again.

    Instants are aware datetimes in UTC, dates ``date``, integers of any size ``int``; lists and structures are lists
    and dictionaries. What Python has no value for, such as a day before the year 1, is text.
    """

    def __init__(self, schema: pa.Schema, huge: Sequence[bool], first: Batches, again: Callable[[], Batches]) -> None:
        """Rows of a schema, whose instants are in UTC.

        Args:
            schema: The names and types of the columns.
            huge: For each column whether it holds integers of 128 bits.
            first: What the first reading reads.
            again: Gives each further reading its batches.
        """
        self.columns: tuple[str, ...] = tuple(schema.names)
        self._schema, self._huge = schema, huge
        self._first: Batches | None = first
        self._again = again

    def __iter__(self) -> Iterator[Row]:
        for batch in self.batches():
            yield from self._rows(batch)

    def __repr__(self) -> str:
        return f"<Rows of {', '.join(self.columns)}: loop over them, or fetchall()>"

    def fetchall(self) -> list[Row]:
        """All rows, in a list."""
        return list(self)

    def beginning(self, count: int) -> tuple[list[Row], bool]:
        """The first rows, and whether there are more; the next reading begins with the first one all the same.

        The batches that have them, and no further ones, are read and held until then.

        Args:
            count: How many at most.
        """
        first, self._first = self._first, None
        waiting = self._again() if first is None else first
        read: list[pa.RecordBatch] = []
        rows: list[Row] = []
        while len(rows) <= count and (batch := next(waiting, None)) is not None:
            read.append(batch)
            rows += self._rows(in_utc(batch.slice(0, count + 1 - len(rows)), self._schema))
        if first is not None:
            self._first = chain(read, waiting)
        return rows[:count], len(rows) > count

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as an Arrow stream: what ``pyarrow.table``, polars and pandas read."""
        reader = pa.RecordBatchReader.from_batches(self._schema, self.batches())
        return reader.__arrow_c_stream__(requested_schema)

    def batches(self) -> Batches:
        """The batches of the next reading."""
        first, self._first = self._first, None
        for batch in self._again() if first is None else first:
            yield in_utc(batch, self._schema)

    def _rows(self, batch: pa.RecordBatch) -> Iterable[Row]:
        columns = [values(column, huge=huge) for column, huge in zip(batch.columns, self._huge, strict=True)]
        return zip(*columns, strict=True)


def in_utc(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch with the types of a schema, which differ in the zones of instants only."""
    columns = [column.cast(type) for column, type in zip(batch.columns, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def schema_in_utc(schema: pa.Schema) -> pa.Schema:
    """A schema with every instant in UTC, also those in lists and structures."""
    return pa.schema([pa.field(one.name, type_in_utc(one.type)) for one in schema])


def type_in_utc(type: pa.DataType) -> pa.DataType:
    """A type with every instant in UTC."""
    if pa.types.is_timestamp(type):
        return pa.timestamp(type.unit, "UTC") if type.tz else type
    if pa.types.is_map(type):
        return pa.map_(type_in_utc(type.key_type), type_in_utc(type.item_type))
    if pa.types.is_struct(type):
        return pa.struct([pa.field(one.name, type_in_utc(one.type)) for one in type])
    if pa.types.is_fixed_size_list(type):
        return pa.list_(pa.field(type.value_field.name, type_in_utc(type.value_type)), type.list_size)
    if pa.types.is_list(type):
        return pa.list_(pa.field(type.value_field.name, type_in_utc(type.value_type)))
    return type


def values(column: pa.Array, *, huge: bool = False) -> list[Any]:
    """The values of a column as Python has them.

    >>> values(pa.array([0, None], pa.timestamp("us", "UTC")))
    [datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), None]
    """
    type = column.type
    if pa.types.is_timestamp(type) and type.unit == "ns":
        column = column.cast(pa.timestamp("us", type.tz), safe=False)
    try:
        found = column.to_pylist()
    except (OverflowError, ValueError):
        found = [_value(one) for one in column]
    if huge and type == _HUGE:
        return [None if one is None else int(one) for one in found]
    if pa.types.is_timestamp(type) and type.tz:
        return [one.replace(tzinfo=UTC) if isinstance(one, datetime) else one for one in found]
    return [_plain(one) for one in found] if pa.types.is_nested(type) else found


def _value(scalar: pa.Scalar) -> Any:
    """A value; as text where Python has none."""
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        if pa.types.is_struct(scalar.type):
            return {name: _value(item) for name, item in scalar.items()}
        if pa.types.is_list(scalar.type):
            return [_value(one) for one in scalar.values]
        return _INFINITE.get(scalar.value) or scalar.cast(pa.string()).as_py()


def _plain(value: Any) -> Any:
    """A nested value, with its maps as dictionaries and its instants in UTC."""
    match value:
        case datetime(tzinfo=zone) if zone is not None:
            return value.replace(tzinfo=UTC)
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case [(_, _), *_] if all(isinstance(one, tuple) for one in value):  # how Arrow gives a map
            return {_hashable(key): _plain(item) for key, item in value}
        case list():
            return [_plain(one) for one in value]
    return value


def _hashable(key: Any) -> Any:
    return str(key) if isinstance(key, dict | list) else key
