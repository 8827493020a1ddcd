"""Types by which the JSON library reads events of a kind at once, members sorted as the canonical form has them.

They take what nearly all events are made of: known members with values of the usual types. Whatever they refuse,
`projector.wire.decode` reads. Names of members that are not in the catalogue are learnt, up to a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import msgspec
from attrs import define, field, frozen
from msgspec import defstruct

from projector.domain.catalogue import BY_KIND, METADATA, Entry, Kind
from projector.domain.structs import MOST_LEARNT, PlainValue, can_be_learnt, sorted_struct, value_type
from projector.wire.checking import DECIDING

_UNKNOWN: Final = re.compile(r"Object contains unknown field `([^`]*)` - at `\$\.(metadata|body)`")


@frozen(eq=False)
class Reader:
    """What reads the events of a kind; ``unknown`` are members of the body that the catalogue does not have."""

    entry: Entry
    metadata: frozenset[str]  # members beside the usual ones
    unknown: frozenset[str] = frozenset()
    members: frozenset[str] = field(init=False)  # of the body
    decode: Callable[[bytes], Any] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        members = {name: value_type(shape) for name, shape in self.entry.members.items()}
        members |= {name: PlainValue if name in DECIDING else Any for name in self.unknown}
        body = sorted_struct("Body", members)
        metadata = sorted_struct("Metadata", dict.fromkeys(METADATA, PlainValue) | dict.fromkeys(self.metadata, Any))
        event = defstruct("Event", [("body", body), ("metadata", metadata)], forbid_unknown_fields=True, gc=False)
        object.__setattr__(self, "members", frozenset(members))
        object.__setattr__(self, "decode", msgspec.json.Decoder(event).decode)


@lru_cache(64)  # to make its types takes as long as to read some hundred events
def _reader(kind: Kind, metadata: frozenset[str], unknown: frozenset[str]) -> Reader:
    return Reader(BY_KIND[kind], metadata, unknown)


@define
class Readers:
    """A reader for each kind, which learns the names of further members where it meets them."""

    _by_kind: dict[Kind, Reader] = field(factory=dict, init=False)
    _metadata: frozenset[str] = field(default=frozenset(), init=False)

    def reader(self, kind: Kind) -> Reader:
        """The reader for the events of a kind."""
        if (found := self._by_kind.get(kind)) is None:
            found = self._by_kind[kind] = _reader(kind, self._metadata, frozenset())
        return found

    def learn(self, reader: Reader, error: Exception) -> bool:
        """Learn the name of the member that a reader did not know; whether there was one to learn."""
        found = _UNKNOWN.search(str(error))
        if found is None or not can_be_learnt(name := found[1]):
            return False
        metadata, unknown = reader.metadata | self._metadata, reader.unknown
        if found[2] == "metadata":
            metadata |= {name}
        else:
            unknown |= {name}
        if max(len(metadata), len(unknown)) > MOST_LEARNT or (metadata, unknown) == (reader.metadata, reader.unknown):
            return False
        self._metadata = metadata
        self._by_kind[reader.entry.kind] = _reader(reader.entry.kind, metadata, unknown)
        return True
