"""The recipes of `docs/how-to/ask-in-sql.md`, and the store that they ask."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

import projector
from projector.serve import batches
from projector.serve.demo.college import term
from tests.blocks import DOCS, blocks
from tests.builders import Clock

PAGE: Final = DOCS / "how-to/ask-in-sql.md"
STORE: Final = "projector-demo/college.db"

_FIRST_PART: Final = 9150  # lines of the demo's log, whose rest was received later
_RECEIVED: Final = "2025-10-02T18:00:00+00:00", "2025-12-23T12:00:00+00:00"


class Recipe(NamedTuple):
    """A query of the page, and what it prints there."""

    section: str
    query: str
    output: str


def recipes() -> list[Recipe]:
    """Those of the page, in order."""
    return [Recipe(one.section, one.text, one.output) for one in blocks(PAGE) if one.language == "sql"]


def queries(section: str) -> list[str]:
    """The queries of a section."""
    return [one.query for one in recipes() if one.section == section]


def make_store(folder: Path) -> None:
    """Make the store that the page asks: the demo's, received in two parts, each recorded at one instant.

    Batches on a slow machine would be recorded at several.
    """
    store = folder / STORE
    store.parent.mkdir()
    lines = list(term())
    for received, part in zip(_RECEIVED, (lines[:_FIRST_PART], lines[_FIRST_PART:]), strict=True):
        one_batch = mock.patch.multiple(batches, FEWEST_EVENTS=len(lines), LONGEST=inf)
        with one_batch, projector.open(store, clock=Clock(received, every=0)) as p:
            p.append(part)
