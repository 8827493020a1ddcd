"""Which event gives an aggregate its state, and until when: from its events alone."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.instants import instant_of
from projector.domain.recorded import Recorded
from projector.fold.winning import Standing, decided_by, evolve, fold, standing_at, unread
from tests.builders import HARBOR, Event, outcome, recorded, result
from tests.naive import Known, instant
from tests.strategies import TIMES, logs_of_one

MARCH, APRIL = "2024-03-01T10:00:00Z", "2024-04-01T10:00:00Z"


def at(text: str) -> int:
    """The instant, in microseconds since 1970."""
    found = instant_of(text)
    assert found is not None
    return found


def versions(*events: Event) -> list[Standing]:
    """The versions that reports of one aggregate make."""
    return fold(recorded(event, position) for position, event in enumerate(events, 1))


@given(logs_of_one, st.randoms(use_true_random=False))
def test_the_order_of_events_never_matters(log: list[Event], random: Random) -> None:
    """Nor do the positions at which they were recorded."""
    shuffled = log[:]
    random.shuffle(shuffled)

    def answer(events: list[Event]) -> list[tuple[object, ...]]:
        found = versions(*events)
        return [(one.event.digest, one.state, one.before, one.valid_to, one.decided_by) for one in found]

    assert answer(shuffled) == answer(log)


@given(logs_of_one, st.sampled_from(TIMES))
def test_the_versions_are_those_of_the_plain_recomputation(log: list[Event], day: str) -> None:
    """Each state, and the one in effect at an instant."""
    known = Known([(datetime.now(UTC), event) for event in log])
    for key in known.aggregates():
        assert key[0] == HARBOR
        assert [one.state for one in versions(*log)] == [one["state"] for one in known.history(key, None, None)]
        expected = known.history(key, instant(day), None)
        found = standing_at(versions(*log), at(day))
        assert (None if found is None else found.state) == (expected[-1]["state"] if expected else None)


@given(logs_of_one)
def test_every_event_makes_one_version_that_ends_where_the_next_begins(log: list[Event]) -> None:
    """Only the last has no end; the first has nothing before it."""
    found = versions(*log)
    assert sorted(one.event.digest for one in found) == sorted(recorded(event).digest for event in log)
    for earlier, later in pairwise(found):
        assert earlier.valid_to == later.event.event_time >= earlier.event.event_time
        assert (later.before, later.runner_up) == (earlier.state, earlier.event)
        assert later.decided_by == decided_by(later.event, earlier.event) != "only"
    if found:
        assert found[-1].valid_to is None
        assert (found[0].before, found[0].runner_up, found[0].decided_by) == (None, None, "only")


@given(logs_of_one, logs_of_one, st.sampled_from(TIMES))
def test_what_happens_later_changes_no_earlier_answer(log: list[Event], others: list[Event], day: str) -> None:
    """Events after an instant do not count at that instant."""
    first = [event["metadata"]["event_name"].rsplit("_", 1)[0] for event in [*log, *others]][:1]
    same_kind = [e for e in others if e["metadata"]["event_name"].rsplit("_", 1)[0] in first and e not in log]
    later = [event for event in same_kind if at(event["metadata"]["event_time"]) > at(day)]
    before, after = standing_at(versions(*log), at(day)), standing_at(versions(*log, *later), at(day))
    assert (before and before.event.digest) == (after and after.event.digest)
    assert (before and before.state) == (after and after.state)


@pytest.mark.parametrize(
    ("loser", "winner", "by"),
    [
        (outcome("A", MARCH), outcome("B", APRIL), "event_time"),
        (outcome("A", MARCH, updated_at=APRIL), outcome("B", APRIL, verb="created"), "event_time"),
        (outcome("A", verb="created"), outcome("B", verb="updated"), "verb"),
        (outcome("A", verb="created", updated_at=APRIL), outcome("B", updated_at=MARCH), "verb"),
        (outcome("A", updated_at=MARCH), outcome("B", updated_at=APRIL), "updated_at"),
        (outcome("A"), outcome("B", updated_at=MARCH), "updated_at"),
        (outcome("A", updated_at="soon"), outcome("B", updated_at=MARCH), "updated_at"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_tie_is_decided_by_the_next_rule(loser: Event, winner: Event, by: str) -> None:
    """The time, then the verb, then updated_at; one that is missing or unreadable is before all others."""
    for events in ((loser, winner), (winner, loser)):
        last = versions(*events)[-1]
        assert (last.state["title"], last.decided_by) == ("B", by)


def test_the_digest_decides_where_all_else_is_equal() -> None:
    """The greater one gives the state."""
    pair = [recorded(outcome(title, updated_at=MARCH)) for title in ("A", "B")]
    last = fold(pair)[-1]
    assert (last.event.digest, last.decided_by) == (max(event.digest for event in pair), "content")


def test_a_result_keeps_its_title() -> None:
    """A body without a title leaves it as it was; a title of null is one."""
    first, second = result(MARCH, id="5", title="Ada, quiz"), result(APRIL, id="5", verb="updated", score=4.0)
    assert [one.state["title"] for one in versions(first, second)] == ["Ada, quiz"] * 2
    assert versions(first, second)[-1].state["score"] == 4.0
    none = result("2024-05-01T10:00:00Z", id="5", verb="updated", title=None)
    assert [one.state["title"] for one in versions(first, second, none)] == ["Ada, quiz", "Ada, quiz", None]
    assert "title" not in versions(second)[-1].state


def test_every_other_kind_keeps_nothing() -> None:
    """A body is the whole state."""
    event = recorded(outcome("A", description="b"))
    assert evolve({"title": "Z", "display_name": "z"}, event) == event.body
    assert evolve(None, event) == event.body


def test_before_the_first_event_there_is_no_version() -> None:
    """From its instant on there is one; of two at one instant the last in the order."""
    found = versions(outcome("A", MARCH), outcome("B", MARCH, updated_at=MARCH))
    assert standing_at(found, at(MARCH) - 1) is None
    assert standing_at(found, at(MARCH)) is found[1]
    assert standing_at([], at(MARCH)) is None
    assert (found[0].event.event_time, found[0].valid_to) == (at(MARCH), at(MARCH))


UNREADABLE = recorded(outcome("A", updated_at="soon"))


@pytest.mark.parametrize(
    ("winner", "runner_up", "notes"),
    [
        (UNREADABLE, None, 0),
        (UNREADABLE, recorded(outcome("B")), 1),
        (recorded(outcome("B", updated_at=MARCH)), UNREADABLE, 1),
        (UNREADABLE, recorded(outcome("B", updated_at="soon")), 1),
        (UNREADABLE, recorded(outcome("B", updated_at="later")), 2),
        (recorded(outcome("B")), recorded(outcome("C")), 0),
        (UNREADABLE, recorded(outcome("B", "2024-02-01T10:00:00Z")), 0),
        (UNREADABLE, recorded(outcome("B", verb="created")), 0),
    ],
)
def test_what_could_not_be_read_is_noted_where_it_was_to_decide(
    winner: Recorded, runner_up: Recorded | None, notes: int
) -> None:
    """Of both events, each text once; nowhere else."""
    found = unread(winner, runner_up, "outcome 5")
    assert len(found) == notes
    assert all("updated_at" in note and "outcome 5" in note for note in found)
