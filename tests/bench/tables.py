"""Tables of the history beside their limits, in one run.

    python -m tests.bench.tables [--events 200k,2M] [--repeat 3] [--data DIR] [--markdown]

Each is measured alone in a process, by turns; figures are medians. At each size:

- the file is made, beside reading and decoding the log alone (to its JSON, and to the facts of each event)
- everything at an instant with its states, warm, beside DuckDB over the raw log
- 1,000 new events are followed, beside making the file
- a question with nothing new, beside DuckDB asking the same file
- the state digest of everything by the tables, beside without them
- one more aggregate with 100,000 versions in random order, beside as many other events
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import projector
from tests.bench import everything, lake, lifelike, replaying
from tests.bench.__main__ import count_of
from tests.bench.columns import Column
from tests.bench.comparing import Measured, Turns
from tests.bench.measuring import PEAK, Figures, alone
from tests.bench.sizes import run

_HELD_BACK: Final = 20_000  # events that come later
_MILLI: Final = 1000
_MEGABYTE: Final = 1_000_000


def measure(size: str, folder: Path, repeat: int, data: Path | None) -> Measured:
    """The figures at one size."""
    count, store, more = count_of(size), str(folder / "ours.db"), folder / "more.jsonl"
    log = (data or folder) / f"{size.lower()}.jsonl"
    if not log.exists():
        lifelike.write(count, log)
    with log.open("rb") as lines, projector.open(store) as p:
        p.replay(islice(lines, count - min(_HELD_BACK, count // 2)))
        more.write_bytes(lines.read())
    turns = Turns(lambda what: print(f"{size}: {what}", file=sys.stderr, flush=True))
    turns.take(repeat, reread=lambda: alone(replaying.reread, store), make=lambda: alone(lake.make, store))
    turns.found["json"] = turns.found["reread"] | {"seconds": turns.found["reread"]["json"]}
    turns.take(repeat, duckdb=lambda: alone(everything.by_duckdb, log), as_of=lambda: alone(lake.as_of, store))
    turns.take(repeat, ask=lambda: alone(lake.ask, store), digest=lambda: alone(lake.digest, store))
    turns.take(repeat + 2, follow=lambda: alone(lake.follow, store, more))
    long = folder / "long.jsonl"
    lake.long_one(long)
    with projector.open(store) as p:
        before = p.store.log.head().position
        p.replay(long)
    turns.take(1, long=lambda: alone(lake.make, store))
    turns.found["long"]["share"] = turns.found["long"]["events"] / before
    replaying.forget(store)
    lake.forget(store)
    return turns.found


def _columns() -> Iterator[Column]:
    yield Column.speed("made: speed of reading the log to its JSON", "make", "json")
    yield Column.speed("made: speed of reading and decoding the log", "make", "reread")
    yield Column.time("everything at T: DuckDB over the raw log takes so often as long", "duckdb", "as_of")
    yield Column.time("1,000 new events followed: of making", "follow", "make")
    yield _one("nothing new: ms beyond DuckDB, in an open store", "ask", lambda f: (f["ours"] - f["duckdb"]) * _MILLI)
    yield _one("the same, opened each time", "ask", lambda f: (f["opened"] - f["duckdb"]) * _MILLI)
    yield _one("digest: without tables so often as long", "digest", lambda f: f["without"] / f["tables"])
    yield Column.time("with one of 100,000 versions: of making", "long", "make")
    yield _one("peak memory of making, MB", "make", lambda f: f[PEAK] / _MEGABYTE)
    yield _one("bytes of the file an event", "make", lambda f: f["bytes"] / f["events"])


def _one(label: str, who: str, figure: Callable[[Figures], float]) -> Column:
    return Column(label, (who,), lambda found: figure(found[who]), lambda found: "", max)


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print the table."""
    run("tables", measure, _columns(), arguments)


if __name__ == "__main__":
    main()
