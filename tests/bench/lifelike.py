"""Live Events as a middle-sized institution's Canvas would send them, as many as are wanted.

    python -m tests.bench.lifelike COUNT FILE

Nine in ten are results, a class at a time; a fifth of these revise earlier ones. Some come late, some twice.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Final

from tests.bench.campus import SPAN, START, TERMS, Campus
from tests.bench.grading import Grading

SEED: Final = 20230821
LATE: Final = 0.03
TWICE: Final = 0.02
_RESULTS_A_BURST: Final = 66  # with revisions and what else happens


def lifelike(count: int, seed: int = SEED) -> Iterator[bytes]:
    """So many lines in order of arrival, without line ends: the same for the same count and seed."""
    random = Random(seed)
    lines, held = _told(count, random), list[tuple[int, int, bytes]]()
    for number in range(count):
        while not (held and held[0][0] <= number):
            line = next(lines).encode()
            chance = random.random()
            if chance < LATE:
                due = number + int(10 ** random.uniform(2, 4.5))
                heappush(held, (due, number, line))
                continue
            if chance < LATE + TWICE:
                heappush(held, (number + random.randint(1, 2000), number, line))
            break
        else:
            line = heappop(held)[2]
        yield line


def _told(count: int, random: Random) -> Iterator[str]:
    """What happened, without end and in the order of its event_time."""
    campus = Campus(count, random)
    grading = Grading(count, campus, random)
    at, term = START, 0
    pause = SPAN / (count / _RESULTS_A_BURST)
    yield from campus.founding(at)
    yield from campus.opening(0, at + 60_000)
    at += 120_000
    while True:
        now = min(TERMS - 1, (at - START) * TERMS // SPAN)
        if now != term:
            term = now
            yield from campus.opening(term, at)
        at += int(random.expovariate(1 / pause)) + 1000
        for moment, line in grading.burst(random.choice(campus.courses_of(term)), at):
            at = max(at, moment)
            yield line
            chance = random.random()
            if chance < 0.02:
                yield campus.unknown_event(at) if chance < 0.01 else campus.change(term, at)


def write(count: int, file: Path) -> None:
    """Write so many lines to a file."""
    with file.open("wb") as out:
        out.writelines(line + b"\n" for line in lifelike(count))


if __name__ == "__main__":
    count, file = int(sys.argv[1]), Path(sys.argv[2])
    write(count, file)
    print(f"{file}: {count:,} events of {file.stat().st_size / count:,.0f} bytes on average")
