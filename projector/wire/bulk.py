"""Decodes many texts at once, by column, where they are what events usually are; the others are named.

    texts ─► by kind ─► structs ─► columns of members ─► checked ─► canonical form, digest, packed ─► Columns
                 │          │                               │
                 └──────────┴───────────────────────────────┴─► odd: `projector.wire.decode` reads these one by one

A property holds the two ways equal (`tests/wire/test_bulk.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec
from attrs import define, field, frozen

from projector.domain.catalogue import BY_NAME, OURS, Kind
from projector.domain.columns import Columns
from projector.domain.packing import UNTRAINED, Packing
from projector.domain.structs import canonical
from projector.wire.dropping import reduced
from projector.wire.groups import Group
from projector.wire.structs import Reader, Readers

_MEMBER: Final = b'"event_name"'
_KINDS: Final = {name.encode(): entry.kind for name, entry in BY_NAME.items()}
_BEHIND: Final = len(_MEMBER)
_LONGEST_NAME: Final = 76  # bytes, with the member
_NO_JSON: Final = (ValueError, RecursionError, msgspec.MsgspecError)


class _Name(msgspec.Struct, gc=False):
    event_name: str


class _Named(msgspec.Struct, gc=False):
    metadata: _Name


_named = msgspec.json.Decoder(_Named).decode
_Taken = tuple[list[int], list[Any], list[bytes]]  # places among the texts, structs, texts


@frozen
class Decoded:
    """What many texts were found to be: each is an event, of another family, or odd.

    ``places`` has for each event its place among the texts, rising; ``ignored`` the place and the name of events of
    other families; ``warnings`` by their words the places, rising; ``odd`` the places of texts that are to be read one
    by one; ``computed`` the digest of each event, where it was asked for; ``packed``: the events are, or left as their
    texts.
    """

    events: Columns
    places: list[int]
    ignored: list[tuple[int, str]]
    warnings: dict[str, list[int]]
    odd: list[int]
    computed: list[bytes]
    packed: bool


@define
class BulkDecoder:
    """Decodes texts, and learns on the way which members they have.

    Args:
        dropped: Members of the metadata that are not kept.
        with_rows: Give the rows of all results, as a store needs that has results without an id; that is also done
            from the first such result on.
        packs: Events are packed; else, where nothing is dropped of them, they are left as their texts.
    """

    dropped: frozenset[str] = frozenset()
    packing: Packing = UNTRAINED
    with_rows: bool = False
    packs: bool = True
    _readers: Readers = field(factory=Readers, init=False)

    def decode(self, texts: Sequence[bytes], kept: Sequence[bytes] | None = None, *, checked: bool = True) -> Decoded:
        """What these texts, each of one JSON object, are.

        Args:
            kept: The digests that a log has of them: then the events have these, and are not packed again.
            checked: With ``kept``: their digests are computed all the same.
        """
        by_kind, ignored, odd = self._read(texts)
        groups = [Group(reader, *taken) for reader, taken in by_kind]
        for group in groups:
            odd += group.leave_odd_ones()
        groups = [group for group in groups if group.places]
        places = [place for group in groups for place in group.places]
        order = sorted(range(len(places)), key=places.__getitem__)
        rising = [places[index] for index in order]
        at = dict(zip(rising, range(len(rising)), strict=True))
        events, computed, warnings = Columns(), list[bytes](), defaultdict[str, list[int]](list)
        for group in groups:
            needed = group.events if checked or kept is None else []
            digests = [sha256(text).digest() for text in map(canonical, needed)]
            self._add(events, list(map(at.__getitem__, group.places)), group, digests, kept)
            computed += digests
            for words, where in group.warnings():
                if where:
                    warnings[words] = sorted(warnings[words] + where)
        if rising != places:
            events.put_in_order(order)
            computed = [computed[index] for index in order] if computed else computed
        odd.sort()
        self.with_rows |= events.guessed
        return Decoded(events, rising, ignored, warnings, odd, computed, packed=self.packs or bool(self.dropped))

    def _read(self, texts: Sequence[bytes]) -> tuple[list[tuple[Reader, _Taken]], list[tuple[int, str]], list[int]]:
        """The texts by kind, read into structs; the events of other families; and the places of the others."""
        by_name = dict[bytes, list[int]]()
        for place, text in enumerate(texts):
            at = text.find(_MEMBER)
            parts = text[at + _BEHIND : at + _LONGEST_NAME].split(b'"', 2)
            name = parts[1] if len(parts) == 3 else b""
            if (places := by_name.get(name)) is None:
                places = by_name[name] = []
            places.append(place)
        by_kind, ignored, odd = dict[Kind, list[int]](), list[tuple[int, str]](), list[int]()
        for name, places in by_name.items():
            if (kind := _KINDS.get(name)) is not None:
                by_kind.setdefault(kind, []).extend(places)
                continue
            for place in places:
                if (other := _other_family(texts[place])) is None:
                    odd.append(place)
                else:
                    ignored.append((place, other))
        found = [taken for kind, places in by_kind.items() for taken in self._structs(kind, sorted(places), texts, odd)]
        ignored.sort()
        return found, ignored, odd

    def _structs(
        self, kind: Kind, places: list[int], texts: Sequence[bytes], odd: list[int]
    ) -> Iterator[tuple[Reader, _Taken]]:
        """The structs of texts of one kind; again from where a new member was learnt, since they are of other types."""
        own, reader = [texts[place] for place in places], self._readers.reader(kind)
        try:
            yield reader, (places, list(map(reader.decode, own)), own)
        except _NO_JSON:
            yield from self._structs_one_by_one(reader, places, own, odd)

    def _structs_one_by_one(
        self, reader: Reader, places: list[int], texts: list[bytes], odd: list[int]
    ) -> Iterator[tuple[Reader, _Taken]]:
        begun, structs, taken = 0, list[Any](), list[int]()
        while begun < len(texts):
            try:
                structs.append(reader.decode(texts[begun]))
                taken.append(begun)
                begun += 1
            except _NO_JSON as error:
                if self._readers.learn(reader, error):
                    if structs:
                        yield reader, _chosen(taken, structs, places, texts)
                    reader, structs, taken = self._readers.reader(reader.entry.kind), [], []
                else:
                    odd.append(places[begun])
                    begun += 1
        if structs:
            yield reader, _chosen(taken, structs, places, texts)

    def _add(
        self, events: Columns, at: list[int], group: Group, digests: list[bytes], kept: Sequence[bytes] | None
    ) -> None:
        facts = group.facts
        if kept is not None:
            digests, packed = [kept[place] for place in group.places], [b""] * len(group.places)
        else:
            packed = self._packed(digests, group.texts)
            facts = facts.without_members(self.dropped) if self.dropped else facts
        facts.add_to(events, at, group.names, digests, packed, with_rows=self.with_rows)

    def _packed(self, digests: list[bytes], texts: list[bytes]) -> list[bytes]:
        if not self.dropped:
            return self.packing.pack_all(digests, texts) if self.packs else texts
        kept = [reduced(text, self.dropped) for text in texts]
        return [
            self.packing.pack(digest, text, reduced=text is not whole)
            for digest, text, whole in zip(digests, kept, texts, strict=True)
        ]


def _chosen(taken: list[int], structs: list[Any], places: list[int], texts: list[bytes]) -> _Taken:
    if len(taken) == len(texts):
        return places, structs, texts
    return [places[index] for index in taken], structs, [texts[index] for index in taken]


def _other_family(text: bytes) -> str | None:
    """The name of an event of a family that is not taken; None where it may be anything else."""
    try:
        name = _named(text).metadata.event_name
    except _NO_JSON:
        return None
    return name if name and name not in BY_NAME and not name.startswith(OURS) else None
