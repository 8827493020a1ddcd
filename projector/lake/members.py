"""Members of many bodies as Arrow arrays, each value as the typed view reads it.

Arrow reads the texts of bodies where each member has values of one usual type; what it refuses is read body by body.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field
from pyarrow.json import ParseOptions, ReadOptions
from pyarrow.json import read_json as read_lines

from projector.domain.canonical import member_texts, read_json
from projector.domain.ids import GLOBAL, local_id, long_id
from projector.domain.instants import EARLIEST, instant_of, read_many
from projector.domain.typed import flag_of, number_of, text_of
from projector.lake.columns import Column, How

Values = Sequence[Any]

INSTANT: Final = pa.timestamp("us", "UTC")
_TYPES: Final[Mapping[How, pa.DataType]] = {
    "text": pa.string(),
    "id": pa.string(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "instant": INSTANT,
    "json": pa.string(),
}


def type_of(column: Column) -> pa.DataType:
    """The Arrow type of a column."""
    if column.how != "objects":
        return _TYPES[column.how]
    return pa.list_(pa.struct([(part.name, type_of(part)) for part in column.parts]))


def text_array(texts: Sequence[bytes]) -> pa.StringArray:
    """UTF-8 texts as an array, over a buffer that has one behind the other.

    >>> text_array([b"a", "\u00fc".encode()]).to_pylist()
    ['a', '\u00fc']
    """
    ends = array("i", [0])
    ends.extend(accumulate(map(len, texts)))
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(texts)))


def arrays_of(columns: Sequence[Column], texts: pa.StringArray, shards: Collection[int]) -> dict[str, pa.Array]:
    """The columns, by name, of bodies of one kind and tenant.

    Args:
        texts: The JSON texts of the bodies, as `text_array` makes it.
        shards: Those whose global ids are the tenant's own.
    """
    bodies = _Bodies(texts, shards)
    plain = [column for column in columns if column.how not in ("json", "objects") and len(column.path) == 1]
    read = _read_alike(plain, texts, shards)
    return {column.name: read[column.name] if column.name in read else bodies.array(column) for column in columns}


# body by body


@define
class _Bodies:
    array_of_texts: pa.StringArray
    shards: Collection[int]
    _sent: dict[str, list[bytes | None]] = field(factory=dict, init=False)
    _nested: dict[str, Values] = field(factory=dict, init=False)

    @cached_property
    def texts(self) -> list[bytes]:
        """The texts one by one."""
        return self.array_of_texts.cast(pa.binary()).to_pylist()  # type: ignore[no-any-return]

    @cached_property
    def bodies(self) -> list[dict[str, Any]]:
        """What the texts say."""
        return list(map(read_json, self.texts))

    def array(self, column: Column) -> pa.Array:
        """A column of the table."""
        name, *within = column.path
        if column.how == "json":
            return pa.array(self._as_sent(name), pa.string())
        if not within and column.how != "objects":
            return pa.array(_read(column.how, [body.get(name) for body in self.bodies], self.shards), type_of(column))
        values = self._objects(name)
        for inner in within:
            values = [None if value is None else value.get(inner) for value in values]
        if column.how == "objects":
            return self._lists(column, values)
        return pa.array(_read(column.how, values, self.shards), type_of(column))

    def _as_sent(self, name: str) -> list[bytes | None]:
        """The JSON text of a member of each body."""
        if name not in self._sent:
            self._sent[name] = member_texts(self.texts, name)
        return self._sent[name]

    def _objects(self, name: str) -> Values:
        """A member with an object, or a list of them, of each body; what else bodies say is passed over."""
        if name not in self._nested:
            self._nested[name] = [None if text is None else read_json(text) for text in self._as_sent(name)]
        return self._nested[name]

    def _lists(self, column: Column, values: Sequence[Sequence[Any] | None]) -> pa.ListArray:
        """Lists of objects, by part."""
        lists = [[one for one in value or () if one is not None] for value in values]
        objects = list(chain.from_iterable(lists))
        parts = [
            pa.array(_read(part.how, [one.get(part.name) for one in objects], self.shards), type_of(part))
            for part in column.parts
        ]
        structs = pa.StructArray.from_arrays(parts, fields=list(type_of(column).value_type))
        return pa.ListArray.from_arrays(pa.array(accumulate(map(len, lists), initial=0), pa.int32()), structs)


def _read(how: How, values: Values, shards: Collection[int]) -> Values:
    if how == "id":
        return [None if value is None else _canonical(value, shards) for value in _texts(values)]
    return _READ[how](values)


def _canonical(text: str, shards: Collection[int]) -> str:
    """An id in its canonical spelling; what is not an id stays as it is."""
    long = long_id(text)
    return text if long is None else local_id(long, shards)


def _texts(values: Values) -> Values:
    return [text_of(value) for value in values]


def _numbers(values: Values) -> Values:
    return [None if (number := number_of(value)) is None else float(number) for value in values]


def _flags(values: Values) -> Values:
    return [flag_of(value) for value in values]


def _instants(values: Values) -> Values:
    texts = {value for value in values if isinstance(value, str)}
    found: dict[Any, int | None] = {**read_many(texts)}
    found |= {text: instant_of(text) for text in texts - found.keys()}
    return [found.get(value) if isinstance(value, str) else None for value in values]


_READ: Final[Mapping[How, Callable[[Values], Values]]] = {
    "text": _texts,
    "number": _numbers,
    "flag": _flags,
    "instant": _instants,
}


# all bodies at once

_SAMPLE: Final = 16  # bodies that are looked at for the types of their members
_JSON_TYPES: Final[Mapping[type, pa.DataType]] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}
_READ_AS: Final[Mapping[How, tuple[pa.DataType, ...]]] = {  # what Arrow may read; the first where nothing is known
    "text": (pa.string(), pa.int64()),
    "id": (pa.string(), pa.int64()),
    "number": (pa.float64(), pa.int64(), pa.string()),
    "flag": (pa.bool_(), pa.string()),
    "instant": (pa.string(),),
}
_USUAL_LENGTHS: Final = pa.array([20, 24], pa.int32())  # of 2019-08-09T21:35:05Z, also with milliseconds


def _read_alike(columns: Sequence[Column], texts: pa.StringArray, shards: Collection[int]) -> dict[str, pa.Array]:
    """The columns of bodies whose members all have values of a usual type; none where Arrow refuses one of them."""
    step = max(1, len(texts) // _SAMPLE)
    schema = _schema(columns, [text.as_py() for text in texts[::step]])
    if schema is None or not len(texts):
        return {}
    joined = texts.buffers()[2]
    try:
        table = read_lines(
            pa.BufferReader(joined),
            ReadOptions(use_threads=False, block_size=joined.size + 1),
            ParseOptions(schema, newlines_in_values=True, unexpected_field_behavior="ignore"),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return {}
    if len(table) != len(texts):
        return {}
    return {column.name: _converted(column.how, table[column.path[0]].combine_chunks(), shards) for column in columns}


def _schema(columns: Sequence[Column], sample: Iterable[str]) -> pa.Schema | None:
    """The types by which Arrow is to read members, as a sample of bodies has them; None where it cannot."""
    seen = dict[str, type]()
    for body in map(read_json, sample):
        seen |= {name: type(value) for name, value in body.items() if value is not None and seen.get(name) is not float}
    fields = []
    for column in columns:
        name, possible = column.path[0], _READ_AS[column.how]
        type_ = possible[0] if name not in seen else _JSON_TYPES.get(seen[name])
        if type_ not in possible:
            return None
        fields.append((name, pa.float64() if column.how == "number" and type_ == pa.int64() else type_))
    return pa.schema(fields)


def _converted(how: How, array: pa.Array, shards: Collection[int]) -> pa.Array:
    """What Arrow read as the column has it."""
    if how == "instant":
        return _instant_array(array)
    if how in ("text", "id") and array.type == pa.int64():
        array = array.cast(pa.string())
    if how == "id" and not _are_canonical(array):
        return pa.array(_read(how, array.to_pylist(), shards), pa.string())
    if array.type == _TYPES[how]:
        return array
    return pa.array(_read(how, array.to_pylist(), shards), _TYPES[how])


def _are_canonical(array: pa.Array) -> bool:
    """Whether ids surely need no other spelling: each is short and holds no tilde."""
    longest = pc.max(pc.binary_length(array)).as_py()
    return longest is None or (longest < GLOBAL and not pc.any(pc.match_substring(array, "~")).as_py())


def _instant_array(array: pa.Array) -> pa.Array:
    if pc.all(pc.is_in(pc.binary_length(array.drop_null()), _USUAL_LENGTHS)).as_py() is not False:
        try:
            instants = array.cast(INSTANT)
        except pa.ArrowInvalid:  # some are in another spelling, or none at all
            pass
        else:
            earliest = pc.min(instants.cast(pa.int64())).as_py()
            if earliest is None or earliest >= EARLIEST:
                return instants
    return pa.array(_instants(array.to_pylist()), INSTANT)
