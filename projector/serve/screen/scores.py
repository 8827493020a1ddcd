"""Tables of scores and summaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Final

from attrs import evolve

from projector.domain.scores import Score, Summary
from projector.serve.screen.labels import method_name
from projector.serve.screen.naming import Naming
from projector.serve.screen.table import Column
from projector.serve.screen.text import counted, plain

_NAMED: Final = 10  # leaves before the others
DAY: Final = Column("As of", whole=True)
SCORE_COLUMNS: Final = (
    Column("Learner"),
    Column("Outcome"),
    Column("Course", leaves=1),
    Column("Score", number=True),
    Column("Level"),
    Column("Mastery"),
    Column("Mastery at", number=True, leaves=3),
    Column("Method", leaves=2),
)
SUMMARY_COLUMNS: Final = (
    Column("Outcome"),
    Column("Course", leaves=1),
    Column("Learners", number=True),
    Column("Mean", number=True),
    Column("Median", number=True, leaves=2),
    Column("Mastered", number=True),
    Column("Levels"),
)


def without(columns: Sequence[Column], named: Set[str]) -> list[Column]:
    """Columns of which those that the question names are left out first, for all their cells are the same."""
    return [evolve(one, leaves=_NAMED + place) if one.heading in named else one for place, one in enumerate(columns)]


def score_rows(scores: Iterable[Score], naming: Naming) -> Iterator[tuple[str, ...]]:
    """A row for each score."""
    for score in scores:
        status = "" if score.outcome_status in ("active", "unknown") else f"; outcome {plain(score.outcome_status)}"
        yield (
            naming.learner(score.learner),
            naming.referenced("outcome", score.outcome),
            naming.context(score.context),
            points_of(score),
            plain(score.rating),
            plain(score.mastery),
            plain(score.mastery_points),
            method_name(score.method, score.int) + status,
        )


def points_of(score: Score) -> str:
    """A score and the points possible."""
    return f"{plain(score.score)} of {plain(score.points_possible)}"


def summary_rows(summaries: Iterable[Summary], naming: Naming) -> Iterator[tuple[str, ...]]:
    """A row for each class."""
    for one in summaries:
        levels = ", ".join(f"{plain(share.description)} {share.share} %" for share in one.ratings)
        unattributed = f"; {counted(one.unattributed, 'result')} without a learner" if one.unattributed else ""
        numbers = (one.learners, one.mean, one.median, one.mastered)
        outcome, course = naming.referenced("outcome", one.outcome), naming.context(one.context)
        yield (outcome, course, *map(plain, numbers), levels + unattributed)
