"""Servers that many tests ask: each is started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recipes import STORE, make_store
from tests.serve.http.running import Running, serving


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the invented college, which nobody writes to."""
    folder = tmp_path_factory.mktemp("served")
    make_store(folder)
    return folder / STORE


@pytest.fixture(scope="session")
def demo(demo_store: Path) -> Iterator[Running]:
    """A server over it, open to this machine."""
    with serving(demo_store) as server:
        yield server
