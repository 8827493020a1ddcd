"""What a change of scale or method did: who gained or lost mastery, and who changed level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from projector.domain.comparison import Change
from projector.domain.scores import Score
from projector.domain.versions import Basis
from projector.serve.screen.naming import Naming
from projector.serve.screen.scores import points_of
from projector.serve.screen.table import Column
from projector.serve.screen.text import counted, moment, plain

SHOWN: Final = 30  # scores of a part of the answer
OUTCOME_COLUMNS: Final = (
    Column("Outcome"),
    Column("Scores", number=True),
    Column("Mastery before", number=True),
    Column("Mastery after", number=True),
    Column("Gained", number=True),
    Column("Lost", number=True),
    Column("Level up", number=True, leaves=2),
    Column("Level down", number=True, leaves=1),
    Column("Same level", number=True, leaves=3),
)
SCORE_COLUMNS: Final = (
    Column("Learner"),
    Column("Outcome"),
    Column("Course", leaves=1),
    Column("Before", number=True),
    Column("Level before", leaves=2),
    Column("After", number=True),
    Column("Level after"),
)
MASTERY_PARTS: Final = (("Gained mastery", "gained"), ("Lost mastery", "lost"))
LEVEL_PARTS: Final = (
    ("Higher level, mastery unchanged", "up"),
    ("Lower level, mastery unchanged", "down"),
    ("Has a score only after", "appears"),
    ("Has a score only before", "disappears"),
)


def move_of(change: Change) -> str:
    """What became of a score: ``gained`` or ``lost`` mastery, else how its level moved."""
    match change.mastery:
        case (False, True):
            return "gained"
        case (True, False):
            return "lost"
    return change.move


def impact_heading(context: str, before: Basis, after: Basis, naming: Naming) -> RenderableType:
    """Which results are judged, and by the scales and methods of which two instants."""
    first, second = (_moment(basis.as_of, basis.tz) for basis in (before, after))
    return Group(
        Text(f"{naming.context(context)}: what changed between two scales and methods", style="bold"),
        Text(f"Results up to {second}, judged by the scale and method of {first} and of {second}."),
    )


def _moment(instant: datetime | None, tz: str) -> str:
    return "now" if instant is None else moment(instant, tz)


def mastery_lines(changes: Sequence[Change]) -> Iterator[str]:
    """How many scores and learners gained and lost mastery."""
    for move in ("gained", "lost"):
        found = moved(changes, move)
        learners = counted(len({change.learner for change in found}), "learner")
        yield f"Mastery {move}: {counted(len(found), 'score')} of {learners}." if found else f"Mastery {move}: none."


def levels_line(before: set[int], after: set[int]) -> str | None:
    """How levels of scales with different numbers of ratings are compared; None where they have as many.

    >>> levels_line({5}, {4})
    'The scales have 5 and 4 ratings: levels are counted up and down from the mastery rating.'
    """
    if before == after:
        return None
    counts = " and ".join("/".join(map(str, sorted(side))) or "no" for side in (before, after))
    return f"The scales have {counts} ratings: levels are counted up and down from the mastery rating."


def outcome_rows(changes: Sequence[Change], naming: Naming) -> Iterator[tuple[str, ...]]:
    """A row for each outcome: its scores, how many are at mastery, and how they moved."""
    by_outcome: dict[str, list[Change]] = {}
    for change in changes:
        by_outcome.setdefault(change.outcome, []).append(change)
    for outcome, mine in sorted(by_outcome.items()):
        moves = Counter(map(move_of, mine))
        mastered = (sum(change.mastery[side] is True for change in mine) for side in (0, 1))
        counts = (len(mine), *mastered, *(moves[move] for move in ("gained", "lost", "up", "down", "same")))
        yield (naming.referenced("outcome", outcome), *(f"{count:,}" for count in counts))


def moved(changes: Sequence[Change], move: str) -> list[Change]:
    """The scores that moved so, by learner."""
    return [change for change in changes if move_of(change) == move]


def score_table(
    changes: Sequence[Change], naming: Naming, *, of_course: bool
) -> tuple[tuple[Column, ...], Iterator[tuple[str, ...]]]:
    """The columns, and a row for each score, of many the first.

    Args:
        of_course: Whether all are of one course, which the heading names.
    """
    columns = tuple(column for column in SCORE_COLUMNS if not (of_course and column.heading == "Course"))
    return columns, (_cells(change, naming, of_course=of_course) for change in islice(changes, SHOWN))


def _cells(change: Change, naming: Naming, *, of_course: bool) -> tuple[str, ...]:
    course = () if of_course else (naming.context(change.context),)
    named = naming.learner(change.learner), naming.referenced("outcome", change.outcome)
    return (*named, *course, *_side(change.before), *_side(change.after))


def _side(score: Score | None) -> tuple[str, str]:
    return ("–", "no score") if score is None else (points_of(score), plain(score.rating))
