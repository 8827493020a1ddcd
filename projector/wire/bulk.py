"""Decodes many texts at once, by column, where they are what events usually are; the others are named.

    texts ─► by name ─► structs ─► columns of members ─► checked ─► canonical form, digest, packed ─► Columns
                 │          │                               │
                 └──────────┴───────────────────────────────┴─► odd: `projector.wire.decode` reads these one by one

A property holds the two ways equal (`tests/wire/test_bulk.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, Final

import msgspec
from attrs import define, field, frozen
from msgspec import UNSET

from projector.domain.canonical import made_whole
from projector.domain.catalogue import BY_NAME, METHODS, OURS
from projector.domain.column_facts import OF_METADATA, KindColumns, of_body
from projector.domain.columns import Columns
from projector.domain.events import is_reserved
from projector.domain.instants import read_instant, read_many
from projector.domain.packing import UNTRAINED, Packing
from projector.wire.checking import DECIDING, is_number, unknown_field, unknown_status, without_offset
from projector.wire.dropping import reduced
from projector.wire.structs import Reader, Readers, canonical, make_whole, nested_members

_MEMBER: Final = b'"event_name"'
_TEXTS: Final = frozenset((str, bool, type(None), type(UNSET)))
_LONGEST_NAME: Final = 64
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
    other families; ``warnings`` the place and the words; ``odd`` the places of texts that are to be read one by one;
    ``computed`` the digest of each event.
    """

    events: Columns
    places: list[int]
    ignored: list[tuple[int, str]]
    warnings: list[tuple[int, str]]
    odd: list[int]
    computed: list[bytes]


def everything_odd(count: int) -> Decoded:
    """So many texts, all of them to be read one by one."""
    return Decoded(Columns(), [], [], [], list(range(count)), [])


@define
class BulkDecoder:
    """Decodes texts, and learns on the way which members they have.

    Args:
        dropped: Members of the metadata that are not kept.
        with_rows: Give the rows of all results, as a store needs that has results without an id; that is also done
            from the first such result on.
    """

    dropped: frozenset[str] = frozenset()
    packing: Packing = UNTRAINED
    with_rows: bool = False
    _readers: Readers = field(factory=lambda: Readers(BY_NAME), init=False)

    def decode(self, texts: Sequence[bytes], kept: Sequence[bytes] | None = None) -> Decoded:
        """What these texts, each of one JSON object, are.

        Args:
            kept: The digests that a log has of them: then the events have these, and are not packed again.
        """
        by_name, ignored, odd = self._read(texts)
        pieces, places, computed, warnings = list[Columns](), list[int](), list[bytes](), list[tuple[int, str]]()
        for reader, taken in by_name:
            group = _Group(reader, *taken)
            odd += group.leave_odd_ones()
            if group.places:
                digests = [sha256(canonical(event)).digest() for event in group.events]
                pieces.append(self._columns(group, digests, kept))
                places += group.places
                computed += digests
                warnings += group.warnings()
        odd.sort()
        order = sorted(range(len(places)), key=places.__getitem__)
        events = _in_order(pieces, order)
        self.with_rows |= events.guessed
        return Decoded(
            events,
            [places[index] for index in order],
            ignored,
            sorted(warnings, key=itemgetter(0)),
            odd,
            [computed[index] for index in order],
        )

    def _read(self, texts: Sequence[bytes]) -> tuple[Iterator[tuple[Reader, _Taken]], list[tuple[int, str]], list[int]]:
        """The texts by name, read into structs; the events of other families; and the places of the others."""
        by_name, ignored, odd = dict[bytes, _Taken](), list[tuple[int, str]](), list[int]()
        for place, text in enumerate(texts):
            at = text.find(_MEMBER) + len(_MEMBER)
            parts = text[at : at + _LONGEST_NAME].split(b'"', 2)
            name = parts[1] if len(parts) == 3 else b""
            if (taken := by_name.get(name)) is None:
                taken = by_name[name] = [], [], []
            taken[0].append(place)
            taken[2].append(text)
        found = list[tuple[Reader, _Taken]]()
        for name, (places, _, named) in by_name.items():
            if (reader := self._readers.reader(name)) is None:
                for place, text in zip(places, named, strict=True):
                    if (other := _other_family(text)) is None:
                        odd.append(place)
                    else:
                        ignored.append((place, other))
            else:
                found += self._structs(name, reader, places, named, odd)
        ignored.sort()
        return iter(found), ignored, odd

    def _structs(
        self, name: bytes, reader: Reader, places: list[int], texts: list[bytes], odd: list[int]
    ) -> Iterator[tuple[Reader, _Taken]]:
        """The structs of texts of one name; again from where a new member was learnt, since they are of other types."""
        begun = 0
        decode, structs = reader.decode, list[Any]()
        taken = list[int]()
        while begun < len(texts):
            try:
                for text in texts[begun:]:
                    structs.append(decode(text))
                    taken.append(begun)
                    begun += 1
            except _NO_JSON as error:
                if self._readers.learn(reader, error):
                    if structs:
                        yield reader, _chosen(taken, structs, places, texts)
                    reader = self._readers.reader(name) or reader
                    decode, structs, taken = reader.decode, [], []
                else:
                    odd.append(places[begun])
                    begun += 1
        if structs:
            yield reader, _chosen(taken, structs, places, texts)

    def _columns(self, group: _Group, digests: list[bytes], kept: Sequence[bytes] | None) -> Columns:
        facts, name = group.facts, group.reader.name
        if kept is not None:
            known = [kept[place] for place in group.places]
            return facts.columns(name, known, [b""] * len(known), with_rows=self.with_rows)
        packed = _packed(self.packing, digests, group.texts, self.dropped)
        if self.dropped:
            facts = facts.without_members(self.dropped)
        return facts.columns(name, digests, packed, with_rows=self.with_rows)


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


def _packed(packing: Packing, digests: list[bytes], texts: list[bytes], dropped: frozenset[str]) -> list[bytes]:
    if dropped:
        kept = [reduced(text, dropped) for text in texts]
        return [
            packing.pack(digest, text, reduced=text is not whole)
            for digest, text, whole in zip(digests, kept, texts, strict=True)
        ]
    (head, key), compress = packing.heads, packing.compress
    return [head + digest + key + compress(text) for digest, text in zip(digests, texts, strict=True)]


def _in_order(pieces: list[Columns], order: list[int]) -> Columns:
    """The events of all pieces, in an order of their indexes."""
    if not pieces:
        return Columns()
    events = pieces[0]
    for piece in pieces[1:]:
        events.extend(piece)
    return events if len(pieces) == 1 else events.chosen(order)


class _Group:
    """Events of one name, read into structs: the columns of their members, and which of them are odd."""

    def __init__(self, reader: Reader, places: list[int], events: list[Any], texts: list[bytes]) -> None:
        self.reader, self.places, self.events, self.texts = reader, places, events, texts
        entry = reader.entry
        self.deciding = deciding = [name for name in DECIDING if name in reader.members]
        names = {*of_body(entry), *deciding, *entry.numbers, *nested_members(entry), *reader.unknown}
        body = sorted({*names, *(("workflow_state",) if "workflow_state" in reader.members else ())})
        self.body = dict(zip(body, _columns(map(attrgetter("body"), events), body), strict=True))
        metadata = ("event_name", *OF_METADATA, *sorted(reader.metadata))
        self.metadata = dict(zip(metadata, _columns(map(attrgetter("metadata"), events), metadata), strict=True))
        times = chain(*(self.body[name] for name in deciding), self.metadata["event_time"])
        texts = {text for text in times if type(text) is str}
        instants = read_many(texts)
        self.undated = {text: read[0] for text in texts - instants.keys() if (read := read_instant(text)) is not None}
        instants |= self.undated
        self.facts = KindColumns(entry, self.metadata, self.body, UNSET, instants, len(events))

    def leave_odd_ones(self) -> list[int]:
        """Leave those out that are to be read one by one, and return their places."""
        odd = {index for odd in self._odd() for index in odd}
        if not odd:
            return []
        left = [self.places[index] for index in sorted(odd)]
        for name in ("places", "events", "texts"):
            setattr(self, name, [one for index, one in enumerate(getattr(self, name)) if index not in odd])
        self.facts = self.facts.without(odd)
        self.body = dict(self.facts.body)
        return left

    def _odd(self) -> Iterator[Sequence[int] | set[int]]:
        entry, instants, body = self.reader.entry, self.facts.instants, self.body
        name = self.reader.name
        yield _where(self.metadata["event_name"], lambda value: value == name)
        yield _where(self.metadata["event_time"], lambda value: type(value) is str and value in instants)
        for member in self.deciding:
            yield _where(body[member], lambda value: value is UNSET or value is None or value in instants)
        for member in entry.numbers:
            yield self._odd_numbers(member)
        for member in nested_members(entry):
            yield [index for index, value in enumerate(body[member]) if not make_whole((value,))]
        if "calculation_method" in entry.members:
            yield self._odd_methods()
        if entry.kind == "scale":
            yield self._odd_ratings()
        if entry.kind == "result":
            yield _where(self.facts.ids(entry.id), lambda id: id is None or not is_reserved(id))
        for part, names in ("body", self.reader.unknown), ("metadata", self.reader.metadata):
            for member in names:
                yield self._odd_values(part, member)
        yield self.facts.unidentified()

    def _odd_numbers(self, member: str) -> Iterator[int]:
        """Those whose number is none, or is spelled otherwise by other encoders; the others' are made whole."""
        values = self.body[member]
        types = set(map(type, values))
        if float not in types and str not in types:
            return
        for index, value in enumerate(values):
            if type(value) is float:
                if value.is_integer():
                    setattr(self.events[index].body, member, int(value))
                elif -1e-4 < value < 1e-4:
                    yield index
            elif type(value) is str and not is_number(value):
                yield index

    def _odd_values(self, part: str, member: str) -> Iterator[int]:
        """Those whose value of an unknown member other encoders spell otherwise; the numbers of the others are made whole."""
        values = getattr(self, part)[member]
        if _TEXTS.issuperset(map(type, values)):
            return
        for index, value in enumerate(values):
            if value is not UNSET:
                try:
                    setattr(getattr(self.events[index], part), member, made_whole(value))
                except (ValueError, RecursionError):
                    yield index

    def _odd_methods(self) -> Iterator[int]:
        for index, event in enumerate(self.events):
            method, number = event.body.calculation_method, event.body.calculation_int
            if method is UNSET or method is None:
                continue
            span = METHODS.get(method, (0, 0)) if isinstance(method, str) else (0, 0)
            if span is not None and number is not UNSET and number is not None:
                if span == (0, 0) or isinstance(number, str) or not span[0] <= number <= span[1]:
                    yield index
            elif span == (0, 0):
                yield index

    def _odd_ratings(self) -> Iterator[int]:
        for index, ratings in enumerate(self.body["outcome_proficiency_ratings"]):
            if isinstance(ratings, list) and sum(rating.mastery is True for rating in ratings) > 1:
                yield index

    def warnings(self) -> Iterator[tuple[int, str]]:
        """What is accepted, yet worth a warning: the place of the event, and the words."""
        kind, body, statuses = self.reader.entry.kind, self.body, {*self.reader.entry.statuses, None, "", UNSET}
        for name in sorted(self.reader.unknown):
            yield from self._warned(
                body[name], lambda value: value is UNSET, lambda _, name=name: unknown_field(name, kind)
            )
        if "workflow_state" in body:
            yield from self._warned(
                body["workflow_state"], statuses.__contains__, lambda value: unknown_status(value, kind)
            )
        if self.undated:
            for name in self.deciding:
                words = without_offset(f"body.{name} of {kind}")
                yield from self._warned(
                    body[name], lambda value: value not in self.undated, lambda _, words=words: words
                )
            times, words = self.facts.metadata["event_time"], without_offset("event_time")
            yield from self._warned(times, lambda value: value not in self.undated, lambda _: words)

    def _warned(
        self, values: Sequence[Any], is_usual: Callable[[Any], bool], words: Callable[[Any], str]
    ) -> Iterator[tuple[int, str]]:
        return ((self.places[index], words(values[index])) for index, value in enumerate(values) if not is_usual(value))


def _columns(parts: Iterator[Any], names: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*map(attrgetter(*names), parts), strict=True))


def _where(values: Sequence[Any], is_usual: Callable[[Any], bool]) -> list[int]:
    """The indexes of the values that are not usual: each distinct one is looked at once."""
    odd = {value for value in set(values) if not is_usual(value)}
    return [index for index, value in enumerate(values) if value in odd] if odd else []
