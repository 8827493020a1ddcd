"""What `projector impact` says of changes: counts, who moved how, and of how many ratings the scales are."""

from __future__ import annotations

import pytest

from projector.domain.comparison import Change, Move
from projector.domain.scores import Measure, MeasureStep
from projector.serve.screen.impact import levels_line, mastery_lines, move_of, moved, outcome_rows, score_table
from projector.serve.screen.naming import IDS
from tests.builders import a_score

Sides = tuple[bool | None, bool | None]
SCALE = Measure(
    steps=(MeasureStep(description="Mastery", points=3), MeasureStep(description="Near", points=2)),
    points_possible=4,
    mastery_points=3,
)


def change(move: Move, mastery: Sides, learner: str = "ada", outcome: str = "7") -> Change:
    """A change of this kind."""
    before = None if move == "appears" else a_score(2.5, SCALE)
    after = None if move == "disappears" else a_score(3.5, SCALE)
    return Change(
        learner=learner,
        outcome=outcome,
        context="Course/1",
        before=before,
        after=after,
        level_before=None,
        level_after=None,
        mastery=mastery,
        move=move,
    )


@pytest.mark.parametrize(
    ("move", "mastery", "becomes"),
    [
        ("up", (False, True), "gained"),
        ("down", (True, False), "lost"),
        ("up", (True, True), "up"),
        ("down", (False, False), "down"),
        ("same", (None, None), "same"),
        ("appears", (None, True), "appears"),
        ("disappears", (True, None), "disappears"),
    ],
)
def test_mastery_comes_before_levels(move: Move, mastery: Sides, becomes: str) -> None:
    """A score that gained or lost mastery is not among those that changed level."""
    assert move_of(change(move, mastery)) == becomes


def test_scores_and_learners_are_counted() -> None:
    """Several scores of one learner are of one learner."""
    changes = [
        change("up", (False, True)),
        change("up", (False, True), outcome="8"),
        change("same", (True, True), "bob"),
    ]
    assert [*mastery_lines(changes)] == ["Mastery gained: 2 scores of 1 learner.", "Mastery lost: none."]
    assert [*mastery_lines([change("down", (True, False))])][1] == "Mastery lost: 1 score of 1 learner."


def test_an_outcome_has_a_row_with_all_its_scores() -> None:
    """Gained, lost, level up, level down and same level make all that has both sides."""
    changes = [
        change("up", (False, True)),
        change("down", (True, False)),
        change("up", (True, True)),
        change("same", (False, False)),
        change("appears", (None, True)),
    ]
    assert [*outcome_rows(changes, IDS)] == [("7", "5", "2", "3", "1", "1", "1", "0", "1")]


def test_a_side_without_a_score_says_so() -> None:
    """Before and after."""
    columns, rows = score_table(
        [change("appears", (None, True)), change("disappears", (True, None))], IDS, of_course=False
    )
    assert [column.heading for column in columns][2:] == ["Course", "Before", "Level before", "After", "Level after"]
    appears, disappears = rows
    assert appears[3:] == ("–", "no score", "3.5 of 4", "Mastery")
    assert disappears[3:] == ("2.5 of 4", "Near", "–", "no score")


def test_the_course_is_not_repeated_where_the_heading_names_it() -> None:
    """Neither as a column nor in rows."""
    columns, rows = score_table([change("up", (False, True))], IDS, of_course=True)
    assert "Course" not in [column.heading for column in columns]
    assert len(next(rows)) == len(columns)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({5}, {4}, "The scales have 5 and 4 ratings"),
        ({3, 5}, {4}, "The scales have 3/5 and 4 ratings"),
        ({5}, set(), "The scales have 5 and no ratings"),
    ],
)
def test_levels_are_explained_where_scales_differ_in_length(before: set[int], after: set[int], said: str) -> None:
    """In one line."""
    line = levels_line(before, after)
    assert line is not None
    assert line.startswith(said)
    assert "\n" not in line


def test_nothing_is_explained_where_they_do_not() -> None:
    """As many ratings on both sides."""
    assert levels_line({4}, {4}) is None


def test_moved_are_those_of_one_kind() -> None:
    """In their order."""
    changes = [change("up", (False, True), "b"), change("up", (True, True)), change("up", (False, True), "a")]
    assert [one.learner for one in moved(changes, "gained")] == ["b", "a"]
