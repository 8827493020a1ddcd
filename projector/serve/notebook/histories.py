"""A history as a table, a row for each version."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from projector.domain.versions import History, Version
from projector.serve.notebook.cards import foot
from projector.serve.notebook.html import Html, answer, element, lines, paragraph, table
from projector.serve.notebook.shortening import at_most, shortened
from projector.serve.screen.by import by_text
from projector.serve.screen.histories import (
    NOTHING_CHANGED,
    SUPERSEDED,
    history_heading,
    is_superseded,
    parts_changed,
    verb_of,
)
from projector.serve.screen.labels import title_of
from projector.serve.screen.text import moment

_VERSIONS: Final = 100  # of a history that are shown
_PARTS: Final = 20  # of what a version changed
_HEADINGS: Final = ("In effect from", "To", "Status", "What changed", "Event", "Who", "Recorded")


def history_table(history: History) -> Html:
    """The newest versions, oldest first, with what each changed."""
    if not history:
        return answer(paragraph(["No versions: no event of it was received."]))
    start = max(0, len(history) - _VERSIONS)
    rows = [_row(version, first=not number) for number, version in islice(enumerate(history), start, None)]
    shown = f" · the last {_VERSIONS}; loop over them for all" if start else ""
    caption = element("span", element("b", shortened(history_heading(history))), shown)
    return answer(table(_HEADINGS, rows, caption=caption), foot(history[-1].basis))


def _row(version: Version, *, first: bool) -> tuple[str, ...]:
    tz = version.basis.tz
    return (
        moment(version.valid_from, tz),
        SUPERSEDED if is_superseded(version) else "" if version.valid_to is None else moment(version.valid_to, tz),
        shortened(version.status),
        lines(_changes(version, first=first)),
        version.event_name,
        shortened(by_text(version.by)),
        moment(version.recorded_at, tz),
    )


def _changes(version: Version, *, first: bool) -> Iterator[str]:
    if first:
        yield f"{verb_of(version, first=True)}: {shortened(title_of(version.kind, version.state))}"
    elif not version.changes:
        yield NOTHING_CHANGED
    else:
        yield from at_most(map(str, parts_changed(version)), _PARTS, "changes")
