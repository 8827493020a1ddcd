"""Events by column: choosing, joining, slicing and sending them loses nothing."""

from __future__ import annotations

import marshal
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from projector.domain.columns import Columns, Slices
from projector.domain.events import LiveEvent
from projector.wire.decode import decode
from tests.strategies import logs
from tests.wire.test_bulk import _facts


def _events(log: list[dict[str, Any]]) -> list[LiveEvent]:
    import json

    return [event for item in log if isinstance(event := decode(json.dumps(item).encode()), LiveEvent)]


def _all(columns: Columns) -> list[dict[str, Any]]:
    return [_facts(columns, index) for index in range(len(columns))]


@given(logs, st.randoms(use_true_random=False))
def test_chosen_events_are_as_they_were(log: list[dict[str, Any]], random: Any) -> None:
    """In whatever order they are chosen."""
    events = _events(log)
    indexes = random.sample(range(len(events)), random.randint(0, len(events)))
    assert _all(Columns.of(events).chosen(indexes)) == _all(Columns.of(events[index] for index in indexes))


@given(logs, logs)
def test_joined_columns_hold_both(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    """One behind the other, with each account once, and what they mention by event."""
    joined = Columns.of(_events(first))
    joined.extend(Columns.of(_events(second)))
    assert _all(joined) == _all(Columns.of(_events(first) + _events(second)))
    assert len(set(joined.accounts)) == len(joined.accounts)
    assert all(events == sorted(events) for events, _ in joined.mentions.values())


@given(logs, st.lists(st.integers(0, 12), max_size=4))
def test_stretches_together_are_the_whole(log: list[dict[str, Any]], cuts: list[int]) -> None:
    """However it is cut."""
    columns = Columns.of(_events(log))
    ends = sorted({0, len(columns), *(min(cut, len(columns)) for cut in cuts)})
    slices = Slices(columns)
    found = [facts for a, b in pairwise(ends) for facts in _all(slices.stretch(a, b))]
    assert found == _all(columns)


@given(logs)
def test_what_is_sent_to_another_process_comes_back(log: list[dict[str, Any]]) -> None:
    """As plain values."""
    columns = Columns.of(_events(log))
    assert Columns.of_plain(marshal.loads(marshal.dumps(columns.plain()))) == columns
