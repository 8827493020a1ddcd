"""Who caused a change, on screens and pages and in notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

import projector
from tests.builders import mark, outcome
from tests.serve.notebook.reading import Reader
from tests.serve.shell import Shell, log_of

ANA = "by ana.lima (user 21070000000000012)"
JOB = "by the job Quizzes::SubmissionGrader#update_outcomes"


@pytest.fixture
def told(run: Shell, tmp_path: Path) -> Shell:
    """An outcome that a user made, a job changed, and an event that says nothing changed."""
    made = outcome("Cells", "2024-01-01T00:00:00Z", id="7", verb="created")
    made["metadata"] |= {"user_id": "21070000000000012", "user_login": "ana.lima"}
    job = outcome("Cell biology", "2024-02-01T00:00:00Z", id="7")
    job["metadata"] |= {"job_tag": "Quizzes::SubmissionGrader#update_outcomes"}
    hostile = outcome("Roots", id="8")
    hostile["metadata"] |= {"user_login": "a\x1b[31m<b>\u202e", "user_id": "1\n2"}
    log = log_of(tmp_path, made, job, outcome("Cells", "2024-03-01T00:00:00Z", id="7"), hostile, mark("1", "Ada", 0.6))
    run("replay", log)
    return run


@pytest.mark.parametrize("command", ["history", "why"])
def test_a_line_below_each_event_that_says_who(told: Shell, command: str) -> None:
    """A user, a job; none where the metadata says nothing."""
    lines = [line.strip() for line in told(f"{command} outcome 7").out.splitlines()]
    assert [line for line in lines if line.startswith("by ")] == [ANA, JOB]
    (one,) = [line for line in told(f"{command} outcome 8").out.splitlines() if " by " in line]
    assert one.strip() == r"by a\x1b[31m<b>\u202e (user 1 2)"


def test_the_page_of_evidence(told: Shell, tmp_path: Path) -> None:
    """Beside the name of each event, as text."""
    for id, said in (("7", [f"_created, {ANA}<br>", f"_updated, {JOB}<br>", "_updated<br>"]), ("8", ["&lt;b&gt;"])):
        assert told.run("evidence", "outcome", id, "--out", str(tmp_path / "page.html")).code == 0
        page = (tmp_path / "page.html").read_text()
        assert [words for words in said if words not in page] == []
        assert "\x1b" not in page


def test_the_table_of_a_notebook(told: Shell) -> None:
    """In a column of its own."""
    with projector.open(told.store, read_only=True) as p:
        (rows,) = Reader(p.history("outcome", "7")._repr_html_()).tables
    assert [row[rows[0].index("Who")] for row in rows[1:]] == [ANA, JOB, ""]
