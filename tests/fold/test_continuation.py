"""When an identity of results is guessed, and what continues it, from its events alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.events import LiveEvent
from projector.domain.facts import event_kept
from projector.domain.instants import instant_of
from projector.domain.recorded import Recorded
from projector.fold.continuation import NEVER, EventAndRow, Identity, identity_of, successor_of_g1, successor_of_g2
from projector.wire.decode import decode
from tests.builders import result

MARCH, APRIL, MAY = ("2024-03-01T10:00:00Z", "2024-04-01T10:00:00Z", "2024-05-01T10:00:00Z")


def at(day: str) -> int:
    """The instant."""
    found = instant_of(day)
    assert found is not None
    return found


def row_event(day: str, **body: Any) -> EventAndRow:
    """A result's event as the store gives it back, and its row."""
    event = decode(json.dumps(result(day, **body)).encode())
    assert isinstance(event, LiveEvent)
    kept = Recorded("result", event.name, event.event_time, event.updated_at, event.digest, 1, 1, event.packed)
    return kept, event_kept(event.packed).row


def identity(id: str, *events: EventAndRow) -> Identity:
    """What events make of it, without shards."""
    return identity_of(id, events, ())


@pytest.mark.parametrize("id", ["g2-own", "g1-5", "5", "g2-" + "0" * 31])
def test_whether_an_identity_is_guessed_is_not_read_from_its_spelling(id: str) -> None:
    """A row with an id is none, however the id begins; without one it is guessed, whatever it is called."""
    with_id, without = (
        identity(id, row_event(MARCH, id=id, user_uuid="Ada")),
        identity(id, row_event(MARCH, user_uuid="Ada")),
    )
    assert (with_id.guessed_at(at(MAY)), without.guessed_at(at(MAY))) == (False, True)


def test_an_identity_is_guessed_from_its_first_event_until_one_carries_an_id() -> None:
    """As may be in a store of an earlier release."""
    one = identity("x", row_event(MARCH, title="a"), row_event(MAY, title="a", id="x"))
    assert [one.guessed_at(at(day)) for day in ("2024-02-01T00:00:00Z", MARCH, APRIL, MAY)] == [
        False,
        True,
        True,
        False,
    ]


def test_two_assets_make_it_doubtful_from_the_second_on() -> None:
    """Two spellings of one asset are one."""
    asset = {"associated_asset_type": "Assignment"}
    one = identity(
        "x",
        row_event(MARCH, **asset, associated_asset_id=56),
        row_event(APRIL, **asset, associated_asset_id="56"),
        row_event(MAY, **asset, associated_asset_id="57"),
    )
    assert [one.guessed_at(at(day)) for day in (MARCH, APRIL, MAY)] == [True, True, "doubtful"]


def test_the_first_row_with_the_tuple_continues_a_g2_identity() -> None:
    """From the time of its first event with that tuple on, whichever is read first."""
    row = {"user_uuid": "Ada"}
    g2 = next(iter(identity("5", row_event(MARCH, id="5", **row)).g2_ids))
    later = identity("5", row_event(MARCH, id="5", user_uuid="Ben"), row_event(MAY, id="5", **row))
    sooner = identity("g2-own", row_event(APRIL, id="g2-own", **row))
    assert successor_of_g2(g2, [later, sooner]) == successor_of_g2(g2, [sooner, later]) == (at(APRIL), "g2-own")
    assert successor_of_g2(g2, [identity("6", row_event(MARCH, id="6", user_uuid="Ben"))]) is None


def test_no_more_identities_are_taken_than_settle_a_g1_identity() -> None:
    """One rival, or two others."""
    one = identity("5", row_event(MARCH, id="5"))

    def only(count: int) -> Iterator[Identity]:
        yield from [one] * count
        pytest.fail("one more was taken")

    assert successor_of_g1(only(1), only(0)) is None
    assert successor_of_g1([], only(2)) is None
    assert successor_of_g1([], [one]) == "5"
    assert successor_of_g1([], []) is None


bodies = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["5", "g1-own"]),
        "user_uuid": st.sampled_from(["Ada", "Ben"]),
        "associated_asset_id": st.sampled_from(["56", 57]),
        "created_at": st.sampled_from([MARCH, "soon"]),
    },
)


@given(st.lists(st.tuples(st.sampled_from([MARCH, APRIL, MAY]), bodies), max_size=6), st.randoms())
def test_the_order_of_events_does_not_matter(reports: list[tuple[str, Any]], random: Any) -> None:
    """Nor is anything said of an identity without events."""
    events = [
        row_event(day, **{"id": "1"} | body) if "created_at" in body else row_event(day, **body)
        for day, body in reports
    ]
    shuffled = events[:]
    random.shuffle(shuffled)
    before, after = identity("x", *events), identity("x", *shuffled)
    assert (before.first, before.with_id, before.doubtful) == (after.first, after.with_id, after.doubtful)
    assert (before.row_keys, before.g2_ids) == (after.row_keys, after.g2_ids)
    if not events:
        assert before.first == before.with_id == NEVER


def test_a_row_is_one_of_its_keys_from_the_first_event_with_an_id_on() -> None:
    """And from the first event with that key on; later keys are added to the earlier ones."""
    other = {"created_at": "2024-02-01T09:00:00Z"}
    one = identity("5", row_event(MARCH, title="a"), row_event(APRIL, id="5"), row_event(MAY, id="5", **other))
    first, second = (row.key(()) for _, row in (row_event(MARCH), row_event(MARCH, **other)) if row is not None)
    assert [one.has_row_at(first, at(day)) for day in (MARCH, APRIL, MAY)] == [False, True, True]
    assert [one.has_row_at(second, at(day)) for day in (MARCH, APRIL, MAY)] == [False, False, True]
    assert not one.has_row_at(("9", 0), at(MAY))


def test_the_row_of_an_identity_is_that_of_its_first_event_without_an_id() -> None:
    """None where every event has one."""
    _, row = row_event(APRIL, title="a")
    assert identity("x", row_event(MARCH, id="5"), row_event(APRIL, title="a"), row_event(MAY, title="b")).row == row
    assert identity("5", row_event(MARCH, id="5")).row is None


def test_ids_of_own_shards_are_local_in_keys_and_assets() -> None:
    """A global and a local spelling are one asset and one outcome."""
    asset = {"associated_asset_type": "Assignment", "user_uuid": "Ada"}
    spellings = ("56", "311"), ("21080000000000056", "21080000000000311")
    events = [
        row_event(day, id="5", associated_asset_id=of, learning_outcome_id=outcome, **asset)
        for day, (of, outcome) in zip((MARCH, APRIL), spellings, strict=True)
    ]
    own, foreign = identity_of("5", events, {2107, 2108}), identity_of("5", events, {2107})
    assert (own.doubtful, foreign.doubtful) == (NEVER, at(APRIL))
    assert (len(own.row_keys), len(foreign.row_keys)) == (1, 2)
    assert (len(own.g2_ids), len(foreign.g2_ids)) == (1, 2)
