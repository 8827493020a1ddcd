"""The ratings of a scale, or of an outcome's own criterion, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from projector.domain.versions import Version
from projector.serve.screen.text import plain

RATING_HEADINGS: Final = ("Points", "Rating", "")


class RatingLine(NamedTuple):
    """One rating: its points, its description, a mark at mastery, and the colour as it was sent."""

    points: str
    description: str
    mark: str = ""
    color: Any = None


def rating_lines(version: Version) -> list[RatingLine]:
    """The ratings of a scale or of an outcome's own criterion, the one at mastery marked; none for other kinds."""
    criterion = version.state.get("rubric_criterion") or {}
    if version.kind == "scale":
        ratings = version.state.get("outcome_proficiency_ratings") or []
        return [*_lines(ratings, getattr(version.aggregate, "mastery_points", None))]
    if version.kind == "outcome" and criterion:
        return [*_lines(criterion.get("ratings") or [], criterion.get("mastery_points"))]
    return []


def _lines(ratings: Sequence[Mapping[str, Any]], mastery: Any) -> Iterator[RatingLine]:
    """Ratings from the top, a mark at the points from which a score is mastery; at least one line."""
    marked = False
    for rating in ratings:
        at_line = not marked and mastery is not None and plain(rating.get("points")) == plain(mastery)
        marked = marked or at_line
        mark = "◄ mastery" if at_line else ""
        yield RatingLine(plain(rating.get("points")), plain(rating.get("description")), mark, rating.get("color"))
    if not marked:
        yield RatingLine(plain(mastery), "mastery" if mastery is not None else "no mastery rating")
