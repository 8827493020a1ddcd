"""The events of the log behind a position: each once, in order, with the aggregate it belongs to now."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector import BadQuestion
from tests.builders import HARBOR, Clock, Event, outcome, result
from tests.conftest import Stores
from tests.strategies import logs

batches_of_events = st.lists(logs, max_size=4)


def filled(store: Stores, batches: list[list[Event]]) -> projector.Projector:
    """A projector that appended these batches."""
    p = store(clock=Clock())
    for batch in batches:
        p.append(batch)
    return p


def aggregates(p: projector.Projector) -> Counter[tuple[str, str, str]]:
    """How many events each aggregate has, by the log."""
    return Counter((event.tenant, event.kind, event.id) for event in p.events())


def by_views(p: projector.Projector, keys: Any) -> dict[tuple[str, str, str], int]:
    """How many versions these aggregates have now, by their histories."""
    found = {}
    for tenant, kind, id in keys:
        version = p.now(tenant=tenant).get(kind, id)
        assert version is not None
        assert (version.tenant, version.kind, version.id) == (tenant, kind, id)
        found[tenant, kind, id] = len(p.history(kind, id, tenant=tenant))
    return found


@given(batches_of_events)
def test_every_event_comes_once_in_the_order_of_the_log(store: Stores, batches: list[list[Event]]) -> None:
    """Positions count from 1 without a gap; each event is the one at its place in an exported log."""
    with filled(store, batches) as p:
        found = list(p.events())
        lines = [json.loads(line) for line in p.log_lines()]
        assert [event.position for event in found] == list(range(1, len(lines) + 1))
        assert [event.body for event in found] == [line["body"] for line in lines]
        assert [event.metadata for event in found] == [line["metadata"] for line in lines]
        assert [event.to_dict()["recorded_at"] for event in found] == [line["recorded_at"] for line in lines]
        assert len({event.digest for event in found}) == len(found)


@given(batches_of_events, st.integers(0, 60))
def test_behind_any_position_the_rest_follows(store: Stores, batches: list[list[Event]], after: int) -> None:
    """Nothing behind the last one, or behind any later position."""
    with filled(store, batches) as p:
        found = list(p.events())
        assert list(p.events(after)) == found[after:]
        assert list(p.events(len(found))) == list(p.events(2**70)) == []


@given(batches_of_events)
def test_each_event_belongs_to_the_aggregate_that_a_view_has_now(store: Stores, batches: list[list[Event]]) -> None:
    """Tenant and id as `now` knows them, whatever became known of institutions later."""
    with filled(store, batches) as p:
        counted = aggregates(p)
        assert counted == by_views(p, counted)


@given(batches_of_events, st.sampled_from([("Other", HARBOR), (HARBOR, "Other"), ("7", HARBOR)]))
def test_after_an_alias_each_event_belongs_to_the_other_institution(
    store: Stores, batches: list[list[Event]], alias: tuple[str, str]
) -> None:
    """The events are the same; their tenants and ids are as `now` has them."""
    with filled(store, batches) as p:
        before = [(event.position, event.digest) for event in p.events()]
        p.alias(*alias)
        assert [(event.position, event.digest) for event in p.events()] == before
        counted = aggregates(p)
        assert counted == by_views(p, counted)
        assert alias[0] not in {tenant for tenant, _, _ in counted}


def test_an_alias_between_two_readings(p: projector.Projector) -> None:
    """Who follows the log gets the later events under the new name, and the earlier ones when they are read again."""
    mine, other = outcome("Cells", id="1"), outcome("Cells", id="2")
    other["metadata"] |= {"root_account_uuid": "Other", "root_account_id": None}
    p.append([mine, other])
    assert [(e.tenant, e.id) for e in p.events()] == [(HARBOR, "1"), ("Other", "2")]
    last = max(event.position for event in p.events())
    p.alias("Other", HARBOR)
    p.append(other | {"body": other["body"] | {"title": "Cell"}})
    assert [(e.position, e.tenant, e.id) for e in p.events(last)] == [(3, HARBOR, "2")]
    assert [e.tenant for e in p.events()] == [HARBOR] * 3


def test_a_reading_that_has_begun_goes_on_as_it_began(p: projector.Projector) -> None:
    """The head and the institutions are looked at with the first event."""
    other = outcome("Cells", id="2")
    other["metadata"] |= {"root_account_uuid": "Other", "root_account_id": None}
    p.append([outcome("Cells", id="1"), other])
    reading = p.events()
    first = next(reading)
    p.append(outcome("Roots", id="3"))
    p.alias("Other", HARBOR)
    rest = list(reading)
    assert [(e.position, e.tenant) for e in (first, *rest)] == [(1, HARBOR), (2, "Other")]
    assert len(list(p.events())) == 3


def test_ids_are_canonical(p: projector.Projector) -> None:
    """Local in the institution's own shards; of a result without an id the guessed identity."""
    p.append([outcome("A", id="2107~5"), outcome("B", id=99990000000000005), result(user_uuid="Ada")])
    ids = [event.id for event in p.events()]
    assert ids[:2] == ["5", "99990000000000005"]
    assert [version.id for version in p.now().all("result")] == ids[2:]


@pytest.mark.parametrize("after", [-1, -(2**70), 1.0, "1", None, True, False, float("nan"), [1], b"1"])
def test_what_is_no_position_is_refused_at_once(p: projector.Projector, after: Any) -> None:
    """Before the first event is asked for."""
    p.append(outcome("A"))
    with pytest.raises(BadQuestion, match="position"):
        p.events(after)
