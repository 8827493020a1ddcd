"""The invented college is the same every time, and as untidy as real delivery."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from hashlib import sha256

import pytest

from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.serve.demo.college import LANDMARKS, term
from projector.wire.decode import decode


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes() -> None:
    """So that a demo can be compared with another one."""
    hashes = [sha256(b"\n".join(term(seed))).hexdigest() for seed in (1, 1, 2)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_term_is_lifelike() -> None:
    """Enough events; late ones, duplicates, other families and broken lines in their shares; no warnings."""
    decoded = [decode(line) for line in term()]
    events = [event for event in decoded if isinstance(event, LiveEvent)]
    assert 20_000 <= len(decoded) <= 28_000
    assert sum(isinstance(event, Refusal) for event in decoded) == 6
    assert 150 <= sum(isinstance(event, Ignored) for event in decoded) <= 300
    assert {warning for event in events for warning in event.warnings} == set()
    times = Counter(event.digest for event in events)
    assert 0.01 < (len(events) - len(times)) / len(events) < 0.03
    latest, late = 0, 0
    for event in events:
        late += event.event_time < latest - 60_000_000
        latest = max(latest, event.event_time)
    assert 0.02 < late / len(events) < 0.08
    assert {event.kind for event in events} >= {"outcome", "group", "link", "result", "scale", "method", "assessment"}


def test_no_event_lies_in_the_future() -> None:
    """The term is over."""
    last = max(json.loads(line)["metadata"].get("event_time", "") for line in term() if line.endswith(b"}}"))
    assert datetime.fromisoformat(last).year == 2025
    assert LANDMARKS.before_change < LANDMARKS.after_change
