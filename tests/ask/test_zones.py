"""The time zone that an institution's events name."""

from __future__ import annotations

from collections import Counter
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

import projector
from projector import Projector
from tests.builders import HARBOR, Clock, Event, mark, outcome

DENVER, NEW_YORK, LONDON = "America/Denver", "America/New_York", "Europe/London"
EASTERN = "Eastern Time (US & Canada)"
NAMES = st.sampled_from([DENVER, NEW_YORK, LONDON, EASTERN, "", "../UTC", "\0", 5, None])


def asked_in(zone: Any, title: str = "Cells", **more: Any) -> Event:
    """An outcome's report of a request in a zone."""
    event = outcome(title, id=title)
    event["metadata"] |= {"time_zone": zone} | more
    return event


@given(st.lists(st.tuples(NAMES, st.sampled_from([HARBOR, "Other"])), min_size=1, max_size=12))
def test_it_is_the_one_that_most_events_of_the_institution_name(named: list[tuple[Any, str]]) -> None:
    """Of several the first by name; what is no zone, and what other institutions name, does not count."""
    zones = available_timezones()
    log = [asked_in(zone, str(n), root_account_uuid=uuid) for n, (zone, uuid) in enumerate(named)]
    with projector.open(":memory:", clock=Clock()) as p:
        p.append(log)
        for tenant in p.tenants:
            times = Counter(zone for zone, uuid in named if uuid == tenant and zone in zones)
            expected = min(times, key=lambda zone: (-times[zone], zone), default=None)
            assert p.now(tenant=tenant).named_zone == expected


def test_it_is_what_was_known_then(p: Projector) -> None:
    """Whatever was recorded since."""
    p.append(asked_in(DENVER))
    before = p.now()
    p.append([asked_in(NEW_YORK, str(n)) for n in range(3)])
    assert (before.named_zone, p.now().named_zone) == (DENVER, NEW_YORK)
    assert p.now(known_at=before.known_at).named_zone == DENVER
    assert p.as_of("2000-01-01").named_zone == NEW_YORK


def test_it_is_found_behind_many_events_that_name_none(p: Projector) -> None:
    """Of jobs: there are none of users among the newest."""
    p.append(asked_in(DENVER))
    p.append([mark(str(n), "Ada", 0.5) for n in range(1100)])
    assert p.now().named_zone == DENVER


@pytest.mark.parametrize("events", [[], [outcome("Cells")], [asked_in(EASTERN)]])
def test_there_may_be_none(p: Projector, events: list[Event]) -> None:
    """In an empty store, of jobs only, and where the names are none that are known."""
    p.append(events)
    assert p.now().named_zone is None


def test_the_work_does_not_grow_with_the_log(p: Projector) -> None:
    """So many events are read, however many there are."""
    read: list[int] = []

    def counted() -> int:
        statements: list[str] = []
        with p.store.log.reader() as reader:
            reader.connection.set_trace_callback(statements.append)
            assert p.now().named_zone == DENVER
            reader.connection.set_trace_callback(None)
        return len(statements)

    for batch in range(4):
        events = [outcome("Cells", id=f"{batch}-{n}") for n in range(60)]
        p.append([asked_in(DENVER, "0"), *events, *(mark(f"{batch}-{n}", "Ada", 0.5) for n in range(1000))])
        read.append(counted())
    assert read[1] == read[-1]
