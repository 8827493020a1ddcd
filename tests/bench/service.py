"""The service beside a bare route on the same web framework and server, in one run.

    python -m tests.bench.service [--events 50k] [--replayed 200k] [--requests 4000] [--repeat 3] [--only …]

Both are asked by the same client (`service_load`), by turns; figures are medians.

- ``gets``: one outcome as of an instant, beside routes that read one row of as many bytes (`bare_service`)
- ``posts``: single events by 32 connections, beside a route that takes a body and stores nothing
- ``arrays``: arrays of 500 events one after the other, beside ``append`` of the same arrays in a process of its own
- ``waits``: how long one answer takes, alone and beside posts, a long question and a replay by another process
"""

from __future__ import annotations

import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import projector
from projector.domain.canonical import read_json
from tests.bench import bare_service, lifelike
from tests.bench.__main__ import count_of
from tests.bench.columns import Column
from tests.bench.comparing import Measured, Turns
from tests.bench.measuring import Figures, alone, timed
from tests.bench.replaying import forget
from tests.bench.service_load import PACE, ask_on, get, latency, post, post_lines, throughput
from tests.bench.table import machine
from tests.serve.http.running import Running, serving

ARRAY: Final = 500  # events
POSTING: Final = 32  # connections
ASKING: Final = 8
_REPOSITORY: Final = Path(__file__).parents[2]
_COMMITS: Final = re.compile(r"^projector_commit_posts_(sum|count) (\S+)", re.MULTILINE)
_LONG: Final = {"digest": "/v1/digest?as_of=2025-06-01", "scores": "/v1/scores?limit=1000&as_of=2026-06-01"}
_MILLI: Final = 1000


class Bench:
    """What is measured: ``count`` events are in the store, and each figure is of so many requests."""

    def __init__(self, count: int, replayed: int, requests: int, scratch: Path) -> None:
        self.scratch = scratch
        self.requests = requests
        self.store = scratch / "asked.db"
        self.log, self.replayed = scratch / "asked.jsonl", scratch / "replayed.jsonl"
        self._random = Random(lifelike.SEED)
        self._made = 0
        lifelike.write(count, self.log)
        lifelike.write(replayed, self.replayed)
        with projector.open(self.store) as p:
            p.replay(self.log)
            self.ids = [version.id for version in p.now().all("outcome")]

    def questions(self, number: int) -> list[str]:
        """Addresses of outcomes at instants when all of them are known."""
        days = [f"{2024 + n // 12}-{n % 12 + 1:02}-{n % 27 + 1:02}T{n % 24:02}:30:00Z" for n in range(36)]
        choose = self._random.choice
        return [f"/v1/outcomes/{choose(self.ids)}?as_of={choose(days)}" for _ in range(number)]

    def new_store(self) -> Path:
        """The file of a store that is not there yet."""
        self._made += 1
        return self.scratch / f"new{self._made}.db"

    def copied(self) -> Path:
        """A copy of the store."""
        made = self.new_store()
        made.write_bytes(self.store.read_bytes())
        return made


def measure_gets(turns: Turns, repeat: int, bench: Bench) -> None:
    """One outcome as of an instant, by one connection and by eight."""
    questions = bench.questions(bench.requests)
    database = bench.scratch / "bare.db"
    with serving(bench.store) as ours:
        with Running.client(ours) as client:
            bare_service.make(database, {id: client.get(f"/v1/outcomes/{id}").content for id in bench.ids})
        with bare_service.serving(database) as bare:
            asked = [get(path) for path in questions]
            plain = [path.removeprefix("/v1/outcomes/").partition("?")[0] for path in questions]
            threads, loop = ([get(f"/{route}/{id}") for id in plain] for route in ("threads", "loop"))
            each = {"get": (ours.address, asked), "threads": (bare, threads), "loop": (bare, loop)}
            for connections in (1, ASKING):
                for address, requests in each.values():
                    throughput(address, requests[:200], connections)
                calls = {
                    f"{name} {connections}": _throughput(address, requests, connections)
                    for name, (address, requests) in each.items()
                }
                turns.take(repeat, **calls)


def _throughput(address: str, requests: list[bytes], connections: int) -> Callable[[], Figures]:
    return lambda: throughput(address, requests, connections)


def measure_posts(turns: Turns, repeat: int, bench: Bench) -> None:
    """Single events by many connections, other ones each time."""
    lines = iter(list(dict.fromkeys(lifelike.lifelike(bench.requests * (repeat + 1) * 11 // 10, seed=1))))
    store, database = bench.new_store(), bench.scratch / "empty.db"
    bare_service.make(database, {})
    with serving(store) as ours, bare_service.serving(database) as bare:

        def post_each(number: int) -> Figures:
            requests = [post("/v1/events", line) for _, line in zip(range(number), lines, strict=False)]
            before = _commits(ours)
            figures = throughput(ours.address, requests, POSTING)
            posts, commits = (after - earlier for after, earlier in zip(_commits(ours), before, strict=True))
            return figures | {"posts": posts / commits}

        bodies = [line.rstrip(b"\n") for line in bench.log.read_bytes().splitlines()[: bench.requests]]
        taken = [post("/events", body) for body in bodies]
        post_each(min(500, bench.requests))
        throughput(bare, taken[:500], POSTING)
        turns.take(repeat, post=lambda: post_each(bench.requests), taken=lambda: throughput(bare, taken, POSTING))
    forget(str(store))


def _commits(server: Running) -> tuple[float, float]:
    """The posts that were committed, and the commits."""
    found = dict(_COMMITS.findall(server.get("/metrics").text))
    return float(found["sum"]), float(found["count"])


def arrays_of(log: Path, arrays: Path) -> None:
    """Write the events of a log as arrays, one a line."""
    lines = log.read_bytes().splitlines()
    with arrays.open("wb") as out:
        out.writelines(b"[" + b",".join(lines[at : at + ARRAY]) + b"]\n" for at in range(0, len(lines), ARRAY))


def append_arrays(arrays: str, store: str) -> Figures:
    """Each array appended, one after the other, to a store that is made for them."""
    forget(store)
    with Path(arrays).open("rb") as lines:
        given: list[Any] = [read_json(line) for line in lines]
    with projector.open(store) as p, timed() as spent:
        for events in given:
            p.append(events)
    return spent | {"events": sum(map(len, given))}


def measure_arrays(turns: Turns, repeat: int, bench: Bench) -> None:
    """Arrays posted one after the other to a new store, and appended to one."""
    arrays = bench.scratch / "arrays.jsonl"
    arrays_of(bench.log, arrays)
    with bench.log.open("rb") as lines:
        events = sum(1 for _ in lines)

    def posted() -> Figures:
        store = bench.new_store()
        with serving(store) as ours:
            figures = alone(post_lines, ours.address, arrays)
        forget(str(store))
        return figures | {"events": events}

    turns.take(repeat, array=posted, append=lambda: alone(append_arrays, arrays, bench.scratch / "appended.db"))


def measure_waits(turns: Turns, repeat: int, bench: Bench) -> None:
    """How long one answer takes, on a fresh copy of the store each time."""
    arrays = bench.scratch / "other.jsonl"
    arrays_of(bench.replayed, arrays)
    seconds = str(max(0.2, bench.requests * PACE))
    found: dict[str, Figures] = {}

    def quiet() -> Figures:
        """All of them, in this order: the quiet one is the first that is asked of a copy."""
        store = bench.copied()
        with serving(store) as ours:
            asked = (get(path) for path in cycle(bench.questions(2000)))
            latency(ours.address, asked, lambda number: number < min(200, bench.requests))
            figures = latency(ours.address, asked, lambda number: number < bench.requests)
            for name, path in _LONG.items():
                found[name] = _beside(ours.address, asked, _calling(ask_on, ours.address, path, seconds))
            replay = [sys.executable, "-m", "projector", "replay", "--store", str(store), str(bench.replayed)]
            found["replay"] = _beside(ours.address, asked, replay)
        forget(str(store))
        return figures

    def posted() -> Figures:
        store = bench.copied()
        with serving(store) as ours:
            asked = (get(path) for path in cycle(bench.questions(2000)))
            figures = _beside(ours.address, asked, _calling(post_lines, ours.address, str(arrays)))
        forget(str(store))
        return figures

    turns.take(
        repeat,
        quiet=quiet,
        digest=lambda: found["digest"],
        scores=lambda: found["scores"],
        replay=lambda: found["replay"],
        posted=posted,
    )


def _calling(what: Callable[..., Figures], *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.bench.measuring", f"{what.__module__}:{what.__name__}", *arguments]


def _beside(address: str, requests: Iterator[bytes], command: list[str]) -> Figures:
    """How long answers take while a command runs."""
    began = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=_REPOSITORY) as process:
        figures = latency(address, requests, lambda number: number < 2 or process.poll() is None)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed")
    return figures | {"seconds": perf_counter() - began}


def columns() -> Iterator[Column]:
    """What is reported."""
    for connections in (1, ASKING):
        of = f"GET, {connections} connection{'s' * (connections > 1)}"
        yield Column.speed(f"{of}: speed of a bare route in a thread", f"get {connections}", f"threads {connections}")
        yield Column.speed(f"{of}: speed of a bare route in the loop", f"get {connections}", f"loop {connections}")
    yield Column.speed(f"POST of single events, {POSTING} connections: speed of a bare route", "post", "taken")
    yield Column("posts of a commit", ("post",), lambda found: found["post"]["posts"], lambda found: "posts", min)
    yield Column.speed(f"POST of arrays of {ARRAY} events: speed of append", "array", "append")
    for name, label in (
        ("replay", "while another process replays"),
        ("posted", f"while arrays of {ARRAY} events are posted"),
        ("digest", "while a digest is asked for, again and again"),
        ("scores", "while pages of 1,000 scores are"),
    ):
        for part in ("p50", "p99"):
            yield _wait(f"GET, {part} {label}: of quiet", name, part)


def _wait(label: str, name: str, part: str) -> Column:
    def detail(found: Measured) -> str:
        return f"{found[name][part] * _MILLI:.2f} : {found['quiet'][part] * _MILLI:.2f} ms"

    return Column(label, (name, "quiet"), lambda found: found[name][part] / found["quiet"][part], detail, max)


MEASURES: Final = {"gets": measure_gets, "posts": measure_posts, "arrays": measure_arrays, "waits": measure_waits}


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a line for each ratio; progress goes to stderr."""
    parser = ArgumentParser(prog="python -m tests.bench.service", description="The service beside limits.")
    parser.add_argument("--events", default="50k", help="number of events in the store")
    parser.add_argument("--replayed", default="200k", help="number of events that come while questions are asked")
    parser.add_argument("--requests", type=int, default=4000, help="number of requests of one figure")
    parser.add_argument("--repeat", type=int, default=3, help="times that each is measured")
    parser.add_argument("--only", default=",".join(MEASURES), help=f"some of {','.join(MEASURES)}")
    parser.add_argument("--markdown", action="store_true", help="print rows of a table for the documentation")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.only.split(",")) - MEASURES.keys():
        parser.error(f"nothing is measured that is called {', '.join(sorted(unknown))}")
    turns = Turns(lambda what: print(what, file=sys.stderr, flush=True))
    with TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(count_of(asked.events), count_of(asked.replayed), asked.requests, Path(folder))
        for name in asked.only.split(","):
            MEASURES[name](turns, asked.repeat, bench)
    for column in columns():
        if column.is_known(turns.found):
            cell = column.cell(turns.found)
            print(f"| {column.label} | {cell} |" if asked.markdown else f"{column.label}: {cell}")
    print(machine())


if __name__ == "__main__":
    from tests.bench import service  # by its own name: other processes call its functions

    service.main()
