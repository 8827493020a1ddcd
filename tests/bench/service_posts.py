"""Posts measured: single events beside a route that stores nothing, and arrays beside ``append``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import projector
from projector.domain.canonical import read_json
from tests.bench import bare_service, lifelike
from tests.bench.comparing import Turns
from tests.bench.measuring import Figures, alone, timed
from tests.bench.replaying import forget
from tests.bench.service_load import post, post_lines, throughput
from tests.bench.service_setup import Bench, arrays_of
from tests.serve.http.running import Running, serving

POSTING: Final = 32  # connections
_COMMITS: Final = re.compile(r"^projector_commit_posts_(sum|count) (\S+)", re.MULTILINE)


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
