"""Writes the rows of pages into a tables file: reading a store, reading bodies and writing rows go on side by side."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import pyarrow as pa

from projector.domain.catalogue import KINDS, Kind
from projector.domain.upkeep import OnStep
from projector.lake.batches import Batch, batch_of
from projector.lake.layout import insertion, spans_of_events, table_of
from projector.lake.pages import AT_ONCE, Page

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SPANS: Final = spans_of_events()
_INSERTIONS: Final = {kind: insertion(kind) for kind in KINDS}
_AHEAD: Final = 2  # handed over and not yet written: more would only take memory
Batches = dict[Kind, list[Batch]]


class Filling:
    """Rows on their way into a tables file, for a ``with`` statement; at its end all of them are there.

    The caller's thread reads the store, a second one the bodies (most of that time Arrow lets others work), a third one
    writes (and lets others work all the time).
    """

    def __init__(self, connection: DuckDBPyConnection, events: int = 0, on_step: OnStep | None = None) -> None:
        """Nothing yet.

        Args:
            events: How many there are in all.
            on_step: Called with the number of events done, and of all.
        """
        self._connection = connection
        self._events, self._on_step, self._done = events, on_step, 0
        self._waiting, self._ready = list[Page](), 0  # pages, and how many events they hold
        self._reader = ThreadPoolExecutor(1, "tables-read")
        self._writer = ThreadPoolExecutor(1, "tables-write")
        self._writing = deque[Future[None]]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if error is None:
                self._hand_over()
                self._wait(0)
        finally:
            for executor in (self._reader, self._writer):
                executor.shutdown(cancel_futures=True)

    def add(self, pages: Iterable[Page]) -> None:
        """Add the rows of pages."""
        for page in filter(attrgetter("texts"), pages):
            self._waiting.append(page)
            self._ready += len(page.texts)
            if self._ready >= AT_ONCE:
                self._hand_over()

    def _hand_over(self) -> None:
        self._wait(_AHEAD)
        read = self._reader.submit(_read, self._waiting)
        self._writing.append(self._writer.submit(self._write, read))
        self._done += self._ready
        self._waiting, self._ready = [], 0
        if self._on_step is not None:
            self._on_step(min(self._done, self._events), self._events)

    def _wait(self, most: int) -> None:
        """Wait until no more than so many are not yet written."""
        while len(self._writing) > most:
            self._writing.popleft().result()

    def _write(self, read: Future[Batches]) -> None:
        """Store the rows of batches.

        DuckDB finds Arrow tables by the names of the variables here: one that is registered it would keep until the
        end of the transaction.
        """
        batches = read.result()
        every = list(chain.from_iterable(batches.values()))
        if not every:
            return
        events = pa.concat_tables(one.events for one in every)
        folded = pa.concat_tables(one.spans for one in every)
        all_spans = self._connection.sql(_SPANS).to_arrow_table()
        for kind, of_kind in batches.items():
            states = pa.concat_tables(one.states for one in of_kind)
            self._connection.execute(_INSERTIONS[kind])
        del events, folded, all_spans, states


def _read(pages: Sequence[Page]) -> Batches:
    batches, states = defaultdict[Kind, list[Batch]](list), 0
    for page in pages:
        batch = batch_of(page, states)
        states += len(batch.events)
        batches[page.kind].append(batch)
    return batches


def drop_rows(connection: DuckDBPyConnection, kind: Kind, keys: pa.Table) -> None:
    """Remove the rows of some aggregates.

    Args:
        keys: Their tenants and ids.
    """
    changed = keys
    connection.execute(
        f"DELETE FROM stored.{table_of(kind)} AS r USING changed AS c WHERE r.tenant = c.tenant AND r.id = c.id"
    )
    del changed
