"""Tables of scores, summaries and impacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from projector.domain.comparison import Change
from projector.domain.scores import Score, Summary
from projector.domain.versions import Basis
from projector.serve.screen.cards import foot
from projector.serve.screen.lists import Column
from projector.serve.screen.text import plain

SCORE_COLUMNS: Final[tuple[Column, ...]] = (
    ("Learner", 40),
    ("Outcome", 8),
    ("Where", 11),
    ("Score", 9),
    ("Level", 15),
    ("Mastery", 7),
    ("Method", None),
)
SUMMARY_COLUMNS: Final[tuple[Column, ...]] = (
    ("Outcome", 9),
    ("Where", 12),
    ("Learners", 9),
    ("Mean", 6),
    ("Median", 7),
    ("Mastered", 9),
    ("Levels", None),
)


def score_rows(scores: Iterable[Score], name_of: Callable[[str], str | None]) -> Iterator[tuple[str, ...]]:
    """A row for each score."""
    for score in scores:
        method = plain(score.method).replace("_", " ") + ("" if score.int is None else f" {plain(score.int)}")
        status = "" if score.outcome_status in ("active", "unknown") else f"; outcome {plain(score.outcome_status)}"
        yield (
            plain(name_of(score.learner) or score.learner),
            plain(score.outcome),
            plain(score.context),
            f"{plain(score.score)} of {plain(score.points_possible)}",
            plain(score.rating),
            plain(score.mastery),
            method + status,
        )


def summary_rows(summaries: Iterable[Summary]) -> Iterator[tuple[str, ...]]:
    """A row for each class."""
    for one in summaries:
        levels = ", ".join(f"{plain(share.description)} {share.share} %" for share in one.ratings)
        unattributed = f"; {one.unattributed} results name no learner" if one.unattributed else ""
        numbers = (one.learners, one.mean, one.median, one.mastered)
        yield (plain(one.outcome), plain(one.context), *map(plain, numbers), levels + unattributed)


def impact_report(context: str, before: str, after: str, changes: Sequence[Change], basis: Basis) -> RenderableType:
    """Who changes level, by outcome, and the counts."""
    if not changes:
        return Group(Text(f"No score in {plain(context)} by then."), Text(""), foot(basis))
    heading = (
        f"The results of {plain(context)} as of {plain(after)}, judged as on {plain(before)} and as on {plain(after)}"
    )
    counts = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("Outcome", "Scores", "Level up", "Level down", "Same", "Mastered before", "Mastered after"):
        counts.add_column(Text(column), justify="left" if column == "Outcome" else "right")
    for outcome in sorted({change.outcome for change in changes}):
        mine = [change for change in changes if change.outcome == outcome]
        moves = Counter(change.move for change in mine)
        mastered = [sum(1 for s in side if s is not None and s.mastery) for side in _sides(mine)]
        row = (len(mine), moves["up"], moves["down"], moves["same"], *mastered)
        counts.add_row(plain(outcome), *(f"{number:,}" for number in row))
    moved = [change for change in changes if change.move != "same"]
    lines = [Text(f"  {_line(change)}") for change in moved[:30]]
    if len(moved) > 30:
        lines.append(Text(f"  … and {len(moved) - 30:,} more; --json lists them all"))
    return Group(Text(heading, style="bold"), Text(""), counts, Text(""), *lines, Text(""), foot(basis))


def _sides(changes: Sequence[Change]) -> tuple[list[Score | None], list[Score | None]]:
    return [change.before for change in changes], [change.after for change in changes]


def _line(change: Change) -> str:
    sides = f"{_side(change.before)} → {_side(change.after)}"
    return f"{plain(change.learner)}, outcome {plain(change.outcome)}: {sides}  ({change.move})"


def _side(score: Score | None) -> str:
    if score is None:
        return "no score"
    return f"{plain(score.score)} of {plain(score.points_possible)}, {plain(score.rating)}"
