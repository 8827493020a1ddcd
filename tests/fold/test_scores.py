"""Canvas' formulas, by numbers that were worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projector.domain.inforce import own_scale
from projector.domain.scores import Graded, Measure, MeasureStep, Method
from projector.domain.states import CriterionRating, Outcome, ProficiencyScale, Rating, RubricCriterion
from projector.fold.impact import change, level
from projector.fold.scores import in_order, is_mastered, number_used, ordered_by, score_of, step_for, values
from projector.fold.summary import summarise
from tests.builders import a_score

FIVE = Measure(points_possible=5, mastery_points=3)
STEPS = tuple(
    MeasureStep(description=words, points=points)
    for points, words in ((4, "Above"), (3, "At"), (2, "Near"), (1, "Low"))
)
FOUR = Measure(steps=STEPS, points_possible=4, mastery_points=3)


def graded(id: str = "1", **known: object) -> Graded:
    """A result of which only what matters is said."""
    members = dict.fromkeys(Graded._fields) | {"id": id} | known
    return Graded(**members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counted", "method", "number", "expected"),
    [
        ([1, 2, 3, 4, 5], "decaying_average", 65, 4.13),
        ([1, 2, 3, 4, 5], "weighted_average", 65, 4.13),
        ([1, 2, 3, 4, 5], "standard_decaying_average", 65, 4.47),
        ([2, 3, 4], "decaying_average", 65, 3.48),
        ([2, 3, 4], "standard_decaying_average", 65, 3.53),
        ([3, 1, 5, 4], "decaying_average", 75, 3.75),
        ([4], "decaying_average", 65, 4),
        ([2, 4], "decaying_average", None, 3.3),
        ([1, 2, 3, 4, 5], "n_mastery", 3, 4),
        ([1, 2, 3, 4, 5], "n_mastery", 4, None),
        ([4, 5, 1, 3, 2, 3], "n_mastery", 3, 3.75),
        ([3, 4, 3], "n_mastery", 3, 3.33),
        ([3, 3, 3, 3], "n_mastery", None, None),
        ([1, 5, 3], "highest", 65, 5),
        ([1, 5, 3], "latest", None, 3),
        ([1, 2, 2], "average", None, 1.67),
        ([1, 5, 3], "a method of the future", None, None),
        ([1, 5, 3], "Highest", None, None),
        ([0, 0], "average", None, 0),
        ([], "highest", None, None),
    ],
)
def test_worked_numbers(counted: Sequence[float], method: str, number: int | None, expected: float | None) -> None:
    """Values in order, mastery at 3 of 5."""
    assert score_of(counted, FIVE, Method(method=method, int=number), recursive=True) == expected


def test_with_the_newer_formula_switched_off_all_decay_alike() -> None:
    """The flag tells which Canvas it is."""
    method = Method(method="standard_decaying_average", int=65)
    assert score_of([1, 2, 3, 4, 5], FIVE, method, recursive=False) == 4.13


@given(st.lists(st.floats(0, 10), min_size=1, max_size=8), st.integers(1, 99))
def test_a_score_lies_between_its_values(counted: list[float], number: int) -> None:
    """Whatever the method weighs."""
    for method in ("highest", "latest", "average", "decaying_average", "standard_decaying_average"):
        found = score_of(counted, FIVE, Method(method=method, int=number), recursive=True)
        assert found is not None
        assert min(counted) - 0.01 <= found <= max(counted) + 0.01


def test_a_percent_counts_before_the_raw_score() -> None:
    """2 of 5 on a scale of 4 counts 1.6; without a percent the raw score counts; extra credit may exceed."""
    results = [graded(score=2, possible=5, percent=0.4), graded(score=2), graded(percent=1.25, score=5)]
    assert values(results, FOUR, Method(method="latest")) == [1.6, 2.0, 5.0]
    assert values(
        [graded(percent=0.5, score=3)], Measure(points_possible=0, mastery_points=2), Method(method="latest")
    ) == [1.0]
    assert values([graded(percent=0.5, score=3)], Measure(), Method(method="latest")) == [3.0]


def test_the_questions_of_a_quiz_count_as_the_quiz_in_slots_of_their_own() -> None:
    """But by itself for highest and n_mastery; a quiz without possible points says nothing."""
    quiz = [
        graded(str(n), score=s, possible=p, percent=s / p, quiz="q")
        for n, (s, p) in enumerate([(1, 1), (0, 2), (3, 3)])
    ]
    whole = 4 * (1 + 0 + 3) / 6
    assert values(quiz, FOUR, Method(method="average")) == pytest.approx([whole] * 3)
    assert values(quiz, FOUR, Method(method="highest")) == [4.0, 0.0, 4.0]
    assert values([graded(score=1, possible=0, percent=1.0, quiz="q")], FOUR, Method(method="average")) == []


def test_results_are_taken_in_order_of_submission_else_assessment() -> None:
    """In whole seconds; ties by id as a number. Methods for which time is nothing take them by id."""
    results = [
        graded("10", assessed_at=5_900_000),
        graded("9", assessed_at=5_100_000),
        graded("8", submitted_at=9_000_000, assessed_at=1),
        graded("7"),
        graded("g2-x", assessed_at=5_000_000),
    ]
    for method in ("latest", "decaying_average", "weighted_average", "standard_decaying_average"):
        assert [result.id for result in in_order(results, Method(method=method))] == ["7", "9", "10", "g2-x", "8"]
    for method in ("highest", "average", "n_mastery"):
        assert [result.id for result in in_order(results, Method(method=method))] == ["7", "8", "9", "10", "g2-x"]
    assert (ordered_by(results), ordered_by(results[:2]), ordered_by(results[2:3])) == (
        "both",
        "assessed_at",
        "submitted_at",
    )


@pytest.mark.parametrize("digits", [30, 4_301, 5_000])
def test_an_id_may_have_any_number_of_digits(digits: int) -> None:
    """Numbers go by their value, also where they are too long to be read as one, and other digits are text."""
    long = "9" * digits
    results = [graded("1" + "0" * digits), graded(long), graded("٣"), graded("007"), graded("12")]
    assert [result.id for result in in_order(results, Method(method="latest"))] == [
        "007",
        "12",
        long,
        "1" + "0" * digits,
        "٣",
    ]


def test_steps_and_the_mastery_line() -> None:
    """The highest step that is reached; none below all; no line, no mastery."""
    reached = [step_for(score, FOUR) for score in (5, 4, 3.99, 1, 0.99)]
    assert [step.description if step else None for step in reached] == ["Above", "Above", "At", "Low", None]
    assert (is_mastered(3, FOUR), is_mastered(2.99, FOUR), is_mastered(3, Measure())) == (True, False, None)
    assert [number_used(Method(method=m, int=7)) for m in ("highest", "n_mastery", "decaying_average")] == [None, 7, 7]
    assert number_used(Method(method="n_mastery")) == 5


def test_measures_of_scales_and_criteria() -> None:
    """Steps from the top; of two mastery ratings the lowest counts."""
    ratings = tuple(Rating(points=p, mastery=m) for p, m in ((2, True), (4, False), (3, True), (None, None)))
    scale = Measure.of(ProficiencyScale(outcome_proficiency_id="1", outcome_proficiency_ratings=ratings))
    assert ([s.points for s in scale.steps], scale.points_possible, scale.mastery_points) == ([4, 3, 2], 4, 2)


@pytest.mark.parametrize(
    ("points", "named", "mastery", "possible"),
    [((5, 2, 0), None, 3, 5), ((10, 7, 4, 1, 0), 12, 6, 12), ((), 5, 3, 5), ((4, 3), None, None, 4)],
)
def test_an_outcomes_own_criterion_is_read_once(
    points: Sequence[int], named: int | None, mastery: int | None, possible: int
) -> None:
    """The scale that is shown and the measure of scores have the criterion's own points, named by a rating or not."""
    ratings = tuple(CriterionRating(points=p) for p in points)
    criterion = RubricCriterion(mastery_points=mastery, points_possible=named, ratings=ratings)
    scale = own_scale(Outcome(learning_outcome_id="1", rubric_criterion=criterion))
    assert scale is not None
    measure = Measure.of(scale)
    assert (scale.mastery_points, scale.points_possible) == (mastery, possible)
    assert (measure.mastery_points, measure.points_possible) == (mastery, possible)
    assert sum(rating.mastery is True for rating in scale.outcome_proficiency_ratings) == (1 if points else 0)
    assert own_scale(Outcome(learning_outcome_id="1")) is None


def test_a_class_in_a_few_numbers() -> None:
    """Mean at two decimals, median as it is, shares in whole percent."""
    scores = [a_score(points, FOUR) for points in (4, 3, 2.5, 0.5)]
    found = summarise("7", "Course/1", scores, FOUR, unattributed=2)
    assert (found.learners, found.mean, found.median, found.mastered, found.unrated) == (4, 2.5, 2.75, 2, 1)
    assert [(share.description, share.count, share.share) for share in found.ratings] == [
        ("Above", 1, 33),
        ("At", 1, 33),
        ("Near", 1, 33),
        ("Low", 0, 0),
    ]
    nobody = summarise("7", None, [], Measure(), 0)
    assert (nobody.mean, nobody.median, nobody.mastered) == (None, None, None)


def test_levels_are_counted_from_the_mastery_line() -> None:
    """So that scales of different steps can be held side by side."""
    assert [level(score, FOUR) for score in (4, 3, 2.9, 1.5, 0)] == [1, 0, -1, -2, -3]
    assert level(3, Measure()) is None
    three = Measure(
        steps=tuple(MeasureStep(description=None, points=p) for p in (3, 2, 0)), points_possible=3, mastery_points=2
    )
    up = change(a_score(2.8, FOUR), a_score(2.1, three), FOUR, three)
    assert (up.level_before, up.level_after, up.move) == (-1, 0, "up")
    assert change(None, a_score(2, three), FOUR, three).move == "appears"
    assert change(a_score(2, FOUR), None, FOUR, three).move == "disappears"
    assert change(a_score(4, FOUR), a_score(2, three), FOUR, three).move == "down"
    assert change(a_score(3, FOUR), a_score(2, three), FOUR, three).move == "same"


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        ((2.5, 3), (2.5, 2.5), "up"),  # the same step of 4, 2, 0, yet mastery is gained
        ((2.5, 2), (2.5, 3), "down"),
        ((3.9, 4), (3.9, 3.5), "up"),
        ((4, 3), (2, 2), "down"),  # mastery on both sides: the level decides
        ((1, 3), (2, 3), "up"),
        ((0, 3), (1.9, 3), "same"),
        ((2, None), (2, 2), "same"),  # without a mastery line nothing is gained
    ],
)
def test_mastery_decides_a_move_before_the_level(
    before: tuple[float, float | None], after: tuple[float, float | None], move: str
) -> None:
    """Each side a score and its mastery line, on ratings 4, 2 and 0."""
    steps = tuple(MeasureStep(description=None, points=points) for points in (4, 2, 0))
    measures = [Measure(steps=steps, points_possible=4, mastery_points=line) for _, line in (before, after)]
    of, under = measures
    old, new = a_score(before[0], of), a_score(after[0], under)
    found = change(old, new, of, under)
    assert (found.move, found.mastery) == (move, (old.mastery, new.mastery))
    assert change(None, new, of, under).mastery == (None, new.mastery)
    assert change(old, None, of, under).mastery == (old.mastery, None)


def test_without_a_mastery_line_nobody_masters() -> None:
    """A class on raw scores."""
    found = summarise("7", None, [a_score(2, Measure()), a_score(3.01, Measure())], Measure(), 0)
    assert (found.mean, found.median, found.mastered, found.ratings) == (2.51, 2.505, None, ())


@pytest.mark.parametrize("points", [1.7e308, -1.7e308])
def test_a_class_beyond_a_double_has_no_mean(points: float) -> None:
    """Its scores are numbers still; what they come to is none."""
    found = summarise("7", None, [a_score(points, Measure())] * 2, Measure(), 0)
    assert (found.learners, found.mean, found.median) == (2, None, None)


@pytest.mark.parametrize(
    ("counted", "method"),
    [
        ([1.7e308, 1.7e308], Method(method="average")),
        ([math.inf], Method(method="highest")),
        ([1e9, 2e9], Method(method="decaying_average", int=17 * 10**307)),
        ([1.0, 1.7e308, 1.7e308], Method(method="n_mastery", int=2)),
        ([1.0, -1.7e308, 1.7e308], Method(method="standard_decaying_average", int=-200)),
    ],
)
def test_what_is_beyond_a_double_is_no_score(counted: Sequence[float], method: Method) -> None:
    """It says so, instead of a number that is none."""
    with pytest.raises(OverflowError, match="beyond a double"):
        score_of(counted, FIVE, method, recursive=True)


def test_great_numbers_stay_what_they_are() -> None:
    """Points of 300 digits, and scores near the largest double."""
    huge = Measure(points_possible=10**300, mastery_points=5 * 10**299)
    assert values([graded(percent=0.5)], huge, Method(method="latest")) == [5e299]
    assert score_of([1.7e308], huge, Method(method="latest"), recursive=True) == 1.7e308
    assert is_mastered(5e299, huge) is True


def test_the_sums_of_a_quiz_are_plain_ones_by_id() -> None:
    """As Canvas adds them, whatever the order of the questions in time."""
    parts = [("3", 0.1, 1), ("1", 0.7, 1), ("2", 0.2, 1), ("4", 0.3, 3)]
    quiz = [
        graded(id, percent=share, possible=p, score=share, quiz="q", assessed_at=-int(id)) for id, share, p in parts
    ]
    earned = ((0.0 + 1.0 * 0.7) + 1.0 * 0.2) + 1.0 * 0.1
    share = (earned + 3.0 * 0.3) / 6.0
    assert values(quiz, FOUR, Method(method="latest")) == [share * 4.0] * 4
    assert values([graded(percent=0.5, quiz="q"), *quiz], FOUR, Method(method="average"))[1:] == [share * 4.0] * 4
