"""The recipes of the documentation answer what it says, and what views answer."""

from __future__ import annotations

import doctest
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Final

import pytest

import projector
from projector.serve.cli import main
from tests.recipes import PAGE, STORE, Recipe, queries, recipes

DAYS: Final = (  # before there was anything, and around every change of scales, courses and accounts
    *("2025-06-01", "2025-06-30", "2025-07-06", "2025-08-20", "2025-09-05", "2025-09-21", "2025-09-22"),
    *("2025-10-01", "2025-10-02", "2025-10-12", "2025-10-13T15:00:00Z", "2025-12-31"),
)


@pytest.fixture(scope="module")
def college(demo_folder: Path) -> Iterator[projector.Projector]:
    """The page's store."""
    with projector.open(demo_folder / STORE) as p:
        yield p


@pytest.mark.parametrize("shown", recipes(), ids=lambda one: one.section)
def test_a_recipe_prints_what_the_page_shows(
    shown: Recipe, demo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the command `sql` prints it."""
    assert main(["sql", shown.query, "--store", str(demo_folder / STORE)]) == 0
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert printed == shown.output.splitlines()


def test_the_examples_in_python_run(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the folder of the demo."""
    monkeypatch.chdir(demo_folder)
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert results.attempted
    assert not results.failed


# the mastery scale of a course on a day

ONE_COURSE: Final = "    WHERE context = 'Course/109'\n"


@pytest.mark.parametrize("day", DAYS)
def test_the_scale_of_every_context_is_the_one_in_force(college: projector.Projector, day: str) -> None:
    """Of each course and account, with the way up the account tree."""
    (query,) = queries("The mastery scale of a course on a day")
    assert query.count(ONE_COURSE) == 1
    rows = college.sql(query.replace(ONE_COURSE, "").replace("2025-09-25", day))
    found = {lineage[0]: (lineage, scale, valid_from) for lineage, scale, valid_from in rows}
    view = college.as_of(day)
    expected = {context: in_force(view, context) for context in contexts(college)}
    assert found == {context: answer for context, answer in expected.items() if answer is not None}


def test_scales_are_found_in_several_contexts_on_these_days(college: projector.Projector) -> None:
    """Before there was one, with the college's only, and with that of the School of Nursing."""
    found = {day: {in_force(college.as_of(day), context) is None for context in contexts(college)} for day in DAYS}
    assert list(found.values()).count({True}) == 2
    scales = {answer[1] for day in DAYS if (answer := in_force(college.as_of(day), "Course/109")) is not None}
    assert scales == {"7", "8"}


def test_without_its_condition_the_recipe_has_the_row_with_it(college: projector.Projector) -> None:
    """The page shows the one, and says the other."""
    (query,) = queries("The mastery scale of a course on a day")
    (row,) = college.sql(query).fetchall()
    assert row in college.sql(query.replace(ONE_COURSE, "")).fetchall()


def contexts(p: projector.Projector) -> list[str]:
    """Every course and account that the store has events of."""
    rows = p.sql("SELECT DISTINCT 'Course/' || id FROM courses UNION SELECT DISTINCT 'Account/' || id FROM accounts")
    return sorted(context for (context,) in rows)


def in_force(view: projector.View, context: str) -> tuple[list[str], str, datetime] | None:
    """The contexts that were asked, and which scale was found, in effect since when; None without one."""
    answer = view.scale_in_force(context)
    if answer.version is None:
        return None
    return [step.context for step in answer.chain], answer.version.id, answer.version.valid_from


# the other recipes


def test_the_months_of_a_course_are_those_of_views(college: projector.Projector) -> None:
    """By the results in effect at the end of each month."""
    (query,) = queries("Mastery in a course, month by month")
    found = {(outcome, end): (count, percent) for outcome, _, end, count, percent in college.sql(query)}
    expected = {
        (outcome, end): (len(all), round(100 * fmean(all)))
        for end in ("2025-09-30", "2025-10-31", "2025-11-30", "2025-12-31")
        for outcome, all in mastery_by_outcome(college.as_of(end)).items()
    }
    assert found == expected


def mastery_by_outcome(view: projector.View) -> dict[str, list[bool]]:
    """What the active results in Course/101 say of mastery."""
    found = defaultdict[str, list[bool]](list)
    for version in view.all("result"):
        match version.state:
            case {"result_context_id": "101", "mastery": bool() as mastery, "learning_outcome_id": outcome}:
                found[outcome].append(mastery)
    return found


def test_what_late_events_changed_is_what_diff_says(college: projector.Projector) -> None:
    """Of results and of scales."""
    results, scales = queries("What late events changed")
    instant, then = "2025-10-02T12:00:00Z", "2025-10-02T18:00:00Z"
    for query, kind in ((results, "result"), (scales, "scale")):
        differences = college.diff(instant, instant, kind=kind, known_at=(then, None))
        assert [id for id, *_ in college.sql(query)] == [one.id for one in differences] != []


def test_every_guess_that_is_continued_is_in_the_recipe(college: projector.Projector) -> None:
    """Without its limit."""
    (query,) = queries("Results without an id, and what continues them")
    assert query.endswith("LIMIT 4\n")
    found = {row[0] for row in college.sql(query.removesuffix("LIMIT 4\n"))}
    continued = college.sql("SELECT id FROM results WHERE continued_by IS NOT NULL")
    assert found == {id for (id,) in continued} != set()
