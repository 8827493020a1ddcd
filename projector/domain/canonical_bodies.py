"""Canonical JSON of many bodies of one kind, quickly where they are what bodies usually are."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec
from attrs import define, field

from projector.domain.canonical import SMALL, canonical_of_whole, made_whole, read_whole
from projector.domain.catalogue import BY_KIND, Kind
from projector.domain.structs import (
    ENCODER,
    MOST_LEARNT,
    can_be_learnt,
    make_struct_whole,
    nested_members,
    sorted_struct,
    value_type,
)

_OF_FLOATS: Final = (b".0,", b".0}", b".0]", b"0.0000", b"e-")  # that the canonical form has otherwise, or within texts
_UNKNOWN: Final = re.compile(r"Object contains unknown field `([^`]*)`$")


@define
class CanonicalBodies:
    """Writes the canonical JSON of bodies of one kind; names that are not in the catalogue are learnt, up to a number.

    >>> written = bytearray()
    >>> CanonicalBodies("link").write(b'{"title": 5.0, "context_id": "7"}', written)
    >>> bytes(written)
    b'{"context_id":"7","title":5}'
    """

    kind: Kind
    _unknown: frozenset[str] = field(default=frozenset(), init=False)
    _was_changed: bool = field(default=False, init=False)  # the last body, to be as the canonical form needs it
    _decode: Callable[[bytes], Any] = field(init=False, repr=False)
    _nested: tuple[str, ...] = field(init=False)
    _numbers: tuple[str, ...] = field(init=False)
    _values: Callable[[Any], tuple[Any, ...]] = field(init=False, repr=False)  # of the numbers, and one more: a tuple

    def __attrs_post_init__(self) -> None:
        entry = BY_KIND[self.kind]
        types = {name: value_type(shape) for name, shape in entry.members.items()}
        body = sorted_struct("Body", types | dict.fromkeys(self._unknown, Any))
        self._decode = msgspec.json.Decoder(body).decode
        self._numbers = entry.numbers
        self._values = attrgetter(*entry.numbers, entry.id, entry.id)
        self._nested = tuple(nested_members(entry))

    def write(self, text: bytes, into: bytearray) -> None:
        """Append the canonical JSON of a body to a buffer.

        Args:
            text: The JSON text of a body that the log has.
            into: The buffer.
        """
        end = len(into)
        try:
            body = self._decode(text)
        except msgspec.ValidationError as error:
            self.write(text, into) if self._learn(str(error)) else _append(text, into)
            return
        if not self._was_changed and not self._unknown:
            ENCODER.encode_into(body, into, end)
            if not any(into.find(sign, end) >= 0 for sign in _OF_FLOATS):
                return
        if self._is_whole(body):
            ENCODER.encode_into(body, into, end)
        else:
            del into[end:]
            _append(text, into)

    def _is_whole(self, body: Any) -> bool:
        """Make numbers with an integral value integers; whether all are as the canonical form needs them then."""
        self._was_changed = bool(self._nested)
        for name, value in zip(self._numbers, self._values(body), strict=False):
            if type(value) is float:
                if value.is_integer():
                    setattr(body, name, int(value))
                    self._was_changed = True
                elif -SMALL < value < SMALL:
                    return False
        if self._nested and not all(make_struct_whole(getattr(body, name)) for name in self._nested):
            return False
        return not self._unknown or self._are_others_whole(body)

    def _are_others_whole(self, body: Any) -> bool:
        try:
            for name in self._unknown:
                if (value := getattr(body, name)) is not msgspec.UNSET:
                    setattr(body, name, made_whole(value))
        except (ValueError, RecursionError):
            return False
        return True

    def _learn(self, refusal: str) -> bool:
        """Learn the name of the member that was refused; whether there was one to learn."""
        found = _UNKNOWN.search(refusal)
        if found is None or not can_be_learnt(found[1]) or len(self._unknown) >= MOST_LEARNT:
            return False
        self._unknown |= {found[1]}
        self.__attrs_post_init__()
        return True


def _append(text: bytes, into: bytearray) -> None:
    into += canonical_of_whole(*read_whole(text))
