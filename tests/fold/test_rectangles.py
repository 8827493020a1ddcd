"""The versions of an aggregate on both clocks, against a search through all of its events."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, permutations
from math import log2
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.facts import has_title
from projector.domain.instants import instant_of
from projector.domain.recorded import Recorded
from projector.fold.guessed_rectangles import GuessedRectangle
from projector.fold.rectangles import Arrival, Rectangle, rectangles
from projector.fold.winning import fold, standing_at
from tests.builders import Event, recorded, result
from tests.naive import canonical
from tests.strategies import one_outcome, one_result

MARCH, APRIL, MAY = "2024-03-01T10:00:00Z", "2024-04-01T10:00:00Z", "2024-05-01T10:00:00Z"

R = TypeVar("R", Rectangle, GuessedRectangle)


def applying(rows: Iterable[R], as_of: int, known_at: int) -> list[R]:
    """The rows that a pair of instants lies in."""
    return [
        row
        for row in rows
        if row.valid_from <= as_of
        and (row.valid_to is None or as_of < row.valid_to)
        and row.known_from <= known_at
        and (row.known_to is None or known_at < row.known_to)
    ]


def around(instants: Iterable[int]) -> list[int]:
    """Instants, and those next to them."""
    return sorted({at + step for at in instants for step in (-1, 0, 1)})


def mergeable(rows: Iterable[R]) -> list[tuple[R, R]]:
    """Pairs of rows of which one begins to be known where the other ends, while all else is equal."""
    return [
        (one, other)
        for one, other in permutations(rows, 2)
        if one == other._replace(known_from=one.known_from, known_to=one.known_to) and one.known_to == other.known_from
    ]


some_arrivals = st.lists(
    st.tuples(
        st.integers(0, 5), st.booleans(), st.integers(0, 1), st.integers(1, 5), st.sampled_from([True, True, False])
    ),
    max_size=14,
).map(
    lambda drawn: [
        Arrival((time, updated, at, b"%03d" % (37 * n % 101)), recorded_at, n, titled)
        for n, (time, updated, at, recorded_at, titled) in enumerate(drawn, 1)
    ]
)


def searched(arrivals: Iterable[Arrival], as_of: int, known_at: int) -> list[tuple[object, ...]]:
    """The position of the event that wins, that of the title it keeps, and its span: as the contract has it."""
    known = sorted(one for one in arrivals if one.recorded_at <= known_at)
    earlier = [one for one in known if one.precedence[0] <= as_of]
    later = [one.precedence[0] for one in known if one.precedence[0] > as_of]
    if not earlier:
        return []
    titled = [one.position for one in earlier if one.has_title]
    title = titled[-1] if titled and not earlier[-1].has_title else None
    return [(earlier[-1].position, title, earlier[-1].precedence[0], min(later, default=None))]


@given(some_arrivals)
def test_at_any_two_instants_the_row_is_the_version_that_is_found_by_searching(arrivals: list[Arrival]) -> None:
    """One row, with the span and the title of what was known then; none before the first event."""
    rows = list(rectangles(arrivals))
    for as_of in around(one.precedence[0] for one in arrivals):
        for known_at in around(one.recorded_at for one in arrivals):
            assert [row[:4] for row in applying(rows, as_of, known_at)] == searched(arrivals, as_of, known_at)


@given(some_arrivals, st.randoms(use_true_random=False))
def test_rows_are_as_few_as_they_can_be(arrivals: list[Arrival], random: Random) -> None:
    """None is empty, none goes on in another one, and in whatever order events are given they are the same."""
    rows = list(rectangles(arrivals))
    assert all(row.valid_to is None or row.valid_from < row.valid_to for row in rows)
    assert all(row.known_to is None or row.known_from < row.known_to for row in rows)
    assert mergeable(rows) == []
    shuffled = arrivals[:]
    random.shuffle(shuffled)
    assert list(rectangles(shuffled)) == rows


@given(some_arrivals)
def test_there_are_at_most_two_rows_an_event_where_titles_play_no_role(arrivals: list[Arrival]) -> None:
    """One for each, and one for the predecessor that it shortens."""
    rows = list(rectangles(one._replace(has_title=True) for one in arrivals))
    assert len(rows) <= max(0, 2 * len(arrivals) - 1)
    assert {row.titled_by for row in rows} <= {None}


@given(
    st.lists(one_result, max_size=8, unique_by=canonical) | st.lists(one_outcome, max_size=8, unique_by=canonical),
    st.lists(st.integers(1, 4), min_size=8, max_size=8),
)
def test_the_state_is_that_of_the_fold(log: list[Event], batches: list[int]) -> None:
    """Of a result with the title that it keeps; of every kind with its span."""
    events = [
        recorded(event, n)._replace(recorded_at=at) for n, (event, at) in enumerate(zip(log, batches, strict=False), 1)
    ]
    rows = list(rectangles(map(arrival, events)))
    for as_of in around(event.event_time for event in events):
        for known_at in range(6):
            standing = standing_at(fold(event for event in events if event.recorded_at <= known_at), as_of)
            expected = [] if standing is None else [(standing.event.event_time, standing.valid_to, standing.state)]
            found = applying(rows, as_of, known_at)
            assert [(row.valid_from, row.valid_to, state(row, events)) for row in found] == expected


def arrival(event: Recorded) -> Arrival:
    """An event as its rows are made from it."""
    title = event.kind != "result" or has_title(event.body)
    return Arrival(event.precedence, event.recorded_at, event.position, title)


def state(row: Any, events: Iterable[Recorded]) -> dict[str, Any]:
    """The state of a row."""
    bodies = {event.position: event.body for event in events}
    title = {} if row.titled_by is None else {"title": bodies[row.titled_by]["title"]}
    return bodies[row.position] | title


# stories


def made_of(*log: tuple[Event, int]) -> set[tuple[object, ...]]:
    """The rows of reports of one result, each recorded at a time; reports are counted from 1."""
    events = [recorded(event, n)._replace(recorded_at=at) for n, (event, at) in enumerate(log, 1)]
    named: dict[int | None, object] = {instant_of(day): day for day in (MARCH, APRIL, MAY)}
    return {
        (row.position, row.titled_by, named[row.valid_from], named.get(row.valid_to), *row[4:])
        for row in rectangles(map(arrival, events))
    }


def test_a_late_event_shortens_the_version_before_it() -> None:
    """What was known until then stays as it was."""
    log = (result(MARCH, title="A"), 1), (result(MAY, title="B"), 2), (result(APRIL, title="C"), 3)
    assert made_of(*log) == {
        (1, None, MARCH, None, 1, 2),
        (1, None, MARCH, APRIL, 3, None),
        (1, None, MARCH, MAY, 2, 3),
        (2, None, MAY, None, 2, None),
        (3, None, APRIL, MAY, 3, None),
    }


def test_a_late_title_reaches_the_versions_that_keep_it() -> None:
    """Up to the next event that has one itself."""
    log = (result(APRIL), 1), (result(MAY, title="B"), 1), (result(MARCH, title="A"), 2)
    assert made_of(*log) == {
        (1, None, APRIL, MAY, 1, 2),
        (1, 3, APRIL, MAY, 2, None),
        (2, None, MAY, None, 1, None),
        (3, None, MARCH, APRIL, 2, None),
    }


def test_events_of_one_batch_are_one_step() -> None:
    """No row is known from and until the same time."""
    log = (result(MAY), 1), (result(MARCH, title="A"), 1), (result(APRIL, title="B"), 1)
    assert made_of(*log) == {
        (1, 3, MAY, None, 1, None),
        (2, None, MARCH, APRIL, 1, None),
        (3, None, APRIL, MAY, 1, None),
    }


def test_of_two_events_at_one_instant_only_the_winner_has_a_row() -> None:
    """The other one was in effect until the winner was recorded."""
    loser, winner = Arrival((5, True, 0, b"a"), 1, 1, True), Arrival((5, True, 0, b"b"), 2, 2, True)
    assert list(rectangles([loser, winner])) == [
        Rectangle(1, None, 5, None, 1, 2),
        Rectangle(2, None, 5, None, 2, None),
    ]
    early, late = winner._replace(recorded_at=1), loser._replace(recorded_at=2)
    assert list(rectangles([early, late])) == [Rectangle(2, None, 5, None, 1, None)]


def test_without_events_there_is_no_row() -> None:
    """Nor any failure."""
    assert list(rectangles([])) == []


# many


def many(count: int, random: Random) -> list[Arrival]:
    """Versions recorded one at a time, in random order."""
    times = random.sample(range(10 * count), count)
    return [Arrival((time, True, 0, b""), n, n, random.random() < 0.5) for n, time in enumerate(times, 1)]


@pytest.mark.slow
def test_a_hundred_thousand_versions_in_random_order_make_few_rows() -> None:
    """Two an event, but one where it is the earliest so far."""
    arrivals = [one._replace(has_title=True) for one in many(100_000, Random(7))]
    earliest = {*accumulate((one.precedence[0] for one in arrivals), min)}
    assert sum(1 for _ in rectangles(arrivals)) == 2 * len(arrivals) - len(earliest)


class Counted(int):
    """A time that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Counted.compared += 1
        return int(self) < int(other)

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return isinstance(other, int) and int(self) == int(other)

    __hash__ = int.__hash__


@pytest.mark.parametrize("count", [1_000, 16_000])
def test_the_steps_grow_with_n_log_n(count: int) -> None:
    """Times are compared to sort events, and to see what is left of a version."""
    arrivals = [
        one._replace(precedence=(Counted(one.precedence[0]), *one.precedence[1:])) for one in many(count, Random(5))
    ]
    Counted.compared = 0
    list(rectangles(arrivals))
    assert 0 < Counted.compared < 4 * count * log2(count)
