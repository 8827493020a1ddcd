"""Latency measured: how long one answer takes, alone and beside other work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Final

from tests.bench.comparing import Turns
from tests.bench.measuring import Figures
from tests.bench.replaying import forget
from tests.bench.service_load import PACE, ask_on, get, latency, post_lines
from tests.bench.service_setup import Bench, arrays_of
from tests.serve.http.running import serving

_REPOSITORY: Final = Path(__file__).parents[2]
_LONG: Final = {"digest": "/v1/digest?as_of=2025-06-01", "scores": "/v1/scores?limit=1000&as_of=2026-06-01"}


def measure_waits(turns: Turns, repeat: int, bench: Bench) -> None:
    """How long one answer takes: all in this order, on a fresh copy of the store each time."""
    arrays = bench.scratch / "other.jsonl"
    arrays_of(bench.replayed, arrays)
    found: dict[str, Figures] = {}

    def quiet() -> Figures:
        found.update(_waits(bench, arrays))
        return found["quiet"]

    others = {name: partial(found.__getitem__, name) for name in (*_LONG, "posted", "replay")}
    turns.take(repeat, quiet=quiet, **others)


def _waits(bench: Bench, arrays: Path) -> dict[str, Figures]:
    """Answers alone, beside long questions and beside a replay of one copy; and beside posts to another."""
    seconds, found = str(max(0.2, bench.requests * PACE)), dict[str, Figures]()
    asked = (get(path) for path in cycle(bench.questions(2000)))
    store = bench.copied()
    with serving(store) as ours:
        latency(ours.address, asked, lambda number: number < min(200, bench.requests))
        found["quiet"] = latency(ours.address, asked, lambda number: number < bench.requests)
        for name, path in _LONG.items():
            found[name] = _beside(ours.address, asked, _calling(ask_on, ours.address, path, seconds))
        replay = [sys.executable, "-m", "projector", "replay", "--store", str(store), str(bench.replayed)]
        found["replay"] = _beside(ours.address, asked, replay)
    forget(str(store))
    store = bench.copied()
    with serving(store) as ours:
        found["posted"] = _beside(ours.address, asked, _calling(post_lines, ours.address, str(arrays)))
    forget(str(store))
    return found


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
