"""Types by which the JSON library reads events of a kind at once, members sorted as the canonical form has them.

They take what nearly all events are made of: known members with values of the usual types. Whatever they refuse,
`projector.wire.decode` reads. Names of members that are not in the catalogue are learnt, up to a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from keyword import iskeyword
from typing import Annotated, Any, Final

import msgspec
from attrs import define, field, frozen
from msgspec import UNSET, UnsetType, defstruct

from projector.domain.catalogue import BY_KIND, METADATA, Entry, Kind, Nested, Shape
from projector.wire.checking import DECIDING

_MOST: Final = 32  # names that are learnt of one part of the events of a kind
_UNKNOWN: Final = re.compile(r"Object contains unknown field `([^`]*)` - at `\$\.(metadata|body)`")
_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]  # larger ones may be beyond a double
_Plain = str | _Whole | bool | None | UnsetType
_Number = _Whole | float | None | UnsetType
_Count = str | _Number  # text may be a number too

# members keep the order of their type, which is sorted; objects within are sorted by the encoder
canonical: Final[Callable[[Any], bytes]] = msgspec.json.Encoder(order="deterministic").encode


def _struct(name: str, types: Mapping[str, Any]) -> type[Any]:
    fields = [(member, types[member], UNSET) for member in sorted(types)]
    return defstruct(name, fields, forbid_unknown_fields=True, gc=False)


def _type(shape: Shape) -> Any:
    if not isinstance(shape, Nested):
        return _Count if shape == "number" else _Plain
    types = {name: _Number if inner == "number" else _type(inner) for name, inner in shape.members.items()}
    inner = _struct("Nested", types)
    return (list[inner] if shape.many else inner) | None | UnsetType  # type: ignore[valid-type]


@frozen(eq=False)
class Reader:
    """What reads the events of a kind; ``unknown`` are members of the body that the catalogue does not have."""

    entry: Entry
    metadata: frozenset[str]  # members beside the usual ones
    unknown: frozenset[str] = frozenset()
    members: frozenset[str] = field(init=False)  # of the body
    decode: Callable[[bytes], Any] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        members = {name: _type(shape) for name, shape in self.entry.members.items()}
        members |= {name: _Plain if name in DECIDING else Any for name in self.unknown}
        body = _struct("Body", members)
        metadata = _struct("Metadata", dict.fromkeys(METADATA, _Plain) | dict.fromkeys(self.metadata, Any))
        event = defstruct("Event", [("body", body), ("metadata", metadata)], forbid_unknown_fields=True, gc=False)
        object.__setattr__(self, "members", frozenset(members))
        object.__setattr__(self, "decode", msgspec.json.Decoder(event).decode)


@define
class Readers:
    """A reader for each kind, which learns the names of further members where it meets them."""

    _by_kind: dict[Kind, Reader] = field(factory=dict, init=False)
    _metadata: frozenset[str] = field(default=frozenset(), init=False)

    def reader(self, kind: Kind) -> Reader:
        """The reader for the events of a kind."""
        if (found := self._by_kind.get(kind)) is None:
            found = self._by_kind[kind] = Reader(BY_KIND[kind], self._metadata)
        return found

    def learn(self, reader: Reader, error: Exception) -> bool:
        """Learn the name of the member that a reader did not know; whether there was one to learn."""
        found = _UNKNOWN.search(str(error))
        if found is None or not _can_be_learnt(name := found[1]):
            return False
        metadata, unknown = reader.metadata | self._metadata, reader.unknown
        if found[2] == "metadata":
            metadata |= {name}
        else:
            unknown |= {name}
        if max(len(metadata), len(unknown)) > _MOST or (metadata, unknown) == (reader.metadata, reader.unknown):
            return False
        self._metadata = metadata
        self._by_kind[reader.entry.kind] = Reader(reader.entry, metadata, unknown)
        return True


def _can_be_learnt(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not iskeyword(name) and not name.startswith("__")


def nested_members(entry: Entry) -> list[str]:
    """The members of a kind that hold objects, or lists of them."""
    return [name for name, shape in entry.members.items() if isinstance(shape, Nested)]


def make_whole(value: Any) -> bool:
    """Turn the floats with an integral value within nested structs, or a list of them, into integers.

    Returns:
        Whether all is as the canonical form needs it: no float is below 1e-4, where encoders' spellings part, and
        no number is spelled as text.
    """
    if isinstance(value, list):
        return all(map(make_whole, value))
    if not isinstance(value, msgspec.Struct):
        return True
    for name in value.__struct_fields__:
        item = getattr(value, name)
        if type(item) is float:
            if item.is_integer():
                setattr(value, name, int(item))
            elif -1e-4 < item < 1e-4:
                return False
        elif not make_whole(item):
            return False
    return True
