"""The state digest of everything, from the last rows of aggregates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
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

_AT_ONCE: Final = 8192  # rows
_HASHED_AT_ONCE: Final = 2**20  # bytes
_LAST: Final = " UNION ALL ".join(
    f"SELECT id, {number} AS kind, tenant, state FROM stored.{table_of(kind)} WHERE is_last"
    for number, kind in enumerate(sorted(KINDS))
)
_PLAIN: Final = f"SELECT bool_and(regexp_full_match(id, '[^\\x00-\\x22\\x5c]+')) FROM ({_LAST})"
_ORDERED: Final = f"SELECT id, kind, tenant, encode(state) FROM ({_LAST}) ORDER BY id, kind"


def digest_of_tables(path: Path) -> str | None:
    """The state digest of everything that tables hold, as `projector.ask.digest.state_digest` makes it.

    Returns:
        None where ids hold characters that put lines into another order than their ids.

    Raises:
        DamagedTables: the file is missing or damaged.
    """
    with reading(path) as connection:
        ((is_plain,),) = connection.execute(_PLAIN).fetchall()
        if is_plain is False:
            return None
        digest = sha256()
        with ThreadPoolExecutor(1) as hashing:  # it lets other threads work
            for first, lines in zip(chain((1,), repeat(0)), _joined(_rows(connection)), strict=False):
                hashing.submit(digest.update, lines[first:])  # each line begins with a newline, but the first one
        return digest.hexdigest()


def _rows(connection: DuckDBPyConnection) -> Iterator[tuple[str, int, str, bytes]]:
    """The last row of each aggregate by id and kind: its id, the number of its kind, its tenant and its state."""
    for batch in connection.sql(_ORDERED).to_arrow_reader(_AT_ONCE):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _joined(rows: Iterable[tuple[str, int, str, bytes]]) -> Iterator[bytes]:
    """The lines of the digest, joined with newlines, in pieces."""
    writes = [CanonicalBodies(kind).write for kind in sorted(KINDS)]
    begins = [b'","kind":%b,"state":' % write_json(kind) for kind in sorted(KINDS)]
    ends = _Ends()
    text, starts, last = bytearray(), list[int](), ("", -1)  # `starts`: of the lines with the last id and kind
    for id, kind, tenant, state in rows:
        if (id, kind) != last:
            _put_in_order(text, starts)
            if len(text) > _HASHED_AT_ONCE:
                yield bytes(text)
                text.clear()
            starts, last = [len(text)], (id, kind)
        else:
            starts.append(len(text))
        text += b'\n{"id":"' + id.encode() + begins[kind]
        writes[kind](state, text)
        text += ends[tenant]
    _put_in_order(text, starts)
    yield bytes(text)


def _put_in_order(text: bytearray, starts: Sequence[int]) -> None:
    """Put the last lines, one for each institution that has an aggregate of this id, into their order."""
    if len(starts) > 1:
        lines = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
        text[starts[0] :] = b"".join(sorted(lines))


class _Ends(dict[str, bytes]):
    """How the lines of an institution end."""

    def __missing__(self, tenant: str) -> bytes:
        end = self[tenant] = b',"tenant":%b}' % write_json(tenant)
        return end
