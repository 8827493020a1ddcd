"""A page of events as Arrow tables: what their rows say, and the spans that no window gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from attrs import evolve

from projector.domain.canonical import read_json, write_json
from projector.domain.facts import with_title_of
from projector.domain.versions import Guessed
from projector.fold.guessed_rectangles import GuessedRectangle
from projector.lake.columns import said_of
from projector.lake.layout import MEMBER
from projector.lake.members import INSTANT, arrays_of, text_array
from projector.lake.pages import Page, Span

_GUESSED: Final[Mapping[Guessed, str]] = {False: "no", True: "yes", "doubtful": "doubtful"}
_SPANS: Final = pa.schema(
    [
        ("n", pa.int64()),
        *((name, INSTANT) for name in ("valid_from", "next_from", "known_from", "known_to", "own_from", "own_to")),
        ("guessed", pa.string()),
        ("continued_by", pa.string()),
        ("is_last", pa.bool_()),
    ]
)


class Batch(NamedTuple):
    """The events of a page, numbered by ``n``, their states, and the spans of those that no window gives."""

    events: pa.Table
    states: pa.Table
    spans: pa.Table


def batch_of(page: Page, first: int) -> Batch:
    """The Arrow tables of a page.

    Args:
        first: The number of its first state.
    """
    if page.titles:
        page = _by_title(page)
    numbers = pa.array(range(first, first + len(page.texts)), pa.int64())
    times = pa.array(page.recorded, INSTANT)
    return Batch(_events(page, numbers, times), _states(page, numbers, times), _spans(page, first))


def _by_title(page: Page) -> Page:
    """The same page with one state an event: an event that gave several, by their titles, comes as often."""
    indexes, texts, spans = list[int](), list[bytes](), list[Sequence[Span] | None]()
    for index, of_event in enumerate(page.spans):
        for titled_by in dict.fromkeys(span.titled_by for span in of_event or ()) or (None,):
            text = page.texts[index]
            indexes.append(index)
            texts.append(text if titled_by is None else _with_title(text, page.titles[titled_by]))
            spans.append(of_event and [span for span in of_event if span.titled_by == titled_by])
    recorded = [page.recorded[index] for index in indexes]
    return evolve(page, events=page.events.chosen(indexes), recorded=recorded, texts=texts, spans=spans)


def _with_title(text: bytes, title: Any) -> bytes:
    return write_json(with_title_of({"title": title}, read_json(text)))


def _events(page: Page, numbers: pa.Array, recorded: pa.Array) -> pa.Table:
    """What spans are found by."""
    events = page.events
    return pa.table(
        {
            "n": numbers,
            "in_order": pa.array([spans is None for spans in page.spans] or [True] * len(numbers), pa.bool_()),
            "tenant": pa.repeat(pa.scalar(page.tenant, pa.string()), len(numbers)),
            "kind": pa.repeat(pa.scalar(page.kind, pa.string()), len(numbers)),
            "id": pa.array(events.ids, pa.string()),
            "event_time": pa.array(events.event_times, INSTANT),
            "recorded_at": recorded,
        }
    )


def _states(page: Page, numbers: pa.Array, recorded: pa.Array) -> pa.Table:
    """What rows have beside their spans."""
    events, state = page.events, text_array(page.texts)
    said = arrays_of(said_of(page.kind), state, page.shards)
    declared = said["workflow_state"]
    columns = {
        "n": numbers,
        "tenant": pa.repeat(pa.scalar(page.tenant, pa.string()), len(numbers)),
        "id": pa.array(events.ids, pa.string()),
        "position": pa.array(events.positions, pa.int64()),
        "recorded_at": recorded,
        "status": pc.coalesce(pc.if_else(pc.equal(declared, ""), None, declared), "active"),
        "event_name": pa.array(events.names, pa.string()),
        "state": state,
    }
    return pa.table({**columns, **{f"{MEMBER}{name}": array for name, array in said.items()}})


# spans


def _spans(page: Page, first: int) -> pa.Table:
    numbers = [first + place for place, spans in enumerate(page.spans) for _ in spans or ()]
    spans = [span for of_event in page.spans for span in of_event or ()]
    if not spans:
        return _SPANS.empty_table()
    last = _last(spans, [page.events.ids[number - first] for number in numbers])
    is_last = [index in last for index in range(len(spans))]
    columns = [numbers, *_columns(spans), is_last]
    return pa.table([pa.array(column, type) for column, type in zip(columns, _SPANS.types, strict=True)], schema=_SPANS)


def _columns(spans: Sequence[Span]) -> list[Sequence[Any]]:
    """The spans of a page, all of one class, by column."""
    if isinstance(spans[0], GuessedRectangle):
        _, _, _, *times, guessed, continued_by = zip(*spans, strict=True)
        return [*times, list(map(_GUESSED.__getitem__, guessed)), continued_by]
    _, _, *times = zip(*spans, strict=True)
    none = [None] * len(spans)
    return [*times, none, none, ["no"] * len(spans), none]


def _last(spans: Sequence[Span], ids: Sequence[str]) -> set[int]:
    """The indexes of the spans of the states that aggregates have by all that is known."""
    found = dict[str, int]()
    for index, span in enumerate(spans):
        if span.known_to is None and _own_end(span) is None:
            before = found.get(id := ids[index])
            if before is None or span.valid_from >= spans[before].valid_from:
                found[id] = index
    return set(found.values())


def _own_end(span: Span) -> int | None:
    return span.own_to if isinstance(span, GuessedRectangle) else span.valid_to
