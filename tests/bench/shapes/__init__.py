"""Logs of shapes to which nothing here was tuned; the seed is drawn for each run.

    python -m tests.bench.shapes COUNT FOLDER [--seed N]

Each of `SHAPES` makes so many lines, without line ends, from one source of chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from heapq import heappop, heappush
from itertools import chain
from random import Random
from types import MappingProxyType
from typing import Final

from attrs import evolve

from tests.bench.shapes.manner import MOSTLY_RESULTS, Family, Ids, Manner
from tests.bench.shapes.school import School
from tests.bench.shapes.wording import ACCENTED, CYRILLIC, GREEK, KANA, LATIN, Script
from tests.bench.shapes.writing import drawn

Shape = Callable[[int, Random], Iterator[bytes]]
FAR: Final = "9999-12-31T23:59:59Z"
LATE: Final = 0.218  # of lines; since those of the last months do not come, a fifth of the log
TWICE: Final = 0.1
_MONTHS: Final = 24  # that a log is of
_START: Final = 1_568_000_000_000  # September 2019, in milliseconds
_SPAN: Final = _MONTHS * 30 * 86_400_000
_SCRIPTS: Final = (LATIN, LATIN, ACCENTED, CYRILLIC, GREEK)
_OUTCOMES: Final[Mapping[Family, float]] = {
    "outcome": 45,
    "group": 12,
    "link": 15,
    "scale": 8,
    "method": 3,
    "description": 7,
    "result": 8,
}


def four_tenants(count: int, random: Random) -> Iterator[bytes]:
    """Four institutions of one size, whose ids are drawn by chance: of 15 to 19 digits, or of up to 9."""
    return _told(count, random, _schools(count, random, 4, Manner(ids="long"), ids=("long", "short")))


def forty_tenants(count: int, random: Random) -> Iterator[bytes]:
    """Forty institutions, the first with a quarter of all events, the last with a two hundredth."""
    weights = [1 / place for place in range(1, 41)]
    manners = [Manner(names="uuid" if n % 9 == 8 else "root" if n % 10 == 9 else "both") for n in range(40)]
    share = count / sum(weights)
    schools = [
        _school(random, int(share * weight), manner, n)
        for n, (weight, manner) in enumerate(zip(weights, manners, strict=True))
    ]
    return _told(count, random, schools, weights)


def global_ids(count: int, random: Random) -> Iterator[bytes]:
    """Two institutions; half of the bodies have global ids."""
    return _told(count, random, _schools(count, random, 2, Manner(globally=0.5)))


def without_ids(count: int, random: Random) -> Iterator[bytes]:
    """Two institutions; three tenths of results have no id, and a third of these no learner."""
    return _told(count, random, _schools(count, random, 2, Manner(without_id=0.3)))


def late_and_twice(count: int, random: Random) -> Iterator[bytes]:
    """Two institutions; a fifth of events is late by months, a tenth comes twice, one is dated in the year 9999."""
    lines = _told(2 * count, random, _schools(count, random, 2, Manner()), span=2 * _SPAN, far=count // 3)
    return _delivered(lines, count, random)


def large_bodies(count: int, random: Random) -> Iterator[bytes]:
    """Three institutions whose texts have 2 to 8 kB and are not ASCII: most events are of outcomes and groups."""
    mix: Mapping[Family, float] = {**MOSTLY_RESULTS, "result": 20, "outcome": 55, "group": 20}
    manner = Manner(text=(1800, 7000), mix=mix, revised=0.5)
    return _told(count, random, _schools(count, random, 3, manner, scripts=(CYRILLIC, KANA, ACCENTED)))


def drifting(count: int, random: Random) -> Iterator[bytes]:
    """Two institutions, and from the middle on three others: other members, spellings, ids and texts."""
    before = _schools(count // 2, random, 2, Manner(without_id=0.8, revised=0.15, on_page=0.02))
    after = Manner(ids="short", on_page=0.6, revised=0.5, text=(400, 1600))
    later = _schools(count // 2, random, 3, after, first=2, scripts=(GREEK, KANA, ACCENTED))
    half, span = count // 2, _SPAN // 2
    first = _told(half, random, before, span=span)
    return chain(first, _told(count - half, random, later, span=span, start=_START + span))


def outcome_heavy(count: int, random: Random) -> Iterator[bytes]:
    """Two institutions that rewrite outcomes with long criteria, scales, groups and links, and seldom grade."""
    manner = Manner(mix=_OUTCOMES, revised=0.7, ratings=(5, 9), text=(100, 900))
    return _told(count, random, _schools(count, random, 2, manner))


def unknown_members(count: int, random: Random) -> Iterator[bytes]:
    """Two institutions with a later Canvas: half of the events have members and words that no release here knows."""
    return _told(count, random, _schools(count, random, 2, Manner(unknown=0.5)))


SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "four-tenants": four_tenants,
        "forty-tenants": forty_tenants,
        "global-ids": global_ids,
        "without-ids": without_ids,
        "late-and-twice": late_and_twice,
        "large-bodies": large_bodies,
        "drifting": drifting,
        "outcome-heavy": outcome_heavy,
        "unknown-members": unknown_members,
    }
)


def _schools(
    count: int,
    random: Random,
    number: int,
    manner: Manner,
    *,
    ids: tuple[Ids, ...] = (),
    first: int = 0,
    scripts: tuple[Script, ...] = _SCRIPTS,
) -> list[School]:
    """So many institutions of one size, each with its own spelling and words."""
    manners = (evolve(manner, ids=ids[n % len(ids)]) if ids else manner for n in range(number))
    make = partial(_school, random, count // number)
    return [make(manner, first + n, scripts[n % len(scripts)]) for n, manner in enumerate(manners)]


def _school(random: Random, size: int, manner: Manner, number: int, script: Script | None = None) -> School:
    words = _SCRIPTS[number % len(_SCRIPTS)] if script is None else script
    return School(random, size, manner, drawn(random, number), words)


def _told(
    count: int,
    random: Random,
    schools: list[School],
    weights: list[float] | None = None,
    *,
    span: int = _SPAN,
    start: int = _START,
    far: int | None = None,
) -> Iterator[bytes]:
    """What happens, in the order of its event_time; ``far`` is the number of the line that is dated `FAR`."""
    at, pause = start, 2 * span // count
    for number in range(count):
        at += random.randrange(1, pause)
        (school,) = random.choices(schools, weights)
        yield school.line(at, FAR if number == far else None)


def _delivered(lines: Iterator[bytes], count: int, random: Random) -> Iterator[bytes]:
    """So many lines in the order of their arrival."""
    held: list[tuple[float, int, bytes]] = []  # due at, number
    month = count / _MONTHS
    for number in range(count):
        while not (held and held[0][0] <= number):
            line, chance = next(lines), random.random()
            if chance < LATE:
                heappush(held, (number + random.uniform(1, 4) * month, number, line))
                continue
            if chance < LATE + TWICE:
                heappush(held, (number + random.uniform(0, 1) * month, number, line))
            break
        else:
            line = heappop(held)[2]
        yield line
