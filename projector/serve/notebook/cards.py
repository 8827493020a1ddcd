"""A version, and the scale or method in effect in a context, each as a card."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from projector.domain.inforce import InForce
from projector.domain.versions import Basis, Version
from projector.serve.notebook.html import Html, answer, element, paragraph, swatch, table
from projector.serve.notebook.shortening import ON_A_CARD, at_most, left_out, shortened
from projector.serve.screen.labels import noun_of, shown_fields
from projector.serve.screen.ratings import RATING_HEADINGS, rating_lines
from projector.serve.screen.sentences import basis_lines, chain_lines, in_force_heading, version_notes
from projector.serve.screen.text import moment, plain

_RATINGS: Final = 50  # of a scale that are shown
_CONTEXTS: Final = 50  # of a chain


def version_card(version: Version) -> Html:
    """A version's state, its ratings, from when to when it was in effect, and its basis."""
    return answer(*_version(version))


def in_force_card(found: InForce[Any]) -> Html:
    """The scale or method in effect in a context and how it was found, or why there is none."""
    return answer(
        paragraph([element("b", shortened(in_force_heading(found), ON_A_CARD))]),
        paragraph(at_most(chain_lines(found), _CONTEXTS, "chain"), "nested"),
        *(_version(found.version) if found.version is not None else [foot(found.basis)]),
    )


def _version(version: Version) -> Iterator[Html]:
    name = element("b", f"{noun_of(version.kind)} {shortened(plain(version.id))}")
    yield table((), _fields(version), caption=element("span", name, f" · {shortened(version.status)}"), named_rows=True)
    yield _ratings(version)
    yield paragraph(shortened(note) for note in version_notes(version))
    yield foot(version.basis)


def _fields(version: Version) -> Iterator[tuple[str, str]]:
    for label, text in shown_fields(version.kind, version.state, version.basis.tz):
        yield label, shortened(text, ON_A_CARD)
    yield "Event", version.event_name
    yield "Recorded", moment(version.recorded_at, version.basis.tz)


def _ratings(version: Version) -> Html:
    """The ratings of a scale or of an outcome's own criterion; nothing for other kinds."""
    if not (ratings := rating_lines(version)):
        return Html()
    rows: list[tuple[str, str, str]] = [
        (shortened(line.points), element("span", swatch(line.color), shortened(line.description)), line.mark)
        for line in islice(ratings, _RATINGS)
    ]
    if len(ratings) > _RATINGS:
        rows.append(("", left_out(len(ratings) - _RATINGS, "state"), ""))
    return table(RATING_HEADINGS, rows, numbers=(0,))


def foot(basis: Basis) -> Html:
    """The basis of an answer."""
    return paragraph((shortened(line, ON_A_CARD) for line in basis_lines(basis)), "dim")
