"""Makes the tables file of a store, and brings one up to the store's head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa

from projector.domain.catalogue import KINDS, Kind
from projector.domain.instants import to_datetime
from projector.domain.rules import VERSION
from projector.domain.upkeep import OnStep
from projector.lake.basis import Basis
from projector.lake.changed import Changed
from projector.lake.filling import Filling, drop_rows
from projector.lake.interrupting import stopping_at_ctrl_c
from projector.lake.layout import definitions
from projector.lake.pages import Recordings, RowKey, Source
from projector.lake.sessions import Configuration

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from projector.store.pins import Pin
    from projector.store.store import Store

_CONFIG: Final[Configuration] = {
    "memory_limit": "256MB",
    "fsync_mode": "NONE",  # a file counts only once it has its name: it is synchronised before
}
_MAKING: Final[Configuration] = {**_CONFIG, "threads": 1}  # other threads read the store and bodies meanwhile
_MADE: Final = """
CREATE TABLE stored.made (
    generation INTEGER,  -- of what is known of institutions
    derivation INTEGER   -- of the store's index: another one where that was rebuilt
)
"""
_KEYS: Final = pa.schema([("tenant", pa.string()), ("id", pa.string())])


def make(store: Store, pin: Pin, basis: Basis, file: Path, on_step: OnStep | None = None) -> None:
    """Make the tables of a store, as of a pin, in a new file."""
    with _opened(file, _MAKING) as connection:
        connection.execute("BEGIN")
        for statements in definitions():
            connection.execute(statements)
        connection.execute(_MADE)
        _fill(store, pin, connection, on_step)
        connection.execute("RESET threads")
        _finish(connection, basis)


def follow(store: Store, pin: Pin, basis: Basis, file: Path, position: int) -> None:
    """Bring a tables file, which goes up to a position, up to a pin."""
    changed = Changed.behind(store, pin, position)
    with _opened(file, _CONFIG) as connection:
        connection.execute("BEGIN")
        _replace(store, pin, connection, changed)
        _finish(connection, basis)


@contextmanager
def _opened(file: Path, config: Configuration) -> Iterator[DuckDBPyConnection]:
    with stopping_at_ctrl_c(), closing(duckdb.connect(str(file), config=config)) as connection:
        yield connection


def _fill(store: Store, pin: Pin, connection: DuckDBPyConnection, on_step: OnStep | None) -> None:
    recordings = Recordings.of(store, pin)
    with Filling(connection, pin.position, on_step) as filling:
        for tenant in pin.tenancy.tenants:
            for kind in KINDS:
                source = Source(store, pin, recordings, tenant, kind)
                filling.add(source.pages())
                if kind == "result":
                    filling.add(source.guessed_pages(source.row_keys()))


def _replace(store: Store, pin: Pin, connection: DuckDBPyConnection, changed: Changed) -> None:
    """Replace the rows of the aggregates that changed, and those of results without an id that they may continue."""
    recordings = Recordings.of(store, pin)
    guesses = list[tuple[Source, Iterable[RowKey]]]()
    for tenant, keys in changed.row_keys.items():
        source = Source(store, pin, recordings, tenant, "result")
        found = source.guessed_ids(keys)
        guesses.append((source, found))
        changed.ids[tenant, "result"].update(chain.from_iterable(found.values()))
    for kind in KINDS:
        if len(keys := _keys(kind, changed)):
            drop_rows(connection, kind, keys)
    with Filling(connection) as filling:
        for (tenant, kind), ids in changed.ids.items():
            filling.add(Source(store, pin, recordings, tenant, kind).pages_of(ids))
        for source, row_keys in guesses:
            filling.add(source.guessed_pages(row_keys))


def _keys(kind: Kind, changed: Changed) -> pa.Table:
    keys = [(tenant, id) for (tenant, of), ids in changed.ids.items() if of == kind for id in ids]
    return pa.table([[tenant for tenant, _ in keys], [id for _, id in keys]], schema=_KEYS)


def _finish(connection: DuckDBPyConnection, basis: Basis) -> None:
    recorded_at = None if basis.recorded_at is None else to_datetime(basis.recorded_at)
    program = f"outcome-projector {VERSION}"
    shown = basis.position, recorded_at, basis.head_hash, basis.rules, basis.format, program
    connection.execute("DELETE FROM store")
    connection.execute("INSERT INTO store VALUES (?, ?, ?, ?, ?, ?)", shown)
    connection.execute("DELETE FROM stored.made")
    connection.execute("INSERT INTO stored.made VALUES (?, ?)", (basis.generation, basis.derivation))
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT")
