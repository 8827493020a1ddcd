"""The state digest of everything, from the last rows of aggregates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from heapq import merge
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from projector.domain.canonical import write_json
from projector.domain.canonical_bodies import CanonicalBodies
from projector.domain.catalogue import KINDS
from projector.lake.layout import table_of
from projector.lake.sessions import reading

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = tuple[bytes, int, str, bytes]  # id, number of the kind, tenant and state of an aggregate's last row

_AT_ONCE: Final = 8192  # rows
_HASHED_AT_ONCE: Final = 2**20  # bytes
_LONG: Final = 10_000  # rows in order that are read as they lie: to sort whole states would take longer
_MOST: Final = 64  # such stretches, of a kind
_KINDS: Final = sorted(KINDS)  # as the lines with one id are ordered
_NUMBERED: Final = "SELECT rowid, id FROM stored.{table} WHERE is_last ORDER BY rowid"
_ROWS: Final = "SELECT encode(id), {number}, tenant, encode(state) FROM stored.{table} WHERE is_last AND ({condition})"
_ESCAPED: Final = re.compile('[\x00-"\\\\]')  # what JSON escapes in an id, or what precedes the quotes that end it


class _OtherOrder(Exception):
    """Raised where the order of lines is not that of their ids and kinds."""


def digest_of_tables(path: Path) -> str | None:
    """The state digest of everything that tables hold, as `projector.ask.digest.state_digest` makes it.

    Returns:
        None where ids hold characters that put lines into another order than their ids.

    Raises:
        DamagedTables: the file is missing or damaged.
    """
    digest = sha256()
    with reading(path) as connection, ThreadPoolExecutor(1) as hashing:  # it lets other threads work
        try:
            queries = [query for number in range(len(_KINDS)) for query in _ordered(connection, number)]
        except _OtherOrder:
            return None
        rows = merge(*(_rows(connection, query) for query in queries))
        for first, lines in zip(chain((1,), repeat(0)), _joined(rows), strict=False):
            hashing.submit(digest.update, lines[first:])  # each line begins with a newline, but the first one
    return digest.hexdigest()


def _ordered(connection: DuckDBPyConnection, number: int) -> Iterator[str]:
    """Queries that give the last rows of a kind, each in the order of ids."""
    table = table_of(_KINDS[number])
    stretches = [stretch for stretch in _stretches(connection, table) if len(stretch) >= _LONG]
    long = sorted(stretches, key=len, reverse=True)[:_MOST]
    for stretch in long:
        condition = f"rowid BETWEEN {stretch[0]} AND {stretch[-1]}"
        yield _ROWS.format(number=number, table=table, condition=condition)
    others = " AND ".join(f"rowid NOT BETWEEN {stretch[0]} AND {stretch[-1]}" for stretch in long)
    yield _ROWS.format(number=number, table=table, condition=others or "TRUE") + " ORDER BY id"


def _stretches(connection: DuckDBPyConnection, table: str) -> list[range]:
    """The ranges of row numbers in which ids are in order: a file that was made has one for each institution.

    Raises:
        _OtherOrder: an id is not plain.
    """
    found, first, last_row, last = list[range](), 0, -1, ""
    for batch in connection.sql(_NUMBERED.format(table=table)).to_arrow_reader(_AT_ONCE):
        for row, id in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if _ESCAPED.search(id):
                raise _OtherOrder
            if id < last:
                found.append(range(first, last_row + 1))
                first = row
            last_row, last = row, id
    return [*found, range(first, last_row + 1)]


def _rows(connection: DuckDBPyConnection, query: str) -> Iterator[Row]:
    with closing(connection.cursor()) as own:
        own.execute("USE tables")
        for batch in own.sql(query).to_arrow_reader(_AT_ONCE):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _joined(rows: Iterable[Row]) -> Iterator[bytes]:
    """The lines of the digest, each behind a newline, in pieces."""
    writes = [CanonicalBodies(kind).write for kind in _KINDS]
    begins = [b'","kind":%b,"state":' % write_json(kind) for kind in _KINDS]
    ends = _Ends()
    text, starts, last = bytearray(), [0], (b"", -1)  # `starts`: of the lines with the last id and kind
    for id, kind, tenant, state in rows:
        if (id, kind) != last:
            if len(starts) > 1:
                _put_in_order(text, starts)
            if len(text) > _HASHED_AT_ONCE:
                yield bytes(text)
                text.clear()
            starts, last = [len(text)], (id, kind)
        else:
            starts.append(len(text))
        text += b'\n{"id":"%b%b' % (id, begins[kind])
        writes[kind](state, text)
        text += ends[tenant]
    _put_in_order(text, starts)
    yield bytes(text)


def _put_in_order(text: bytearray, starts: Sequence[int]) -> None:
    """Put the last lines, one for each institution that has an aggregate of this id, into their order."""
    lines = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    text[starts[0] :] = b"".join(sorted(lines))


class _Ends(dict[str, bytes]):
    """How the lines of an institution end."""

    def __missing__(self, tenant: str) -> bytes:
        end = self[tenant] = b',"tenant":%b}' % write_json(tenant)
        return end
