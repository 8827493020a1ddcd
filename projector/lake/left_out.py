"""Leaves members out of columns of JSON text."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pyarrow as pa

from projector.domain.canonical import without_members


def without_members_of(table: pa.Table, columns: Iterable[str], names: Collection[str]) -> pa.Table:
    """A table whose columns of JSON text have no members of some names, at any depth."""
    for column in columns:
        at = table.schema.get_field_index(column)
        chunks = [_without(chunk, names) for chunk in table.column(at).chunks]
        table = table.set_column(at, table.schema.field(at), pa.chunked_array(chunks, pa.string()))
    return table


def _without(texts: pa.Array, names: Collection[str]) -> pa.Array:
    sent = texts.cast(pa.binary()).to_pylist()
    return pa.array([None if text is None else without_members(text, names) for text in sent], pa.binary()).cast(
        pa.string()
    )
