"""Rows made from a store's log, against what the store lists as of any instant, by what was known at any time."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

import projector
from projector.domain.events import is_reserved
from projector.domain.facts import carries_id
from projector.domain.instants import from_datetime, to_datetime
from projector.domain.recorded import Recorded
from projector.domain.versions import State
from projector.fold.guessed_rectangles import guessed_rectangles
from projector.fold.rectangles import rectangles
from tests.builders import Event, recorded, reported
from tests.conftest import Stores
from tests.fold.test_guessed_rectangles import SHARDS, Results, id_of, keys_of, of_key, reports
from tests.fold.test_rectangles import applying, arrival, state
from tests.test_laws import fed

Listed = tuple[State, datetime, datetime | None, datetime, object]  # state, span, recorded_at, guessed

# the second of the institution's shards is learnt from the last batch
OTHER_SHARD = reported("learning_outcome_updated", {"learning_outcome_id": "1"}, root_account_id="21080000000000001")
steps = st.integers(-1, 1)
sent = reports.filter(lambda event: not is_reserved(event["body"].get("id", "")))


def logged(p: projector.Projector) -> Results:
    """Every event of a result in the log, by the identity that it belongs to."""
    lines, results = list(map(json.loads, p.log_lines())), Results()
    for batch in p.store.log.batches():
        for position in range(batch.first, batch.last + 1):
            event = lines[position - 1]
            if event["metadata"]["event_name"].startswith("learning_outcome_result"):
                kept = recorded(event, position)._replace(recorded_at=batch.recorded_at)
                results.setdefault(id_of(event), []).append(kept)
    return results


def listed(results: Results, as_of: int, known_at: int) -> dict[str, Listed]:
    """What the rows of every identity give at two instants."""
    found = dict[str, Listed]()
    events = {event.position: event for group in results.values() for event in group}

    def add(id: str, event: Recorded, state: State, span: tuple[int, int | None], guessed: object) -> None:
        assert id not in found
        begins, ends = to_datetime(span[0]), None if span[1] is None else to_datetime(span[1])
        found[id] = state, begins, ends, to_datetime(event.recorded_at), guessed

    for key in keys_of(results):
        for part in applying(guessed_rectangles(key, of_key(key, results), SHARDS), as_of, known_at):
            whole = part.own_from, part.own_to
            add(part.id, events[part.position], state(part, events.values()), whole, part.guessed)
    for id, group in results.items():
        if all(carries_id(event.body) for event in group):
            for row in applying(rectangles(map(arrival, group)), as_of, known_at):
                whole = row.valid_from, row.valid_to
                add(id, events[row.position], state(row, group), whole, False)
    return found


@given(st.lists(st.lists(sent, max_size=5), min_size=1, max_size=4), st.data())
def test_rows_give_what_the_store_lists(store: Stores, batches: list[list[Event]], data: st.DataObject) -> None:
    """At any two instants, the deleted ones too: state, span, time of recording, and what is guessed."""
    with fed(store, [*batches, [OTHER_SHARD]]) as p:
        results = logged(p)
        events = [event for group in results.values() for event in group]
        times = [to_datetime(event.event_time) for event in events]
        known = [to_datetime(batch.recorded_at) for batch in p.store.log.batches()]
        for _ in range(6):
            as_of = data.draw(st.sampled_from([*times, known[0]])) + timedelta(microseconds=data.draw(steps))
            known_at = data.draw(st.sampled_from(known)) + timedelta(microseconds=data.draw(steps))
            view = p.as_of(as_of, known_at=known_at)
            expected = {
                one.id: (one.state, one.valid_from, one.valid_to, one.recorded_at, one.guessed)
                for one in view.all("result", deleted=True)
            }
            assert listed(results, from_datetime(as_of), from_datetime(known_at)) == expected
