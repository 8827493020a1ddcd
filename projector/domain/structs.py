"""Types by which the JSON library reads objects at once, with members sorted as the canonical form has them.

They take known members with values of the usual types, and refuse everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from keyword import iskeyword
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, UnsetType, defstruct

from projector.domain.canonical import SMALL
from projector.domain.catalogue import Entry, Nested, Shape

MOST_LEARNT: Final = 32  # names of members that are not in the catalogue, of one part of the events of a kind
_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]  # larger ones may be beyond a double
PlainValue = str | _Whole | bool | None | UnsetType
_Double = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]  # larger ones are spelled with an exponent
_Number = _Whole | _Double | None | UnsetType
_Count = str | _Number  # text may be a number too

# members keep the order of their type, which is sorted; objects within are sorted by the encoder
ENCODER: Final = msgspec.json.Encoder(order="deterministic")
canonical: Final[Callable[[Any], bytes]] = ENCODER.encode


def sorted_struct(name: str, types: Mapping[str, Any]) -> type[Any]:
    """A type with these members, each of which may be missing."""
    fields = [(member, types[member], UNSET) for member in sorted(types)]
    return defstruct(name, fields, forbid_unknown_fields=True, gc=False)


def value_type(shape: Shape) -> Any:
    """The type of the usual values of a member of the catalogue."""
    if not isinstance(shape, Nested):
        return _Count if shape == "number" else PlainValue
    types = {name: _Number if inner == "number" else value_type(inner) for name, inner in shape.members.items()}
    inner = sorted_struct("Nested", types)
    return (list[inner] if shape.many else inner) | None | UnsetType  # type: ignore[valid-type]


def nested_members(entry: Entry) -> list[str]:
    """The members of a kind that hold objects, or lists of them."""
    return [name for name, shape in entry.members.items() if isinstance(shape, Nested)]


def can_be_learnt(name: str) -> bool:
    """Whether a type may have a member of this name."""
    return name.isascii() and name.isidentifier() and not iskeyword(name) and not name.startswith("__")


def make_struct_whole(value: Any) -> bool:
    """Turn the floats with an integral value within nested structs, or a list of them, into integers.

    Returns:
        Whether all is as the canonical form needs it: no float is below `SMALL`, and no number is spelled
        as text.
    """
    if isinstance(value, list):
        return all(map(make_struct_whole, value))
    if not isinstance(value, msgspec.Struct):
        return True
    return all(_make_member_whole(value, name) for name in value.__struct_fields__)


def _make_member_whole(struct: Any, name: str) -> bool:
    item = getattr(struct, name)
    if type(item) is not float:
        return make_struct_whole(item)
    if item.is_integer():
        setattr(struct, name, int(item))
    return item.is_integer() or not -SMALL < item < SMALL
