"""Names before ids: titles as of the instant, learners' names, ids shortened on terminals only."""

from __future__ import annotations

from pathlib import Path

import pytest

import projector
from projector.serve.naming import naming_of
from projector.serve.screen.labels import subject_of
from projector.serve.screen.naming import IDS, Naming
from tests.builders import outcome, reported


@pytest.fixture
def college(p: projector.Projector, tmp_path: Path) -> projector.Projector:
    """An outcome that was renamed and deleted, a course, and three learners two of whom have one name."""
    course = {"course_id": "21070000000000101", "name": "Biology"}
    p.append(
        [
            outcome("Cells", "2024-01-01T00:00:00Z", id="7"),
            outcome("Cell biology", "2024-02-01T00:00:00Z", id="7"),
            outcome("Cell biology", "2024-03-01T00:00:00Z", id="7", workflow_state="deleted"),
            outcome("", "2024-01-01T00:00:00Z", id="8"),
            reported("course_created", course, "2024-01-01T00:00:00Z", root_account_id="21070000000000001"),
        ]
    )
    people = tmp_path / "people.csv"
    people.write_text("user_uuid,name,sis_id\nu1,Ana,S1\nu2,Ben,S2\nu3,Ben,S3\nu4,,S4\nu5,S1,S5\n", encoding="utf-8")
    p.know_people(people)
    return p


@pytest.mark.parametrize(
    ("day", "called"),
    [
        ("2023-12-31", "7"),
        ("2024-01-15", "Cells (7)"),
        ("2024-02-15", "Cell biology (7)"),
        ("2024-03-15", "Cell biology (7)"),
    ],
)
def test_a_title_is_that_of_the_instant(college: projector.Projector, day: str, called: str) -> None:
    """Of a deleted one the last; before the first event there is none."""
    naming = naming_of(college, college.as_of(day))
    assert naming.referenced("outcome", "7") == called
    assert subject_of("outcome", "7", naming) == f"Outcome {called}"


def test_what_has_no_title_is_named_by_its_id(college: projector.Projector) -> None:
    """Also what no event was received of."""
    naming = naming_of(college, college.now())
    assert [naming.referenced("outcome", id) for id in ("8", "9", 9)] == ["8", "9", "9"]
    assert [naming.context(context) for context in ("Course/9", "Account/1", "outcome", None)] == [
        *("Course/9", "Account/1", "outcome", "–"),
    ]


@pytest.mark.parametrize("context", ["Course/101", "course/101", "Course/21070000000000101", " Course/2107~101 "])
def test_a_context_is_named_however_it_is_written(college: projector.Projector, context: str) -> None:
    """By its own id."""
    naming = naming_of(college, college.now())
    assert naming.context(context) == "Biology (Course/101)"
    assert naming.context(context, also="asked for") == "Biology (Course/101, asked for)"


def test_two_learners_of_one_name_are_named_with_their_uuids(college: projector.Projector) -> None:
    """So is one whose name is another's SIS id."""
    naming = naming_of(college, college.now())
    assert [naming.learner(uuid) for uuid in ("u1", "u2", "u3", "u4", "u5", "u6", None)] == [
        *("Ana", "Ben (u2)", "Ben (u3)", "u4", "S1 (u5)", "u6", "–"),
    ]


def test_long_ids_are_shortened_on_terminals_only() -> None:
    """In the middle, to 16 characters."""
    id = "learner00000000000000000000000000000000017"
    on_terminal = Naming(shortens=True)
    assert (on_terminal.id(id), IDS.id(id)) == ("learner…00000017", id)
    assert [len(on_terminal.id("x" * length)) for length in (15, 16, 17, 300)] == [15, 16, 16, 16]
    assert on_terminal.context(f"Course/{id}") == "Course/learner…00000017"
    assert on_terminal.learner(id) == "learner…00000017"
