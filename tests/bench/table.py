"""The figures as one table of ratios, each with the times it is made of."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from rich.box import MARKDOWN, SIMPLE
from rich.console import Console
from rich.table import Table

from tests.bench.bare import COMMITTED
from tests.bench.comparing import Measured
from tests.bench.corrections import TIMES
from tests.bench.measuring import PEAK

Cell = Callable[[Measured], str]
_MICRO: Final = 1_000_000
_MEGABYTE: Final = 1_000_000


def _an_event(found: Measured, what: str, part: str = "seconds") -> float:
    """Microseconds an event."""
    return found[what][part] / found["log"]["count"] * _MICRO


def _speed(limit: str) -> Cell:
    """Ours as a share of the limit's speed."""

    def cell(found: Measured) -> str:
        ours, theirs = _an_event(found, "replay"), _an_event(found, limit)
        return f"{theirs / ours:.2f} ({ours:.1f} : {theirs:.1f} µs)"

    return cell


def _time(ours: str, limit: str, part: str = "seconds") -> Cell:
    """Ours as a share of the limit's speed."""

    def cell(found: Measured) -> str:
        mine, theirs = found[ours]["seconds"], found[limit][part]
        return f"{theirs / mine:.2f} ({mine:.2f} : {theirs:.2f} s)"

    return cell


def _question(what: str, ours: str) -> Cell:
    def cell(found: Measured) -> str:
        mine, theirs = (found["seek"][f"{what}: {who}"] * _MICRO for who in (ours, "bare"))
        return f"{mine / theirs:.1f} ({mine:.0f} : {theirs:.1f} µs)"

    return cell


def _parts(found: Measured) -> str:
    parts = ("reading", "decoding", "inserting", "commits", "closing")
    return " + ".join(f"{_an_event(found, 'bare', part):.1f}" for part in parts) + " µs"


def _memory(found: Measured) -> str:
    return " : ".join(f"{found[who][PEAK] / _MEGABYTE:.0f}" for who in ("replay", "bare", "plain") if who in found)


def _size(found: Measured) -> str:
    mine, log = found["replay"]["bytes"], found["log"]["bytes"]
    return f"{mine / log:.2f} ({mine / _MEGABYTE:.0f} : {log / _MEGABYTE:.0f} MB)"


def _rows() -> Iterator[tuple[str, str, Cell]]:
    """What is compared, which figures that needs, and its cell."""
    yield "replay, events a second", "replay", lambda f: f"{_MICRO / _an_event(f, 'replay'):,.0f}"
    yield "its speed, of the bare limit's (time an event)", "bare", _speed("bare")
    yield "its speed, of the plain library's (time an event)", "plain", _speed("plain")
    yield f"bare limit: reading, decoding, inserting, commits every {COMMITTED:,}, closing", "bare", _parts
    yield "peak memory in MB: ours, bare, plain", "replay", _memory
    yield "store, of the log's bytes", "replay", _size
    yield "everything at T, texts: its speed, of DuckDB's over the log", "text", _time("text", "duckdb")
    yield "everything at T, `view.all`: its speed, of DuckDB's", "view", _time("view", "duckdb")
    yield "digest at T: its speed, of DuckDB's for everything", "digest", _time("digest", "duckdb")
    yield "rebuild: its speed, of reading and decoding the log alone", "rebuild", _time("rebuild", "reread")
    yield "rebuild: its speed, of reading the log as JSON alone", "rebuild", _time("rebuild", "reread", "json")
    asked = {"any": "of any aggregate"} | {f"{n}": f"corrected {n:,} times" for n in TIMES}
    asked |= {f"{n} pinned": f"corrected {n:,} times, half of it known" for n in TIMES}
    for what, words in asked.items():
        yield f"`p.as_of(T).get` {words}: times a bare seek", "seek", _question(what, "whole")
        yield f"`view.get` {words}: times a bare seek", "seek", _question(what, "kept")


def _slowing(sizes: Mapping[str, Measured]) -> Iterator[str]:
    """How much longer an event takes than in the log before."""
    before = None
    for found in sizes.values():
        now = _an_event(found, "replay")
        yield "" if before is None else f"{now / before:.2f}"
        before = now


def show(sizes: Mapping[str, Measured], *, markdown: bool) -> None:
    """Print the table, a column a size, and the machine."""
    table = Table("", *sizes, box=MARKDOWN if markdown else SIMPLE)
    for label, needed, cell in _rows():
        if any(needed in found for found in sizes.values()):
            table.add_row(label, *(cell(found) if needed in found else "" for found in sizes.values()))
    if len(sizes) > 1:
        table.add_row("time an event, of that at the size before", *_slowing(sizes))
    console = Console(width=60 + 45 * (1 + len(sizes)), highlight=False)
    console.print(table)
    console.print(machine())


def machine() -> str:
    """The processor, the system and the versions that figures are of."""
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory / 2**20:.0f} GiB; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"eventsourcing {_version('eventsourcing')}, duckdb {_version('duckdb')}"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
