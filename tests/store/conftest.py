"""What the tests of stores share: a projector over every kind of store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from projector import Projector
from tests.builders import Clock
from tests.conftest import Stores


@pytest.fixture
def p(store: Stores) -> Iterator[Projector]:
    """A projector, its clock a second further at each batch."""
    with store(clock=Clock()) as projector:
        yield projector
