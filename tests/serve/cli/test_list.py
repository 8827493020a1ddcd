"""`projector list`: the aggregates of a kind."""

from __future__ import annotations

import json
from pathlib import Path

import projector
from tests.builders import outcome
from tests.serve.shell import BASIS, SHOW, Shell, log_of


def test_guessed_results_say_so(seeded: Shell) -> None:
    """Both members, in show and in lists."""
    (line,) = seeded("list --json result").out.splitlines()
    answer = json.loads(line)
    assert (answer["guessed"], answer["continued_by"]) == (True, None)
    assert answer["id"].startswith("g1-")
    assert list(seeded("show --json result", answer["id"]).json) == [*SHOW, "guessed", "continued_by"]


def test_lists_leave_out_what_was_deleted(run: Shell, tmp_path: Path) -> None:
    """Unless asked for; ordered by id as text."""
    events = [outcome("A", id="2"), outcome("B", id="10"), outcome("C", id="3", workflow_state="deleted")]
    run("replay", log_of(tmp_path, *events))
    assert [json.loads(line)["id"] for line in run("list outcome --json").out.splitlines()] == ["10", "2"]
    assert [json.loads(line)["id"] for line in run("list outcomes --deleted --json").out.splitlines()] == [
        "10",
        "2",
        "3",
    ]
    assert run("list link --json").code == 1
    shown = run("list outcome")
    assert shown.out.split()[:2] == ["Id", "Status"]
    assert f"rules {projector.RULES}" in shown.err
    assert list(json.loads(run("list outcome --json").err)["basis"]) == BASIS
