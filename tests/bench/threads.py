"""Events appended one by one, by one thread and by many; and a folder of files of one event each.

    python -m tests.bench.threads [LOG]

Without a log it takes lifelike events. Each is measured alone, by turns, medians of three.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import projector
from projector.domain.canonical import read_json
from tests.bench import lifelike, replaying
from tests.bench.columns import Column, show
from tests.bench.comparing import Turns
from tests.bench.measuring import Figures, alone, timed
from tests.bench.replaying import forget

COUNT: Final = 2000
THREADS: Final = 32
REPEATED: Final = 3


def some_lines(log: str) -> list[bytes]:
    """The first lines of a log."""
    with Path(log).open("rb") as lines:
        return [line.rstrip(b"\n") for line in islice(lines, COUNT)]


def one_by_one(log: str, store: str, threads: str) -> Figures:
    """The first events of a log, each appended by itself; so many threads share them."""
    forget(store)
    events: list[dict[str, Any]] = [read_json(line) for line in some_lines(log)]
    number = int(threads)
    with projector.open(store) as p, ThreadPoolExecutor(number) as pool, timed() as spent:

        def append(own: Sequence[dict[str, Any]]) -> int:
            return sum(p.append(event).read for event in own)

        read = sum(pool.map(append, [events[first::number] for first in range(number)]))
    assert read == len(events)
    return spent | {"events": len(events)}


def in_batches(log: str, store: str) -> Figures:
    """The same events replayed from memory."""
    forget(store)
    lines = some_lines(log)
    with projector.open(store) as p, timed() as spent:
        assert p.replay(lines).quarantined == 0
    return spent | {"events": len(lines)}


def measure_threads(turns: Turns, times: int, log: Path, scratch: Path) -> None:
    """The same events by one thread, by many, and in batches."""
    store = str(scratch / "threads.db")
    turns.take(
        times,
        one=lambda: alone(one_by_one, log, store, 1),
        many=lambda: alone(one_by_one, log, store, THREADS),
        batches=lambda: alone(in_batches, log, store),
    )
    forget(store)


def measure_folder(turns: Turns, times: int, log: Path, scratch: Path) -> None:
    """The same events as a file each, and as one file."""
    store = str(scratch / "folder.db")
    lines = some_lines(str(log))
    with TemporaryDirectory(prefix="folder-", dir=scratch) as folder:
        file = Path(folder) / "one.jsonl"
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        many = Path(folder) / "many"
        many.mkdir()
        for number, line in enumerate(lines):
            (many / f"{number:05}.json").write_bytes(line + b"\n")
        turns.take(
            times,
            folder=lambda: alone(replaying.replay, many, store),
            file=lambda: alone(replaying.replay, file, store),
        )
    forget(store)


def columns() -> Iterator[Column]:
    """What is reported of both."""
    yield Column.speed(f"{THREADS} threads: speed of one thread's", "many", "one")
    yield Column.speed(f"{THREADS} threads: speed of a replay in batches", "many", "batches")
    yield Column.time(f"folder of {COUNT:,} files: time of one file's", "folder", "file")


def main(log: str | None = None) -> None:
    """Measure, and print the table; progress goes to stderr."""
    turns = Turns(lambda what: print(what, file=sys.stderr))
    with TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        if log is None:
            lifelike.write(COUNT, scratch / "lifelike.jsonl")
        source = scratch / "lifelike.jsonl" if log is None else Path(log).absolute()
        measure_threads(turns, REPEATED, source, scratch)
        measure_folder(turns, REPEATED, source, scratch)
    show("appending one by one, and folders", {source.stem: turns.found}, list(columns()), markdown=False)


if __name__ == "__main__":
    from tests.bench import threads  # by its own name: other processes call its functions

    threads.main(*sys.argv[1:])
