"""Ours beside its limits over logs of every shape, with a seed drawn for the run; the worst shape is what counts.

    python -m tests.bench.shaped [--events 60k,300k] [--seed N] [--shapes NAMES] [--only NAMES] [--repeat 3]
                                 [--cores 1|2] [--markdown]

Each is measured alone in a process, by turns; figures are medians, and their ratios are of one run.

- ``bare``: replaying beside ``executemany`` of the same bytes (`bare`)
- ``replay``: the same, and the eventsourcing library used plainly over the same events (`plain`)
- ``rebuild``: deriving again beside reading and decoding the stored log
- ``verify``: the same, and verifying beside deriving again
- ``ask``: one aggregate at an instant beside one seek by SQLite alone
- ``threads``: 2,000 events appended one by one, by one thread and by 32, beside the same in batches
- ``folder``: 2,000 files of one event beside one file with the same lines
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from typing import Final

from tests.bench import bare, plain, replaying, threads
from tests.bench.__main__ import count_of
from tests.bench.columns import Column, show
from tests.bench.comparing import Measured, Turns
from tests.bench.measuring import PEAK, Figures, alone
from tests.bench.shapes import SHAPES, asking
from tests.bench.shapes.__main__ import write
from tests.bench.table import machine

COMPARED: Final = ("bare", "replay", "rebuild", "verify", "ask", "threads", "folder")
_MICRO: Final = 1_000_000
_MEGABYTE: Final = 1_000_000
_DEFAULT: Final = "replay,verify,ask"


def compare(
    log: Path, count: int, scratch: Path, chosen: Collection[str], repeat: int, say: Callable[[str], None]
) -> Measured:
    """The figures of a log of so many events; the databases are made in a scratch folder, and removed.

    Args:
        chosen: Some of `COMPARED`.
        say: Is called with what is measured next.
    """
    turns = Turns(say)
    turns.found["log"] = {"count": count, "bytes": log.stat().st_size}
    store, other = str(scratch / "ours.db"), str(scratch / "other.db")
    limits: dict[str, Callable[[], Figures]] = {}
    if {"bare", "replay"} & {*chosen}:
        limits["bare"] = lambda: alone(bare.append, log, other)
    if "replay" in chosen:
        limits["plain"] = lambda: alone(plain.append, log, other)
    if {"bare", "replay", "rebuild", "verify", "ask"} & {*chosen}:
        turns.take(repeat if limits else 1, replay=lambda: alone(replaying.replay, log, store), **limits)
        _see_the_same_events(turns.found)
    if {"rebuild", "verify"} & {*chosen}:
        turns.take(repeat, **_upkeep(store, verified="verify" in chosen))
    if "ask" in chosen:
        turns.take(repeat, ask=lambda: alone(asking.ask, log, store, other))
    if "threads" in chosen:
        threads.measure_threads(turns, repeat, log, scratch)
    if "folder" in chosen:
        threads.measure_folder(turns, repeat, log, scratch)
    for database in (store, other):
        replaying.forget(database)
    return turns.found


def _see_the_same_events(found: Measured) -> None:
    events = {who: found[who]["events"] for who in ("replay", "bare", "plain") if who in found}
    assert len(set(events.values())) == 1, events


def _upkeep(store: str, *, verified: bool) -> dict[str, Callable[[], Figures]]:
    calls = {
        "reread": lambda: alone(replaying.reread, store),
        "rebuild": lambda: alone(replaying.rebuild, store),
        "verify": lambda: alone(replaying.verify, store),
    }
    return calls if verified else {name: call for name, call in calls.items() if name != "verify"}


def _columns_of_replay() -> Iterator[Column]:
    yield Column.speed("speed of bare limit's", "replay", "bare")
    yield Column.speed("CPU: speed of bare limit's", "replay", "bare", "cpu")
    yield Column.speed("speed of plain library's", "replay", "plain")
    yield Column.speed("CPU: speed of plain library's", "replay", "plain", "cpu")
    yield Column("store, of the log's bytes", ("replay",), _share_of_bytes, _bytes, max)
    yield Column("peak memory, of bare limit's", ("replay", "bare"), _share_of_memory, _memory, max)
    yield Column.speed("time an event, of that at the size before", "before", "replay", worst=max)


def _columns_of_upkeep() -> Iterator[Column]:
    yield Column.speed("rebuild: speed of reading and decoding the log", "rebuild", "reread")
    yield Column.speed("CPU: rebuild of reading and decoding", "rebuild", "reread", "cpu")
    yield Column.speed("verify: speed of rebuild's", "verify", "rebuild")
    yield Column.speed("CPU: verify of rebuild", "verify", "rebuild", "cpu")
    for part, words in (("whole", "p.as_of(T).get"), ("kept", "view.get")):
        yield Column(f"{words}: times a bare seek", ("ask",), *_times_a_seek(part), max)


def _share_of_bytes(found: Measured) -> float:
    return found["replay"]["bytes"] / found["log"]["bytes"]


def _bytes(found: Measured) -> str:
    return f"{found['replay']['bytes'] / _MEGABYTE:.0f} : {found['log']['bytes'] / _MEGABYTE:.0f} MB"


def _share_of_memory(found: Measured) -> float:
    return found["replay"][PEAK] / found["bare"][PEAK]


def _memory(found: Measured) -> str:
    return " : ".join(f"{found[who][PEAK] / _MEGABYTE:.0f}" for who in ("replay", "bare")) + " MB"


def _times_a_seek(part: str) -> tuple[Callable[[Measured], float], Callable[[Measured], str]]:
    def detail(found: Measured) -> str:
        return f"{found['ask'][part] * _MICRO:.0f} : {found['ask']['bare'] * _MICRO:.1f} µs"

    return (lambda found: found["ask"][part] / found["ask"]["bare"]), detail


def _asked(arguments: list[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.bench.shaped", description="Ours beside its limits, by shape.")
    parser.add_argument("--events", default="60k", help="numbers of events, such as 60k,300k")
    parser.add_argument("--seed", type=int, default=SystemRandom().getrandbits(31), help="drawn where it is not given")
    parser.add_argument("--shapes", default=",".join(SHAPES), help=f"some of {','.join(SHAPES)}")
    parser.add_argument("--only", default=_DEFAULT, help=f"some of {','.join(COMPARED)}")
    parser.add_argument("--repeat", type=int, default=3, help="times that each is measured")
    parser.add_argument("--cores", type=int, help="processors that all of it may use")
    parser.add_argument("--markdown", action="store_true", help="print tables for the documentation")
    asked = parser.parse_args(arguments)
    for names, known in ((asked.shapes, SHAPES), (asked.only, COMPARED)):
        if unknown := {*names.split(",")} - {*known}:
            parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return asked


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print the seed and the tables; progress goes to stderr."""
    asked = _asked(arguments)
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[: asked.cores])  # the processes that measure inherit it
    try:
        _measure(asked)
    finally:
        os.sched_setaffinity(0, cores)


def _measure(asked: Namespace) -> None:
    print(f"seed {asked.seed}; {len(os.sched_getaffinity(0))} cores; medians of {asked.repeat}")
    before: dict[str, Measured] = {}
    for size in asked.events.split(","):
        found = {name: _of_shape(name, size, asked) for name in asked.shapes.split(",")}
        for name, earlier in before.items():
            found[name]["before"] = earlier["replay"]
        for columns in (_columns_of_replay(), _columns_of_upkeep(), threads.columns()):
            show(f"{size} events", found, list(columns), markdown=asked.markdown)
        before = {name: measured for name, measured in found.items() if "replay" in measured}
    print(machine())


def _of_shape(name: str, size: str, asked: Namespace) -> Measured:
    count = count_of(size)
    with TemporaryDirectory(prefix="bench-") as folder:
        log = Path(folder) / f"{name}.jsonl"
        write(name, count, asked.seed, log)
        chosen = asked.only.split(",")
        found = compare(log, count, Path(folder), chosen, asked.repeat, lambda what: _say(f"{size} {name}: {what}"))
    for column in _columns():
        if column.is_known(found):
            _say(f"{size} {name}: {column.label}: {column.cell(found)}")
    return found


def _columns() -> Iterator[Column]:
    yield from _columns_of_replay()
    yield from _columns_of_upkeep()
    yield from threads.columns()


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
