"""Events of one kind, read into structs: the columns of their members, which of them are odd, and what is warned of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import astuple

from projector.domain.canonical import SMALL, made_whole
from projector.domain.catalogue import METHODS, NAMES_OF
from projector.domain.column_facts import OF_METADATA, KindColumns
from projector.domain.events import is_reserved
from projector.domain.instants import read_instant, read_many
from projector.domain.structs import make_struct_whole, nested_members
from projector.wire.checking import DECIDING, is_number, unknown_field, unknown_status, without_offset
from projector.wire.structs import Reader

_TEXTS: Final = frozenset((str, bool, type(None), type(UNSET)))


class Group:
    """Events of one kind, read into structs: the columns of their members, and which of them are odd."""

    def __init__(self, reader: Reader, places: list[int], events: list[Any], texts: list[bytes]) -> None:
        self.reader: Reader = reader
        self.places: list[int] = places
        self.events: list[Any] = events
        self.texts: list[bytes] = texts
        self.deciding: list[str] = [name for name in DECIDING if name in reader.members]
        entry = reader.entry
        bodies = [event.body for event in events]
        columns = zip(*map(astuple, bodies), strict=True)
        self.body: dict[str, Sequence[Any]] = dict(zip(bodies[0].__struct_fields__, columns, strict=True))
        metadata = ("event_name", *OF_METADATA, *sorted(reader.metadata))
        self.metadata: dict[str, Sequence[Any]] = dict(
            zip(metadata, _columns(map(attrgetter("metadata"), events), metadata), strict=True)
        )
        times = chain(*(self.body[name] for name in self.deciding), self.metadata["event_time"])
        written = {text for text in times if type(text) is str}
        instants = read_many(written)
        left = written - instants.keys()
        self.undated: dict[str, int] = {text: read[0] for text in left if (read := read_instant(text)) is not None}
        instants |= self.undated
        self.facts: KindColumns = KindColumns(entry, self.metadata, self.body, UNSET, instants, len(events))

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

    @property
    def names(self) -> Sequence[str]:
        """What the events are called."""
        return self.facts.metadata["event_name"]

    def _odd(self) -> Iterator[Iterable[int]]:
        entry, instants, body = self.reader.entry, self.facts.instants, self.body
        yield _where(self.metadata["event_name"], NAMES_OF[entry.kind].__contains__)
        yield _not_among(self.metadata["event_time"], instants)
        known: dict[Any, int] = {**instants, None: 0, UNSET: 0}
        for member in self.deciding:
            yield _not_among(body[member], known)
        yield from map(self._odd_numbers, entry.numbers)
        for nested in nested_members(entry):
            yield [index for index, value in enumerate(body[nested]) if not make_struct_whole(value)]
        if "calculation_method" in entry.members:
            yield self._odd_methods()
        if entry.kind == "scale":
            yield self._odd_ratings()
        if entry.kind == "result":
            ids = self.facts.ids(entry.id)
            yield [index for index, id in enumerate(ids) if id is not None and id[:1] in "gG" and is_reserved(id)]
        for part, names in ("body", self.reader.unknown), ("metadata", self.reader.metadata):
            for name in names:
                yield self._odd_values(part, name)
        yield self.facts.unidentified()

    def _odd_numbers(self, member: str) -> Iterator[int]:
        """Those whose number is not one, or is spelled otherwise by other encoders; the others' are made whole."""
        values = self.body[member]
        types = set(map(type, values))
        if float not in types and str not in types:
            return
        events = self.events
        for index, value in enumerate(values):
            if type(value) is float:
                if value.is_integer():
                    setattr(events[index].body, member, int(value))
                elif -SMALL < value < SMALL:
                    yield index
            elif type(value) is str and not is_number(value):
                yield index

    def _odd_values(self, part: str, member: str) -> Iterator[int]:
        """Those whose value of an unknown member is spelled otherwise elsewhere; others' numbers are made whole."""
        values = getattr(self, part)[member]
        if _TEXTS.issuperset(map(type, values)):
            return
        for index, value in enumerate(values):
            if value is not UNSET and not _is_of_texts(value):
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

    def warnings(self) -> Iterator[tuple[str, list[int]]]:
        """What is accepted, yet worth a warning: the words, and the places of the events, rising."""
        kind, body = self.reader.entry.kind, self.body
        for name in sorted(self.reader.unknown):
            yield unknown_field(name, kind), [self.places[i] for i, v in enumerate(body[name]) if v is not UNSET]
        if "workflow_state" in body:
            usual = {*self.reader.entry.statuses, None, "", UNSET}
            found = defaultdict[str, list[int]](list)
            for index, state in enumerate(body["workflow_state"]):
                if state not in usual:
                    found[unknown_status(state, kind)].append(self.places[index])
            yield from found.items()
        if self.undated:
            for name in self.deciding:
                yield without_offset(f"body.{name} of {kind}"), self._where_it_is(body[name], self.undated)
            times = self.facts.metadata["event_time"]
            yield without_offset("event_time"), self._where_it_is(times, self.undated)

    def _where_it_is(self, values: Sequence[Any], sought: Collection[Any]) -> list[int]:
        return [self.places[index] for index, value in enumerate(values) if value in sought]


def _is_of_texts(value: Any) -> bool:
    """Whether this is an object or a list with nothing that encoders spell differently."""
    if type(value) is dict:
        return _TEXTS.issuperset(map(type, value.values()))
    return type(value) is list and _TEXTS.issuperset(map(type, value))


def _columns(parts: Iterator[Any], names: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*map(attrgetter(*names), parts), strict=True))


def _not_among(values: Sequence[Any], known: Mapping[Any, int]) -> list[int]:
    """The indexes of the values that are not known."""
    if all(map(known.__contains__, values)):
        return []
    return [index for index, value in enumerate(values) if value not in known]


def _where(values: Sequence[Any], is_usual: Callable[[Any], bool]) -> list[int]:
    """The indexes of the values that are not usual: each distinct one is looked at once."""
    odd = {value for value in set(values) if not is_usual(value)}
    return [index for index, value in enumerate(values) if value in odd] if odd else []
