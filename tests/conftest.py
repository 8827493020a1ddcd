"""What every test shares: how long properties look for a counter-example, and a store of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import projector
from tests.builders import Clock

settings.register_profile("quick", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.fixture
def p() -> Iterator[projector.Projector]:
    """A projector in memory, its clock a second further at each batch."""
    with projector.open(":memory:", clock=Clock()) as projector_:
        yield projector_


@pytest.fixture
def seed() -> Path:
    """The vendor's ten examples."""
    return FIXTURES / "seed_events.jsonl"


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not see the variables of whoever runs them."""
    for name in ("PROJECTOR_STORE", "PROJECTOR_TZ"):
        monkeypatch.delenv(name, raising=False)
