"""Each thing measured alone: in a fresh process, whose peak memory is watched, its children's too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter
from typing import Any, Final

Figures = dict[str, float]  # by name; all functions measured alone give such

PEAK: Final = "peak"  # bytes
_REPOSITORY: Final = Path(__file__).parents[2]
_WATCHED_EVERY: Final = 0.1  # seconds


def alone(what: Callable[..., Figures], *arguments: Path | str | int) -> Figures:
    """The figures of a function of a module, called in a process of its own, and the `PEAK` of its memory."""
    called = [f"{what.__module__}:{what.__name__}", *map(str, arguments)]
    os.sync()  # what was written before is not this one's burden
    command = [sys.executable, "-m", "tests.bench.measuring", *called]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_REPOSITORY) as process:
        children: dict[int, int] = {}
        while not _ended(process):
            children.update((child, peak) for child in _descendants(process.pid) if (peak := _peak_of(child)))
        assert process.stdout is not None
        answer = process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(called)} failed")
    figures: Figures = json.loads(answer.splitlines()[-1])
    figures[PEAK] += sum(children.values())
    return figures


def _ended(process: subprocess.Popen[str]) -> bool:
    try:
        process.wait(_WATCHED_EVERY)
    except subprocess.TimeoutExpired:
        return False
    return True


def _descendants(process: int) -> Iterator[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from _descendants(child)


def _peak_of(process: int | str) -> int:
    """A process' peak of memory in bytes; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


@contextmanager
def timed() -> Iterator[Figures]:
    """What a block takes, there at its end: ``seconds``, and ``cpu``, those of the processor, its children's too."""
    figures: Figures = {}
    began, spent = perf_counter(), _processor()
    yield figures
    figures |= {"seconds": perf_counter() - began, "cpu": _processor() - spent}


def _processor() -> float:
    """The seconds of the processor so far, of this process and of its children that ended."""
    return sum(used.ru_utime + used.ru_stime for used in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def medians(runs: Iterable[Figures]) -> Figures:
    """The median of each figure over several runs."""
    known = list(runs)
    return {name: median(run[name] for run in known) for name in known[0]}


def each_timed(ask: Callable[[Any], Any], questions: Iterable[Any]) -> float:
    """The median time of a question, in seconds."""
    took = []
    for question in questions:
        started = perf_counter()
        ask(question)
        took.append(perf_counter() - started)
    return median(took)


def main(what: str, *arguments: str) -> None:
    """Call the function and print its figures."""
    module, _, name = what.partition(":")
    figures = getattr(import_module(module), name)(*arguments)
    peak = _peak_of("self") or getrusage(RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(figures | {PEAK: peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
