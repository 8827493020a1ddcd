"""The columns of the tables, by kind: those that every table has, then the members of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import NoneType
from typing import Any, Final, Literal, get_args, get_type_hints

from attrs import field, fields_dict, frozen, has

from projector.domain import states
from projector.domain.catalogue import CATALOGUE, Entry, Kind, Nested

How = Literal["text", "id", "number", "flag", "instant", "json", "objects"]

_TYPES: Final[Mapping[How, str]] = {
    "text": "VARCHAR",
    "id": "VARCHAR",
    "number": "DOUBLE",
    "flag": "BOOLEAN",
    "instant": "TIMESTAMPTZ",
    "json": "VARCHAR",
}
_BY_TYPE: Final[Mapping[object, How]] = {str: "text", int: "number", bool: "flag", datetime: "instant"}


@frozen
class Column:
    """A column of a table, and what it has of which member of a body.

    ``path`` leads to the member: its own name, or that of an object and its own. ``parts`` are the columns of objects.
    """

    name: str
    how: How
    path: tuple[str, ...]
    parts: tuple[Column, ...] = field(default=(), repr=False)

    @property
    def type(self) -> str:
        """Its SQL type."""
        if self.how == "objects":
            members = ", ".join(f'"{part.name}" {part.type}' for part in self.parts)
            return f"STRUCT({members})[]"
        return _TYPES[self.how]


def _how(name: str, annotation: Any) -> How:
    if name == "id" or name.endswith("_id"):
        return "id"
    meant = [one for one in get_args(annotation) or (annotation,) if one not in (NoneType, Ellipsis)]
    return "json" if has(meant[0]) else _BY_TYPE[meant[0]]


def _plain(state: type) -> list[Column]:
    """A column for each member of a class of states, in its order."""
    types = get_type_hints(state)
    return [Column(name, _how(name, types[name]), (name,)) for name in fields_dict(state)]


_POINTS: Final = ("mastery_points", "points_possible")  # of an outcome's own criterion
RATINGS: Final = "ratings"  # a column of the stored rows only: `scale_ratings` and `criterion_ratings` are made of it


def _columns(entry: Entry) -> Iterator[Column]:
    for column in _plain(entry.state):
        if column.name == "id":  # every table begins with it
            continue
        yield column
        if entry.kind == "outcome" and column.how == "json":
            yield from (Column(name, "number", (column.name, name)) for name in _POINTS)


def _ratings(entry: Entry) -> Column | None:
    rating: type | None = {"scale": states.Rating, "outcome": states.CriterionRating}.get(entry.kind)
    if rating is None:
        return None
    name, shape = next((name, shape) for name, shape in entry.members.items() if isinstance(shape, Nested))
    parts = [part for part in _plain(rating) if part.name in _SHOWN[entry.kind]]
    return Column(RATINGS, "objects", (name,) if shape.many else (name, RATINGS), tuple(parts))


_SHOWN: Final[Mapping[Kind, tuple[str, ...]]] = {  # of a rating
    "scale": ("outcome_proficiency_rating_id", "description", "points", "mastery", "color"),
    "outcome": ("description", "points"),
}

MEMBERS: Final[Mapping[Kind, tuple[Column, ...]]] = {entry.kind: tuple(_columns(entry)) for entry in CATALOGUE}
_WITH_RATINGS: Final = [(entry.kind, _ratings(entry)) for entry in CATALOGUE]
RATINGS_OF: Final[Mapping[Kind, Column]] = {kind: ratings for kind, ratings in _WITH_RATINGS if ratings is not None}


def said_of(kind: Kind) -> tuple[Column, ...]:
    """The columns of a kind's stored rows that are made of members."""
    return (*MEMBERS[kind], RATINGS_OF[kind]) if kind in RATINGS_OF else MEMBERS[kind]
