"""An appeal: a learner's mastery on a day, asked by names alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from projector.serve.cli import main
from projector.serve.cli.demo import PEOPLE
from tests.recipes import STORE
from tests.serve.screens import make_folder
from tests.serve.shell import Shell


def cells(line: str) -> list[str]:
    """The cells of a line of a table."""
    return re.split(r" {2,}", line.strip())


def id_behind(title: str, text: str) -> str:
    """The id that a screen shows behind a title."""
    found = re.search(rf"{re.escape(title)} \(([^)]+)\)", text)
    assert found, text
    return found[1]


def test_an_appeal_is_answered_by_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ana Souza, Cell Biology, 10 October: five commands, and no id that was not read from an answer before."""
    folder = make_folder(tmp_path)
    ask = Shell(folder / STORE, capsys)
    day = ("--as-of", "2025-10-10")

    people = ask.run("people", str(folder / PEOPLE))  # who learners are
    assert people.out == "Imported the names of 300 learners.\n"

    listed = ask.run("list", "course", *day).out
    course = next(cells(line)[0] for line in listed.splitlines() if "Cell Biology" in line)

    scores = ask.run("scores", "--learner", "Ana Souza", "--in", course, *day).out
    rows = {cells(line)[1]: cells(line) for line in scores.splitlines()[1:]}
    evidence = next(row for outcome, row in rows.items() if outcome.startswith("Weighs evidence ("))
    assert evidence[0] == "Ana Souza"
    assert evidence[2] == "Cell Biology (Course/101)"
    assert evidence[3:6] == ["2.8 of 4", "Near Mastery", "no"]
    assert evidence[6:] == ["3", "Decaying Average 65/35"]

    scale = ask.run("scale", id_behind("Cell Biology", scores), "--on", "2025-10-10").out
    assert "inherited from Harbor Lake College (Account/1, scale 7)" in scale
    assert re.search(r"3  Mastery +◄ mastery", scale)

    page = folder / "evidence.html"
    outcome = id_behind("Weighs evidence", scores)
    filed = ask.run(
        "evidence", "--learner", "Ana Souza", "--outcome", outcome, "--in", course, *day, "--out", str(page)
    )
    assert filed.code == 0
    assert "What was the mastery of Ana Souza on outcome Weighs evidence (303)?" in page.read_text(encoding="utf-8")
    assert "2.8 of 4 in Cell Biology (Course/101): Near Mastery, not mastered." in filed.out


def test_the_demo_knows_its_learners(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that the appeal can be tried at once."""
    assert main(["demo", "--dir", str(tmp_path / "demo")]) == 0
    capsys.readouterr()
    ask = Shell(tmp_path / "demo" / "college.db", capsys)
    assert "Ana Souza" in ask.run("scores", "--learner", "Ana Souza", "--in", "101").out
