"""The events of a store by kind, a page at a time, and the spans of those whose rows need more than a window."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from projector.domain.canonical import body_text, has_member, read_json
from projector.domain.catalogue import Kind
from projector.domain.events import is_reserved
from projector.domain.facts import carries_id, has_title
from projector.domain.instants import BEFORE_ALL
from projector.domain.packing import texts_of
from projector.fold.guessed_rectangles import GuessedRectangle, guessed_rectangles, lone
from projector.fold.rectangles import Arrival, Rectangle, rectangles
from projector.store.pins import Timeline

if TYPE_CHECKING:
    from projector.domain.recorded import Precedence, Recorded
    from projector.store.pins import Pin
    from projector.store.store import Reading, Store

Span = Rectangle | GuessedRectangle
Spans = Mapping[int, Sequence[Span]]  # by the position of the event whose version it is
RowKey = tuple[str, int]  # outcome and time of creation

AT_ONCE: Final = 16_384  # events of a page
_KEYS_AT_ONCE: Final = 2000
_BEFORE_ALL: Final = (BEFORE_ALL, False, BEFORE_ALL, b"")


@frozen(kw_only=True)
class Page:
    """Events of one tenant and kind, by id and in winning order.

    ``texts`` are the JSON texts of their bodies. ``spans`` has, for each event, those of its version where the events
    of its aggregate were not recorded in that order, or keep titles of earlier events, or have no id; None for all
    others, whose aggregates are here as a whole. ``titles`` are those that other events may keep, by position.
    """

    kind: Kind
    tenant: str
    shards: frozenset[int]
    events: Timeline = field(repr=False)
    recorded: Sequence[int] = field(repr=False)  # when each was recorded
    texts: Sequence[bytes] = field(repr=False)
    spans: Sequence[Sequence[Span] | None] = ()  # empty: None for all
    titles: Mapping[int, Any] = field(factory=dict, repr=False)


@frozen
class Recordings:
    """When the events of a log were recorded, by position."""

    _lasts: Sequence[int]  # of the batches
    _times: Sequence[int]

    @classmethod
    def of(cls, store: Store, pin: Pin) -> Recordings:
        """Those up to a pin."""
        with store.reading(pin, "") as reading:
            return cls(*reading.log.batch_ends(pin.batch))

    def times(self, positions: Iterable[int]) -> list[int]:
        """When the events at these positions were recorded."""
        lasts, times = self._lasts, self._times
        return [times[bisect_left(lasts, position)] for position in positions]


@frozen
class Source:
    """One kind of one tenant in a store, by what was known at a pin."""

    store: Store
    pin: Pin
    recordings: Recordings
    tenant: str
    kind: Kind

    def pages(self) -> Iterator[Page]:
        """Every page; without the results that have no id."""
        after: str | None = ""
        while after is not None:
            with self._reading() as reading:
                page = reading.timelines.page(self.kind, after, AT_ONCE)
            after = page.after
            if page.long is not None:
                yield from self._long(page.long)
            elif page.events.ids:
                yield self._page(page.events, page.titled)

    def pages_of(self, ids: Iterable[str]) -> Iterator[Page]:
        """Pages of some aggregates; without the results that have no id."""
        left = iter(sorted(ids))
        while True:
            with self._reading() as reading:
                events, long = reading.timelines.of(self.kind, left, AT_ONCE)
                titled = reading.timelines.titled(dict.fromkeys(events.ids)) if self.kind == "result" else frozenset()
            if events.ids:
                yield self._page(events, titled)
            if long is not None:
                yield from self._long(long)
            elif not events.ids:
                return

    def guessed_pages(self, keys: Iterable[RowKey]) -> Iterator[Page]:
        """Pages of the results that have no id, by their row keys."""
        left = iter(keys)
        while some := list(islice(left, _KEYS_AT_ONCE)):
            rows, spans, titles = list[tuple[Any, ...]](), dict[int, Sequence[Span]](), dict[int, Any]()
            with self._reading() as reading:
                for key in some:
                    results, found = self._results(reading, key)
                    spans |= found
                    for id, events in results.items():
                        rows += [_row(id, event) for event in events if event.position in found]
                        if len(events) > 1:
                            titles |= {one.position: one.body["title"] for one in events if has_title(one.body)}
            if rows:
                yield self._made(Timeline.of(rows), spans, titles)

    def row_keys(self) -> Iterator[RowKey]:
        """The row keys of the results that have no id."""
        after: RowKey | None = None
        while True:
            with self._reading() as reading:
                keys = reading.timelines.row_keys(after, AT_ONCE)
            if not keys:
                return
            yield from keys
            after = keys[-1]

    def guessed_ids(self, keys: Iterable[RowKey]) -> dict[RowKey, list[str]]:
        """The results without an id that ever had some row keys, by the key."""
        with self._reading() as reading:
            found = {key: reading.timelines.of_row_key(key).items() for key in keys}
        guessed = {key: [id for id, is_guessed in ids if is_guessed] for key, ids in found.items()}
        return {key: ids for key, ids in guessed.items() if ids}

    # reading

    @cached_property
    def _shards(self) -> frozenset[int]:
        return self.pin.tenancy.shards(self.tenant)

    def _reading(self) -> Reading:
        return self.store.reading(self.pin, self.tenant)

    def _results(self, reading: Reading, key: RowKey) -> tuple[dict[str, list[Recorded]], dict[int, Sequence[Span]]]:
        """The results of a row key, with their events, and the spans of those that have no id."""
        ids = reading.timelines.of_row_key(key)
        results = {id: found for id in ids if (found := reading.events("result", id))}
        if len(results) == 1 and all(ids.values()):
            ((id, events),) = results.items()
            if len(events) == 1:  # as most are
                return results, {events[0].position: [lone(id, events[0])]}
        return results, _by_position(guessed_rectangles(key, results, self._shards))

    # making pages

    def _made(self, events: Timeline, spans: Spans, titles: Mapping[int, Any]) -> Page:
        return Page(
            kind=self.kind,
            tenant=self.tenant,
            shards=self._shards,
            events=events,
            recorded=self.recordings.times(events.positions),
            texts=list(map(body_text, texts_of(events.packed))),
            spans=_of_each(events, spans),
            titles=titles,
        )

    def _page(self, events: Timeline, titled: Collection[str]) -> Page:
        page = self._made(events, {}, {})
        late = _recorded_late(events.ids, page.recorded)
        reserved = {id for id in events.ids if id[0] == "g" and is_reserved(id)} if self.kind == "result" else ()
        return _folded(page, late, titled, reserved) if late or titled or reserved else page

    def _long(self, id: str) -> Iterator[Page]:
        """The pages of an aggregate with more events than one holds."""
        with self._reading() as reading:
            marks = reading.timelines.marks(self.kind, id)
            titled = self.kind == "result" and bool(reading.timelines.titled((id,)))
        titles = dict[int, Any]()
        for events in self._parts(id) if titled or is_reserved(id) else ():
            bodies = list(map(read_json, map(body_text, texts_of(events.packed))))
            if is_reserved(id) and not all(map(carries_id, bodies)):
                return
            titles |= _titles(events.positions, bodies)
        said = [not titled or position in titles for position in marks.positions]
        spans = _spans_of(marks, self.recordings.times(marks.positions), said)
        for events in self._parts(id):
            yield self._made(events, spans, titles)

    def _parts(self, id: str) -> Iterator[Timeline]:
        """All events of an aggregate, about a page at a time."""
        after: Precedence | None = _BEFORE_ALL
        while after is not None:
            with self._reading() as reading:
                events, after = reading.timelines.part(self.kind, id, after, AT_ONCE)
            if events.ids:
                yield events


def _recorded_late(ids: Sequence[str], recorded: Sequence[int]) -> set[str]:
    """The aggregates some event of which was recorded after one that is behind it in the order that decides."""
    pairs = zip(pairwise(ids), pairwise(recorded), strict=True)
    return {id for (id, other), (at, next_at) in pairs if next_at < at and id == other}


def _folded(page: Page, late: Collection[str], titled: Collection[str], reserved: Collection[str]) -> Page:
    """A page with the spans that no window gives; without the results that have no id.

    Args:
        late: Aggregates with events that were recorded late.
        titled: Results some event of which has a title.
        reserved: Results with an id of the form that is made for those without one.
    """
    spans, titles, left_out = dict[int, Sequence[Span]](), dict[int, Any](), list[range]()
    for id in sorted({*late, *titled, *reserved}):
        here = range(bisect_left(page.events.ids, id), bisect_right(page.events.ids, id))
        texts = page.texts[here.start : here.stop]
        if id in reserved and not all(carries_id(read_json(text)) for text in texts):
            left_out.append(here)
            continue
        said = has_member(texts, "title") if id in titled else [True] * len(texts)
        if id in late or not all(said):
            events = page.events.part(here)
            spans |= _spans_of(events, page.recorded[here.start : here.stop], said)
            if not all(said):
                titles |= _titles(events.positions, map(read_json, texts))
    page = evolve(page, spans=_of_each(page.events, spans), titles=titles)
    return _without(page, left_out) if left_out else page


def _spans_of(events: Timeline, recorded: Iterable[int], said_title: Iterable[bool]) -> dict[int, Sequence[Span]]:
    """The spans of one aggregate's versions, of some of them none."""
    precedences = ((time, True, place, b"") for place, time in enumerate(events.event_times))  # they are in order
    arrivals = map(Arrival, precedences, recorded, events.positions, said_title)
    return dict.fromkeys(events.positions, ()) | _by_position(rectangles(arrivals))


def _row(id: str, event: Recorded) -> tuple[Any, ...]:
    """An event of a result as a row of its timeline."""
    return id, event.event_time, event.position, event.name, event.packed


def _titles(positions: Iterable[int], bodies: Iterable[Mapping[str, Any]]) -> dict[int, Any]:
    """The titles that events have, by position."""
    return {position: body["title"] for position, body in zip(positions, bodies, strict=True) if has_title(body)}


def _by_position(spans: Iterable[Span]) -> dict[int, Sequence[Span]]:
    found = defaultdict[int, list[Span]](list)
    for span in spans:
        found[span.position].append(span)
    return dict(found)


def _of_each(events: Timeline, spans: Spans) -> Sequence[Sequence[Span] | None]:
    return list(map(spans.get, events.positions)) if spans else ()


def _without(page: Page, ranges: Iterable[range]) -> Page:
    """A page without some events."""
    out = set(chain.from_iterable(ranges))
    kept = [index for index in range(len(page.texts)) if index not in out]
    return evolve(
        page,
        events=page.events.chosen(kept),
        recorded=[page.recorded[index] for index in kept],
        texts=[page.texts[index] for index in kept],
        spans=[page.spans[index] for index in kept] if page.spans else (),
    )
