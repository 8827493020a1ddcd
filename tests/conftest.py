"""What every test shares: how long properties look for a counter-example, and a store of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import projector
from tests.builders import Clock
from tests.examples import Examples
from tests.recipes import make_store

settings.register_profile("quick", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_configure(config: pytest.Config) -> None:
    """Let the docstrings of the package be run with what `tests.examples` gives them."""
    config.pluginmanager.register(Examples(), "examples")


FIXTURES = Path(__file__).parent.parent / "fixtures"


class Stores:
    """Opens projectors over stores of one kind; each call a new one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._numbers = count(1)

    def __call__(self, **options: Any) -> projector.Projector:
        """A projector over an empty store."""
        return projector.open(self.place(), **options)

    def place(self) -> str:
        """Where a new store can be made."""
        return ":memory:" if self._folder is None else str(self._folder / f"{next(self._numbers)}.db")


@pytest.fixture(scope="session", params=["memory", pytest.param("disk", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stores:
    """Every kind of store in turn: what holds for one holds for all."""
    return Stores(None if request.param == "memory" else tmp_path_factory.mktemp("stores"))


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store of the recipes."""
    folder = tmp_path_factory.mktemp("recipes")
    make_store(folder)
    return folder


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
