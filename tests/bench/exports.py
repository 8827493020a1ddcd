"""Exports of the tables beside DuckDB's own COPY of them, in one run.

    python -m tests.bench.exports [--events 200k,2M] [--repeat 3] [--data DIR] [--markdown]

Each is measured alone in a process, by turns; figures are medians. At each size:

- all tables to Parquet in their order, beside COPY of each as its rows lie, and of each in the same order
- the same to CSV, Arrow and one DuckDB file, and to Parquet without two members of ``state``
- all tables to Parquet after 1,000 more events, beside before
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import projector
from tests.bench import files, lifelike
from tests.bench.__main__ import count_of
from tests.bench.columns import Column
from tests.bench.comparing import Measured, Turns
from tests.bench.measuring import PEAK, alone
from tests.bench.sizes import run

_MEGABYTE: Final = 1_000_000
_HELD_BACK: Final = 1000  # events that come later
_FORMATS: Final = ("parquet", "csv", "arrow", "duckdb")


def measure(size: str, folder: Path, repeat: int, data: Path | None) -> Measured:
    """The figures at one size."""
    count, store, out = count_of(size), str(folder / "ours.db"), str(folder / "out")
    log, more = (data or folder) / f"{size.lower()}.jsonl", folder / "more.jsonl"
    if not log.exists():
        lifelike.write(count, log)
    with log.open("rb") as lines, projector.open(store) as p:
        p.replay(islice(lines, count - _HELD_BACK))
        more.write_bytes(lines.read())
        p.sql("SHOW TABLES").fetchall()
    turns = Turns(lambda what: print(f"{size}: {what}", file=sys.stderr, flush=True))
    turns.take(
        repeat,
        copy=lambda: alone(files.copy, store, str(folder / "copied")),
        parquet=lambda: alone(files.export, store, out, "parquet"),
    )
    assert turns.found["copy"]["rows"] == turns.found["parquet"]["rows"]
    turns.take(1, sorted=lambda: alone(files.copy, store, str(folder / "copied"), "sorted"))
    turns.take(
        repeat,
        csv=lambda: alone(files.export, store, out, "csv"),
        arrow=lambda: alone(files.export, store, out, "arrow"),
        duckdb=lambda: alone(files.export, store, out, "duckdb"),
        without=lambda: alone(files.export, store, out, "parquet", "title,user_uuid"),
    )
    with projector.open(store) as p:
        p.replay(more)
    turns.take(repeat, followed=lambda: alone(files.export, store, out, "parquet"))
    return turns.found


def _columns() -> Iterator[Column]:
    yield Column.time("DuckDB's COPY of rows as they lie: takes so often as long as Parquet", "copy", "parquet")
    yield Column.time("DuckDB's COPY in the same order", "sorted", "parquet")
    for name in ("csv", "arrow", "duckdb", "without", "followed"):
        label = {"without": "without two members", "followed": "after 1,000 more events"}.get(name, name)
        yield Column.time(f"{label}: of Parquet", name, "parquet")
    yield from map(_memory, (*_FORMATS, "copy"))


def _memory(who: str) -> Column:
    return Column(f"peak memory, MB: {who}", (who,), lambda found: found[who][PEAK] / _MEGABYTE, lambda found: "", max)


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print the table."""
    run("exports", measure, _columns(), arguments)


if __name__ == "__main__":
    main()
