"""What an institution of a shape is like, and the numbers that its Canvas gives to things."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import Final, Literal

from attrs import define, field, frozen

from projector.domain.catalogue import Kind
from projector.domain.ids import SHARD
from tests.bench.shapes.writing import Json

Family = Kind | Literal["other"]  # what an event is of; "other": a family that is ignored
Ids = Literal["long", "short", "rising"]

MOSTLY_RESULTS: Final[Mapping[Family, float]] = MappingProxyType(
    {
        "result": 78,
        "outcome": 5,
        "group": 2,
        "link": 4,
        "scale": 0.5,
        "method": 0.5,
        "description": 1,
        "assessment": 4,
        "course": 1.5,
        "account": 0.5,
        "other": 3,
    }
)


@frozen(kw_only=True)
class Manner:
    """What differs from one shape to the next; shares are of 1."""

    ids: Ids = "rising"
    mix: Mapping[Family, float] = MOSTLY_RESULTS
    revised: float = 0.3  # of events, those of something created before
    without_id: float = 0  # of results
    globally: float = 0  # of bodies, those with global ids
    on_page: float = 0.15  # of results, those of a request and not of a job
    names: Literal["both", "uuid", "root"] = "both"  # of the institution, in the metadata
    text: tuple[int, int] = (40, 400)  # bytes of a description
    ratings: tuple[int, int] = (3, 5)
    unknown: float = 0  # of events, those with members and words that no release knows


@define
class Numbers:
    """The ids that one institution's Canvas gives: of a table each, rising, or drawn by chance."""

    random: Random
    ids: Ids
    shard: int
    _last: dict[str, int] = field(factory=dict, init=False)

    def next(self, of: str) -> str:
        """The id of something new."""
        match self.ids:
            case "long":
                least: int = 10 ** self.random.randint(14, 18)
                return str(self.random.randrange(least, 9 * least))
            case "short":
                return str(self.random.randrange(1, 10**9))
            case "rising":
                last = self._last.get(of) or self.random.randrange(1, 10**6)
                self._last[of] = last + self.random.randint(1, 3)
                return str(self._last[of])

    def globally(self, id: str) -> str:
        """An id as it is spelled outside of the shard; one that is long already as it is."""
        return str(self.shard * SHARD + int(id)) if len(id) < 13 else id

    def body_globally(self, body: Json) -> Json:
        """A body with each local id spelled as a global one."""
        return {
            name: self.globally(value) if _is_id(name) and isinstance(value, str) and value.isdecimal() else value
            for name, value in body.items()
        }


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("_id")
