"""A batch of several sources: each event keeps its own, in the log, in exports and when it is restored."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector.domain.canonical import write_json
from projector.domain.instants import to_text
from projector.serve.batches import append_chunks
from projector.store.log.kept import KeptLog
from projector.store.log.writing import spans_among
from projector.wire.chunks import chunks
from projector.wire.options import IntakeOptions
from projector.wire.sources import Input
from tests.builders import Clock, outcome, received
from tests.conftest import Stores

NAMES = st.sampled_from(["a.jsonl", "b/c.json", "stdin", "\u00fc\0", ""])
arrivals = st.tuples(NAMES, st.integers(0, 12))  # a source, and the number of an event
batches = st.lists(st.lists(arrivals, max_size=8), max_size=5)


def event(number: int) -> bytes:
    return write_json(outcome(f"Cells {number}", id=str(number % 4)))


def fed(store: Stores, arrived: list[list[tuple[str, int]]]) -> projector.Projector:
    """A projector that took these batches."""
    p = store(clock=Clock())
    for batch in arrived:
        inputs = [Input(source, position, event(number)) for position, (source, number) in enumerate(batch, 1)]
        append_chunks(p.store.log, chunks(inputs, IntakeOptions()))
    return p


def first_sources(arrived: list[list[tuple[str, int]]]) -> list[list[str]]:
    """Of every batch with new events the sources of these, in order."""
    known: set[int] = set()
    found = []
    for batch in arrived:
        sources = []
        for source, number in batch:
            if number not in known:
                known.add(number)
                sources.append(source)
        found.append(sources)
    return [sources for sources in found if sources]


def lines_of(p: projector.Projector) -> list[bytes]:
    return list(p.log_lines())


@given(batches)
def test_each_event_has_the_source_it_was_first_recorded_from(
    store: Stores, arrived: list[list[tuple[str, int]]]
) -> None:
    """Whatever the mix of sources, batches and duplicates; a batch stays one batch."""
    with fed(store, arrived) as p:
        expected = first_sources(arrived)
        flat = [source for sources in expected for source in sources]
        assert [json.loads(line)["source"] for line in p.log_lines()] == flat
        assert [batch.last - batch.first + 1 for batch in p.store.log.batches()] == list(map(len, expected))
        with p.store.reading(p.store.pin(), "") as reading:
            assert [reading.log.source_of(position) for position in range(1, len(flat) + 1)] == flat
        assert p.verify().damage is None


@given(batches)
def test_a_log_of_many_sources_is_restored_as_it_was(store: Stores, arrived: list[list[tuple[str, int]]]) -> None:
    """The same lines, head hash, batches and changes of source."""
    with fed(store, arrived) as p, store() as q:
        report = q.replay(iter(lines_of(p)), keep_recorded_at=True)
        assert report.appended == report.read == p.store.pin().position
        assert (lines_of(q), q.head_hash(), q.digest()) == (lines_of(p), p.head_hash(), p.digest())
        assert list(q.store.log.origins()) == list(p.store.log.origins())
        assert list(q.store.log.batches()) == list(p.store.log.batches())
        assert q.verify() == p.verify()


@given(batches)
def test_a_rebuild_leaves_the_sources(store: Stores, arrived: list[list[tuple[str, int]]]) -> None:
    """They are kept, not derived."""
    with fed(store, arrived) as p:
        before = lines_of(p)
        p.rebuild()
        assert (lines_of(p), p.verify().damage) == (before, None)


@given(st.lists(st.tuples(st.booleans(), NAMES), min_size=1))
def test_spans_among_some_of_the_events(drawn: list[tuple[bool, str]]) -> None:
    """As if each event had its source written beside it; neighbours are never of one source."""
    spans = [(index, source) for index, (_, source) in enumerate(drawn)]
    chosen = [index for index, (wanted, _) in enumerate(drawn) if wanted]
    found = spans_among(spans, chosen)
    starts = [start for start, _ in found]
    assert all(one != other for (_, one), (_, other) in pairwise(found))
    each = [found[max(n for n, start in enumerate(starts) if start <= place)][1] for place in range(len(chosen))]
    assert each == [drawn[index][1] for index in chosen]
    assert spans_among(found, range(len(chosen))) == found


def line(second: int, source: str, number: int) -> bytes:
    """A line of an exported log, recorded at a second of 2026."""
    stamp = {"recorded_at": to_text((1_767_225_600 + second) * 1_000_000), "source": source}
    return write_json(stamp | json.loads(event(number)))


def test_times_of_recording_that_fall_or_come_back_are_refused(p: projector.Projector) -> None:
    """A time may stand in many lines in a row, of any sources, but not again behind a later one."""
    lines = [line(1, "a", 1), line(1, "b", 2), line(1, "a", 3), line(2, "a", 4), line(1, "b", 5), line(2, "b", 6)]
    report = p.replay(iter([*lines, line(-(10**10), "a", 7), line(3, "c", 8)]), keep_recorded_at=True)
    assert (report.appended, report.quarantined) == (6, 2)
    assert [kept.position for kept in p.quarantined()] == [5, 7]
    assert {kept.reason.partition(":")[0] for kept in p.quarantined()} == {"recorded_at does not increase"}
    assert [(batch.first, batch.last) for batch in p.store.log.batches()] == [(1, 3), (4, 5), (6, 6)]
    assert [json.loads(line)["source"] for line in p.log_lines()] == ["a", "b", "a", "a", "b", "c"]
    assert p.verify().damage is None


def test_a_restored_line_from_before_1970_is_refused(p: projector.Projector) -> None:
    """No store records then, and verification would call it damage."""
    early = line(-1_767_225_600, "a", 1)
    assert p.replay(iter([early, line(0, "a", 1)]), keep_recorded_at=True).quarantined == 1
    assert p.verify().damage is None


def test_the_same_bytes_refused_again_keep_their_first_source(p: projector.Projector) -> None:
    """Within a batch, and across batches."""
    for sources in ("ab", "cb"):
        append_chunks(p.store.log, chunks([Input(source, 9, b"{") for source in sources], IntakeOptions()))
    assert [(kept.source, kept.position) for kept in p.quarantined()] == [("a", 9)]


def test_many_sources_are_exported_page_by_page(p: projector.Projector) -> None:
    """More changes of source than one page of them holds, over several batches."""
    for first in range(0, 2500, 700):
        numbers = range(first, min(first + 700, 2500))
        inputs = [Input(f"{number}.json", 1, write_json(outcome("Cells", id=str(number)))) for number in numbers]
        assert append_chunks(p.store.log, chunks(inputs, IntakeOptions())).appended == len(inputs)
    exported = [json.loads(line) for line in p.log_lines()]
    assert [line["source"] for line in exported] == [f"{number}.json" for number in range(2500)]
    assert len({line["recorded_at"] for line in exported}) == len(list(p.store.log.batches())) == 4


@given(batches)
def test_a_range_is_written_only_where_the_source_differs(store: Stores, arrived: list[list[tuple[str, int]]]) -> None:
    """Also across batches: a file that spans many of them is one range."""
    with fed(store, arrived) as p:
        flat = [source for sources in first_sources(arrived) for source in sources]
        with p.store.log.transaction(commit=False) as cursor:
            ranges = KeptLog(cursor).source_ranges(0, 100)
        assert ranges == [(n, source) for n, source in enumerate(flat, 1) if n == 1 or flat[n - 2] != source]


def test_an_origin_begins_at_each_batch_and_each_source(p: projector.Projector) -> None:
    """Each with when it was recorded."""
    log = p.store.log
    for first, spans in ((1, [(0, "a")]), (4, [(0, "a"), (1, "b"), (2, "a")]), (7, [(0, "b")])):
        log.append([received(outcome(f"{first + n}", id=str(first + n))) for n in range(3)], spans)
    times = [batch.recorded_at for batch in log.batches()]
    assert list(log.origins()) == [
        (1, times[0], "a"),
        (4, times[1], "a"),
        (5, times[1], "b"),
        (6, times[1], "a"),
        (7, times[2], "b"),
    ]


def test_a_source_that_was_lost_is_said_to_be(p: projector.Projector) -> None:
    """Where the table was emptied behind the store's back."""
    p.append(outcome("Cells"))
    with p.store.log.transaction(commit=True) as cursor:
        cursor.execute("DELETE FROM source_range")
    with pytest.raises(projector.StoreError, match="the source of the event at position 1 is missing"):
        p.now().why("outcome", "12345")
    assert p.verify().damage == "source_range: its checksum does not match: it has 0 rows, not 1"
