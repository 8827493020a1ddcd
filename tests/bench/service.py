"""The service beside a bare route on the same web framework and server, in one run.

    python -m tests.bench.service [--events 50k] [--replayed 200k] [--requests 4000] [--repeat 3] [--only …]

Both are asked by the same client (`service_load`), by turns; figures are medians.

- ``gets``: one outcome as of an instant, beside routes that read one row of as many bytes (`bare_service`)
- ``posts``: single events by 32 connections, beside a route that takes a body and stores nothing
- ``arrays``: arrays of 500 events one after the other, beside ``append`` of the same arrays in a process of its own
- ``waits``: how long one answer takes, alone and beside posts, a long question and a replay by another process
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.bench import bare_service
from tests.bench.__main__ import count_of
from tests.bench.columns import Column
from tests.bench.comparing import Measured, Turns
from tests.bench.measuring import Figures
from tests.bench.service_load import get, throughput
from tests.bench.service_posts import POSTING, measure_arrays, measure_posts
from tests.bench.service_setup import ARRAY, Bench
from tests.bench.service_waits import measure_waits
from tests.bench.table import machine
from tests.serve.http.running import Running, serving

ASKING: Final = 8  # connections
_MILLI: Final = 1000


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
    main()
