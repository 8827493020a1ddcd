"""How the producers of one institution spell JSON: order of members, spaces, escapes, instants, absent values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from json import JSONEncoder
from random import Random
from typing import Any, Final

from attrs import define, field, frozen

Json = dict[str, Any]
DAY: Final = 86_400_000  # milliseconds
_HOUR: Final = 3_600_000


@cache
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()


def clock(at: int) -> str:
    """An instant, given in milliseconds since 1970, to the second and without an offset."""
    minutes, seconds = divmod(at % DAY // 1000, 60)
    return f"{_date(at // DAY)}T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


@frozen(kw_only=True)
class Spelling:
    """What differs from one producer to the next."""

    order: str  # of members: shuffled, sorted, as declared, or reversed
    separators: tuple[str, str] = (",", ":")
    escaped: bool = False  # what is not ASCII
    body_first: bool = False
    milliseconds: bool = True  # of event_time
    hours: int = 0  # the offset of times in bodies
    nulls: bool = True
    whole: bool = False  # 3 instead of 3.0


def drawn(random: Random, number: int) -> Spelling:
    """The spelling of an institution, by its number; of the first four none has the same order of members."""
    return Spelling(
        order=("shuffled", "sorted", "as declared", "reversed")[number % 4],
        separators=((",", ":"), (", ", ": "), (",", ":"), (",", ": "))[number % 4],
        escaped=number % 4 == 2,
        body_first=number % 4 == 3,
        milliseconds=number % 5 != 4,
        hours=random.choice((-6, 2, 5)) if number % 5 == 1 else 0,
        nulls=number % 3 != 1,
        whole=number % 2 == 1,
    )


@define
class Writer:
    """Writes events in one spelling."""

    spelling: Spelling
    random: Random
    _encode: Callable[[Any], str] = field(init=False)
    _ranks: dict[str, float] = field(factory=dict, init=False)
    _orders: dict[tuple[str, ...], tuple[str, ...]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        spelling = self.spelling
        self._encode = JSONEncoder(ensure_ascii=spelling.escaped, separators=spelling.separators).encode

    def line(self, metadata: Json, body: Json) -> bytes:
        """One event, without a line end."""
        parts = {"metadata": self._ordered(metadata), "body": self._ordered(body)}
        if self.spelling.body_first:
            parts = {"body": parts["body"], "metadata": parts["metadata"]}
        return self._encode(parts).encode()

    def event_time(self, at: int) -> str:
        """An instant as metadata spell it."""
        return f"{clock(at)}.{at % 1000:03}Z" if self.spelling.milliseconds else f"{clock(at)}Z"

    def moment(self, at: int) -> str:
        """An instant as bodies spell it."""
        hours = self.spelling.hours
        return f"{clock(at + hours * _HOUR)}{'+' if hours > 0 else '-'}{abs(hours):02}:00" if hours else f"{clock(at)}Z"

    def number(self, value: float) -> float | int:
        """A number of points."""
        return int(value) if self.spelling.whole and value == int(value) else value

    def _ordered(self, part: Mapping[str, Any]) -> Json:
        names = tuple(part)
        if (order := self._orders.get(names)) is None:
            order = self._orders[names] = self._order(names)
        if self.spelling.nulls:
            return {name: part[name] for name in order}
        return {name: value for name in order if (value := part[name]) is not None}

    def _order(self, names: tuple[str, ...]) -> tuple[str, ...]:
        match self.spelling.order:
            case "sorted":
                return tuple(sorted(names))
            case "reversed":
                return names[::-1]
            case "shuffled":
                for name in names:
                    self._ranks.setdefault(name, self.random.random())
                return tuple(sorted(names, key=self._ranks.__getitem__))
            case _:
                return names
