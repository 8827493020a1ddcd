"""Answers in notebooks: the forms of each, over the demo's store and over hostile texts."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import projector
from projector import History, Projector, Version
from projector.domain.answers import Shown
from projector.domain.tree import Problem, Tree
from projector.serve.demo.college import term
from tests.builders import chain, mark, method, outcome, reported, result, scale, tree
from tests.serve.notebook.reading import Reader

HOSTILE = '<script>alert(1)</script></td> & "q" \' \0 \u202e $\\href{javascript:alert(1)}{x}$'
SHOWN = '<script>alert(1)</script></td> & "q" \' \\x00 \\u202e $\\href{javascript:alert(1)}{x}$'


@pytest.fixture(scope="module")
def college() -> Iterator[Projector]:
    """The demo's store."""
    with projector.open(":memory:") as p:
        p.append(term())
        yield p


def read(shown: Shown | None) -> Reader:
    """What a notebook shows."""
    assert shown is not None
    return Reader(shown._repr_html_())


def test_a_version(college: Projector) -> None:
    """What the terminal's card has, and by which event, recorded when."""
    version = college.as_of("2025-12-01").get("outcome", "304")
    shown = read(version)
    assert version is not None
    fields, ratings = shown.tables
    assert shown.captions == ["Outcome 304 · active"]
    assert [label for label, _ in fields] == [
        "Title",
        "Description",
        "Context",
        "Calculation",
        "Vendor's id",
        "Event",
        "Recorded",
    ]
    assert ["Title", "Interprets data and graphs"] in fields
    assert ["Event", "learning_outcome_updated"] in fields
    assert fields[-1][1].startswith(f"{version.recorded_at.date()} ")
    assert ratings[:3] == [
        ["Points", "Rating", ""],
        ["5", "Exceeds expectations", ""],
        ["4", "Meets expectations", "◄ mastery"],
    ]
    assert "In effect since 2025-10-31 08:00:00.044 UTC." in shown.lines
    assert shown.lines[-1].startswith("The latest event applies; last event received: 2025-12-22 ")


def test_a_deleted_version(college: Projector) -> None:
    """Says so, and until when."""
    shown = read(college.as_of("2025-10-30", tz="America/Denver").get("outcome", "304"))
    assert shown.captions == ["Outcome 304 · deleted"]
    assert "In effect from 2025-10-30 02:00:00.182 -06:00 to 2025-10-31 02:00:00.044 -06:00." in shown.lines


def test_a_guessed_result(college: Projector) -> None:
    """Says that its id is made, and what continues it."""
    guessed = next(one for one in college.now().all("result") if one.guessed)
    assert any("Canvas sent no id for this result" in line for line in read(guessed).lines)


def test_a_continued_result(p: Projector) -> None:
    """Names the one that counts instead."""
    first = result(user_uuid="Ada", associated_asset_id="1", associated_asset_type="Assignment")
    p.append([first, reported("learning_outcome_result_updated", first["body"] | {"id": "5"}, "2024-04-01T00:00:00Z")])
    (guessed,) = [one for one in p.as_of("2024-03-02").all("result") if one.guessed]
    continued = p.now().get("result", guessed.id)
    assert continued is not None
    assert "Continued by result 5, which counts instead." in read(continued).lines


def test_a_scale_in_force(college: Projector) -> None:
    """Where it was found, every context that was looked at, and the ratings with their colours."""
    shown = read(college.as_of("2025-12-01").scale_in_force("Course/101"))
    assert shown.lines[:4] == [
        "Mastery scale in effect for Course/101, inherited from Account/1 (scale 7):",
        "Course/101 (asked for): none",
        "Account/10 (parent named by events): none",
        "Account/1 (parent named by events): scale 7",
    ]
    assert shown.tables[1][1:] == [
        ["3", "Distinguished", ""],
        ["2", "Proficient", "◄ mastery"],
        ["1", "Developing", ""],
        ["0", "Beginning", ""],
    ]
    assert [style[-6:] for style in shown.styles if "#" in style] == ["127A1B", "00AC18", "FAB901", "EE0612"]


def test_a_method_in_force(college: Projector) -> None:
    """Likewise."""
    shown = read(college.now().method_in_force("Course/101"))
    assert shown.lines[0] == "Calculation method in effect for Course/101, inherited from Account/1 (method 1):"
    assert ["Calculation", "Decaying Average 65/35"] in shown.tables[0]


def test_none_in_force(college: Projector) -> None:
    """Says so, and why."""
    shown = read(college.as_of("2019-01-01").scale_in_force("Course/101"))
    assert shown.lines[0] == "No mastery scale in effect for Course/101: it was created later."
    assert shown.tables == []
    assert shown.lines[-1].startswith("Last event received: 2025-12-22")


def test_an_outcomes_own_scale(p: Projector) -> None:
    """Where no context has one."""
    ratings = [{"description": "Met", "points": 1}]
    p.append(outcome("Cells", context_type="Account", context_id="1", rubric_criterion={"ratings": ratings}))
    shown = read(p.now().scale_in_force(outcome="12345"))
    assert shown.lines[0] == "No mastery scale in effect for Account/1: the outcome's own applies."
    assert shown.tables[1] == [["Points", "Rating", ""], ["1", "Met", ""], ["–", "no mastery rating", ""]]


def test_a_history(college: Projector) -> None:
    """A row for each version, with what it changed, as the terminal words it."""
    shown = read(college.history("scale", "7"))
    ((headings, first, second),) = shown.tables
    assert shown.captions == ["Mastery scale 7 of Account/1: 2 versions"]
    assert headings == ["In effect from", "To", "Status", "What changed", "Event", "Who", "Recorded"]
    assert first[:5] == [
        "2025-07-06 08:00:00.485 UTC",
        "2025-10-13 15:30:00.240 UTC",
        "active",
        "created: Account/1: 4, 3, 2, 1, 0",
        "outcome_proficiency_created",
    ]
    assert second[:3] == ["2025-10-13 15:30:00.240 UTC", "", "active"]
    assert second[3].endswith('rating "Below Mastery": colour FD5D10 → EE0612')


def test_versions_of_one_instant(p: Projector) -> None:
    """One was superseded; and one changed nothing."""
    p.append([outcome("A", updated_at="2024-01-01T00:00:00Z"), outcome("B", updated_at="2024-02-01T00:00:00Z")])
    p.append(outcome("B", "2024-05-01T00:00:00Z", updated_at="2024-02-01T00:00:00Z"))
    (rows,) = read(p.history("outcome", "12345")).tables
    assert [row[1] for row in rows[1:3]] == [
        "superseded by another event of the same instant",
        "2024-05-01 00:00:00 UTC",
    ]
    assert [row[3] for row in rows[1:]] == ["first event: A", "title: A → B", "no member changed"]


def test_an_empty_history(p: Projector) -> None:
    """Says that there is none."""
    p.append(outcome("Cells"))
    assert read(p.history("outcome", "99")).lines == ["No versions: no event of it was received."]


def test_a_long_history_shows_its_end(p: Projector) -> None:
    """And how to see all."""
    p.append(outcome(f"Title {n}", f"2024-01-01T00:{n // 60:02}:{n % 60:02}Z") for n in range(250))
    shown = read(p.history("outcome", "12345"))
    assert shown.captions == ["Outcome Title 249 (12345): 250 versions · the last 100; loop over them for all"]
    assert [row[3] for row in shown.tables[0][1:]] == [f"title: Title {n - 1} → Title {n}" for n in range(150, 250)]


def test_a_history_is_a_list(college: Projector) -> None:
    """Equal to one, sliced, added, copied, written as JSON and represented like one."""
    history = college.history("scale", "7")
    plain: list[Version] = [*history]
    assert isinstance(history, History)
    assert (history, repr(history)) == (plain, repr(plain))
    assert history[-1:] == plain[-1:]
    assert type(history + plain) is list
    shapes = [version.to_dict() for version in history]
    assert json.loads(json.dumps(shapes)) == shapes
    numbers: list[Any] = History([1, 2])  # type: ignore[list-item]
    assert json.dumps(numbers) == "[1, 2]"
    assert pickle.loads(pickle.dumps(numbers)) == [1, 2]


def test_a_tree(college: Projector) -> None:
    """Groups and outcomes with their ids, indented by their level."""
    shown = read(college.as_of("2025-12-01").tree("Course/101"))
    (rows,) = shown.tables
    assert shown.captions == ["Outcomes of Course/101"]
    assert rows[:3] == [
        ["Group or outcome", "Id", "Status"],
        ["Cell Biology", "1010", ""],
        ["Weighs evidence", "303", ""],
    ]
    indents = [style.rpartition("padding-left:")[2] for style in shown.styles if "padding-left" in style]
    assert indents[:2] == ["0.0em", "1.4em"]


def test_a_deep_tree_shows_its_beginning() -> None:
    """In a few rows that lie side by side; deep ones say their level."""
    shown = read(tree(chain(5000, HOSTILE)))
    (rows,) = shown.tables
    assert len(rows) == 1 + 200 + 1
    assert [row[0] for row in rows[10:13]] == ["G9", "G10", "level 11: G11"]
    assert rows[-1][0] == "… and 4,802 more; to_dict() has all"
    assert len(tree(chain(5000))._repr_html_()) < 100_000


def test_problems_of_a_tree() -> None:
    """The first ones, and how many more; a context without groups says so."""
    problems = tuple(Problem(kind="link", id=str(n), problem="unknown group", missing=HOSTILE) for n in range(30))
    basis = tree(chain(0)).basis
    shown = read(Tree(context="Course/1", roots=(), problems=problems, basis=basis))
    assert shown.lines[-24:-22] == ["30 problems", f"link 0: unknown group {SHOWN}"]
    assert shown.lines[-3] == "… and 10 more; to_dict() has all"
    nothing = read(Tree(context=HOSTILE, roots=(), problems=(), basis=basis))
    assert nothing.lines[0] == f"No outcome groups in {SHOWN}."


def test_hostile_texts_stay_texts(p: Projector) -> None:
    """In titles, descriptions, ratings, statuses, contexts and ids."""
    criterion = {"ratings": [{"description": HOSTILE, "points": 1}], "mastery_points": 1}
    mine: dict[str, Any] = {
        "workflow_state": HOSTILE,
        "rubric_criterion": criterion,
        "context_type": HOSTILE,
        "context_id": HOSTILE,
    }
    p.append([outcome(HOSTILE, id="7", **mine), outcome(f"{HOSTILE}2", "2024-05-01T00:00:00Z", id="7", **mine)])
    coloured = scale("2024-01-01T00:00:00Z", context="Account/1")
    for rating in coloured["body"]["outcome_proficiency_ratings"]:
        rating |= {"description": HOSTILE, "color": "red;background:url(//x)"}
    p.append([coloured, method(HOSTILE), mark("5", HOSTILE, 0.5, title=HOSTILE)])
    group = {"learning_outcome_group_id": "1", "title": HOSTILE, "context_type": "Account", "context_id": "1"}
    p.append(reported("learning_outcome_group_created", group))
    view = p.now()
    shown = read(view.get("outcome", "7"))
    assert ["Title", f"{SHOWN}2"] in shown.tables[0]
    assert shown.tables[1][1] == ["1", SHOWN, "◄ mastery"]
    assert [row[1] for row in read(view.scale_in_force("Account/1")).tables[1][1:]] == [SHOWN] * 3
    assert "#" not in "".join(read(view.scale_in_force("Account/1")).styles)
    assert ["Calculation", SHOWN] in read(view.method_in_force("Account/1")).tables[0]
    assert ["Learner", SHOWN] in read(view.get("result", "5")).tables[0]
    assert read(view.tree("Account/1")).tables[0][1] == [SHOWN, "1", ""]
    assert read(p.history("outcome", "7")).tables[0][1][3] == f"first event: {SHOWN}"


def test_long_texts_and_many_ratings_are_cut(p: Projector) -> None:
    """A card stays one that can be read."""
    ratings = [{"description": "d" * 10_000, "points": n} for n in range(5000)]
    p.append(outcome("t" * 1_000_000, rubric_criterion={"ratings": ratings}))
    p.append(outcome("u", "2024-05-01T00:00:00Z", rubric_criterion={"ratings": ratings[:1000]}))
    version, history = p.as_of("2024-03-02").get("outcome", "12345"), p.history("outcome", "12345")
    assert version is not None
    assert ["Title", "t" * 1000 + "…"] in read(version).tables[0]
    assert read(version).tables[1][-1] == ["", "… and 4,951 more; state has all", ""]
    assert read(history).tables[0][2][3].endswith("… and 3,981 more; changes has all")
    assert len(version._repr_html_()) + len(history._repr_html_()) < 50_000


def test_other_answers_are_shown_by_their_repr(college: Projector) -> None:
    """They have no such method."""
    view = college.now()
    for other in (view.basis, view.why("scale", "7"), view, college):
        assert not hasattr(other, "_repr_html_")


def test_rich_is_not_loaded_for_it(tmp_path: Path) -> None:
    """Nor the forms before the first answer is shown."""
    with projector.open(tmp_path / "s.db") as p:
        p.append(outcome("Cells"))
    program = f"""
import sys, projector
p = projector.open({str(tmp_path / "s.db")!r})
version = p.now().get("outcome", "12345")
print(*(name for name in sys.modules if name.startswith(("projector.serve.notebook.", "projector.serve.screen"))))
assert "Cells" in version._repr_html_()
print(*(name for name in sys.modules if name.startswith(("rich", "pyarrow", "duckdb", "cattrs"))))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "\n\n"
