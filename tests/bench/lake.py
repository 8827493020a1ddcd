"""What is measured of the tables of a store; `tables` compares it."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random
from shutil import rmtree
from time import perf_counter
from typing import Final

import projector
from tests.bench import everything
from tests.bench.measuring import Figures, timed

NEW: Final = 1000  # events that are followed
VERSIONS: Final = 100_000  # of one aggregate
_SEED: Final = 7
_ASKED: Final = 20  # times
_SMALL: Final = "SELECT position FROM store"


def make(store: str) -> Figures:
    """The tables of a store, made from the beginning."""
    forget(store)
    with timed() as spent, projector.open(store, read_only=True) as p:
        p.sql(_SMALL).fetchall()
    return spent | {"events": events_of(store), "bytes": sum(file.stat().st_size for file in files(store))}


def as_of(store: str) -> Figures:
    """Every state at an instant, by the tables, the second time."""
    query = " UNION ALL ".join(f"SELECT tenant, id, state FROM {kind}s_as_of($at)" for kind in projector.KINDS)
    import pyarrow as pa  # of the extra `tables`

    with projector.open(store, read_only=True) as p:
        for _ in range(2):
            started = perf_counter()
            rows = p.sql(query, {"at": everything.AT})
            aggregates = sum(len(batch) for batch in pa.RecordBatchReader.from_stream(rows))
            seconds = perf_counter() - started
    return {"seconds": seconds, "aggregates": aggregates}


def follow(store: str, more: str) -> Figures:
    """A thousand events appended, and the tables brought up to them."""
    with projector.open(store) as p, Path(more).open("rb") as lines:
        p.sql(_SMALL).fetchall()
        events = 0
        while events < NEW and (batch := list(islice(lines, NEW))):
            events += p.append(batch).appended  # those that an earlier turn appended are duplicates
        with timed() as spent:
            assert p.sql(_SMALL).fetchall() == [(p.store.log.head().position,)]
    return spent | {"events": events}


def ask(store: str) -> Figures:
    """A question where nothing is new, by ours and by DuckDB alone: the best of several, in a session each."""
    import duckdb  # of the extra `tables`

    query = "SELECT count(*), avg(score) FROM results"
    with projector.open(store, read_only=True) as p:
        p.sql(query).fetchall()
        (file,) = files(store)
        ours = min(_timed(lambda: p.sql(query).fetchall()) for _ in range(_ASKED))
    with duckdb.connect(str(file), read_only=True) as bare:
        bare.execute(query).fetchall()
        alone_ = min(_timed(lambda: bare.execute(query).fetchall()) for _ in range(_ASKED))

    def anew() -> None:
        with projector.open(store, read_only=True) as again:
            again.sql(query).fetchall()

    first = min(_timed(anew) for _ in range(_ASKED))
    return {"ours": ours, "duckdb": alone_, "opened": first}


def _timed(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return perf_counter() - started


def digest(store: str) -> Figures:
    """The state digest of everything, by the tables and without them."""
    with projector.open(store, read_only=True) as p:
        p.sql(_SMALL).fetchall()
        by_tables = min(_timed(p.digest) for _ in range(2))
        found = p.digest()
    folder = Path(f"{store}.tables")
    hidden = folder.rename(f"{store}.away")
    with projector.open(store, read_only=True) as p:
        without = min(_timed(p.digest) for _ in range(2))
        assert p.digest() == found
    hidden.rename(folder)
    return {"tables": by_tables, "without": without}


def long_one(path: Path) -> None:
    """Write the events of one outcome with very many versions, in random order."""
    random = Random(_SEED)
    moments = list(range(VERSIONS))
    random.shuffle(moments)
    with path.open("w", encoding="utf-8") as lines:
        for at in moments:
            day, rest = divmod(at, 86_400)
            time = f"2024-{1 + day:02}-01T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"
            metadata = {"event_name": "learning_outcome_updated", "event_time": time, "root_account_uuid": "Harbor"}
            print(
                json.dumps({"metadata": metadata, "body": {"learning_outcome_id": "1", "title": str(at)}}), file=lines
            )


def forget(store: str) -> None:
    """Remove the tables of a store."""
    rmtree(f"{store}.tables", ignore_errors=True)


def files(store: str) -> list[Path]:
    """The tables files of a store."""
    return list(Path(f"{store}.tables").glob("*.duckdb"))


def events_of(store: str) -> int:
    """The events of a store."""
    with projector.open(store, read_only=True) as p:
        return p.store.log.head().position
