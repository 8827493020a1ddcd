"""The commands about how things hang together, why, and what may be missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import outcome, reported, scale
from tests.serve.test_cli import BASIS, SHOW, Shell, log_of


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell over a store with a small tree, two scales and a dangling link."""
    account = {"context_type": "Account", "context_id": "1"}
    group = {"learning_outcome_group_id": "1", "title": "Root", "parent_outcome_group_id": None} | account
    missing = {"learning_outcome_link_id": "6", "learning_outcome_id": "404"}
    link = {"learning_outcome_link_id": "5", "learning_outcome_id": "12345", "learning_outcome_group_id": "1"} | account
    events = [
        reported("learning_outcome_group_created", group, "2024-01-01T00:00:00Z"),
        reported("learning_outcome_link_created", link, "2024-01-01T00:00:00Z"),
        reported("learning_outcome_link_created", link | missing),
        outcome("Cells", "2024-01-01T00:00:00Z", verb="created", **account),
        outcome("Cell biology", "2024-03-01T00:00:00Z", updated_at="2024-02-28T23:00:00Z", **account),
        scale("2024-01-01T00:00:00Z"),
        reported("course_created", {"course_id": "565", "account_id": "10"}, "2024-01-01T00:00:00Z"),
    ]
    shell = Shell(tmp_path / "s.db", capsys)
    shell("replay", log_of(tmp_path, *events))
    return shell


def test_the_tree_has_the_shape_of_the_contract(run: Shell) -> None:
    """Nested groups with outcomes, problems beside."""
    answer = run("tree Account/1 --json")
    assert list(answer.json) == ["context", "roots", "problems", "basis"]
    assert list(answer.json["basis"]) == BASIS
    assert answer.json["roots"] == [
        {
            "id": "1",
            "title": "Root",
            "status": "active",
            "groups": [],
            "outcomes": [
                {"id": "12345", "title": "Cell biology", "link_id": "5"},
                {"id": "404", "title": None, "link_id": "6"},
            ],
        }
    ]
    assert answer.json["problems"] == [{"kind": "link", "id": "6", "problem": "unknown outcome", "missing": "404"}]
    shown = run("tree Account/1 --as-of 2024-01-15")
    assert "└── Cells  12345" in shown.out
    assert run("tree Course/1").code == 1


def test_a_scale_that_is_inherited(run: Shell) -> None:
    """The same shape, with the way up."""
    answer = run("scale Course/565 --json").json
    assert list(answer) == [*SHOW, "context", "found_at", "lineage", "chain"]
    assert (answer["context"], answer["found_at"], answer["lineage"]) == ("Course/565", "Account/1", "hint")
    assert [step["context"] for step in answer["chain"]] == ["Course/565", "Account/10", "Account/1"]
    shown = run("scale Course/565").out
    assert "Account/10 (above it, by its events): none" in shown
    assert "Account/1 (above it, by a hint): number 9" in shown
    assert run("scale Course/565 --lineage Course/565,Account/1 --json").json["lineage"] == "given"
    judged = run("scale --outcome 12345 --in Course/565 --json").json
    assert list(judged) == list(answer)
    assert judged["found_at"] == "Account/1"
    own = run("method --outcome 12345 --json").json
    assert (list(own), own["found_at"], own["kind"]) == (list(answer), "outcome", "outcome")


def test_differences_line_by_line(run: Shell) -> None:
    """Of the contract's shape; exit 1 where nothing differs."""
    lines = [json.loads(line) for line in run("diff 2024-01-15 2024-03-15 --kind outcome --json").out.splitlines()]
    assert [list(line) for line in lines] == [["tenant", "kind", "id", "status", "changes"]]
    assert lines[0]["status"] == ["active", "active"]
    assert lines[0]["changes"]["title"] == ["Cells", "Cell biology"]
    shown = run("diff 2024-01-15 2024-03-15")
    assert "title: Cells → Cell biology" in shown.out
    assert "Compared with 2024-01-15 23:59:59.999999 UTC" in shown.err
    nothing = run("diff 2024-03-15 2024-03-16")
    assert (nothing.out, nothing.code) == ("Nothing differs.\n", 1)
    known = run("diff 2024-03-15 --known-at 2020-01-01 --known-at 2030-01-01 --kind scale --json")
    assert json.loads(known.out)["status"] == ["unknown", "active"]
    for usage in (
        "diff 2024-01-01",
        "diff 2024-01-01 2024-02-01 --known-at 2024-01-01 --known-at 2024-01-01 --known-at 2024-01-01",
    ):
        assert run(usage).code == 2


def test_why_shows_every_event(run: Shell) -> None:
    """In words, as JSON, and with the events themselves."""
    shown = run("why outcome 12345 --as-of 2024-02-01").out
    assert "● 2024-01-01 00:00:00 UTC  stands" in shown
    assert "later than the instant that was asked for" in shown
    assert "changed, says Canvas, 2024-02-28 23:00:00 UTC" in shown
    answer = run("why outcome 12345 --json").json
    assert [event["verdict"] for event in answer["events"]] == ["beaten", "stands"]
    assert answer["events"][0]["beaten_by"] == answer["events"][1]["digest"]
    assert answer["events"][1]["changed_at"] == "2024-02-28T23:00:00.000000Z"
    raw = run("why outcome 12345 --json --raw").json["events"][1]["event"]
    assert raw["body"]["title"] == "Cell biology"
    assert run("why outcome 9").code == 1


def test_gaps_in_words_and_json(run: Shell) -> None:
    """Silences and what was never told of."""
    shown = run("gaps --as-of 2024-03-01").out
    assert "outcome 404, named by link 6" in shown
    assert "account 10, named by course 565" in shown
    lines = [json.loads(line) for line in run("gaps --json --as-of 2024-03-01").out.splitlines()]
    assert [line["id"] for line in lines if line["gap"] == "never heard of"] == ["1", "10", "404"]
    assert run("gaps --longer-than soon").code == 2


def test_tenants_and_aliases(run: Shell, tmp_path: Path) -> None:
    """Their events, first and last; and two declared one."""
    line = run("tenants --json").json
    assert list(line) == ["tenant", "names", "root_accounts", "events", "first", "last"]
    assert (line["events"], line["first"]) == (7, "2024-01-01T00:00:00.000000Z")
    run(
        "replay",
        log_of(tmp_path, reported("learning_outcome_created", {"learning_outcome_id": "1"}, root_account_uuid="Jobs")),
    )
    assert len(run("tenants --json").out.splitlines()) == 2
    assert run("tenants alias Jobs", line["tenant"]).code == 0
    assert run("tenants --json").json["events"] == 8
    assert run("tenants alias Jobs", line["tenant"]).code == 2
    assert "HarborUuid" in run("tenants").out


def test_settings_are_made_and_listed(run: Shell) -> None:
    """From a day on, in the reader's zone."""
    assert "account_level_mastery_scales on (default)" in run("settings").out
    made = run("settings account_level_mastery_scales off --from 2024-02-01 --json")
    assert made.json["from"] == "2024-02-01T00:00:00.000000Z"
    assert run("scale Account/1 --on 2024-02-15 --json").json["because"] == "switched off"
    assert run("scale Account/1 --on 2024-01-15").code == 0
    assert "switched off" in run("scale Account/1 --on 2024-02-15").out
    for usage in (
        "settings colour red",
        "settings account_level_mastery_scales",
        "settings account_level_mastery_scales 7",
    ):
        assert run(usage).code == 2


def test_a_tree_of_many_levels_is_printed_whole(run: Shell, tmp_path: Path) -> None:
    """Drawn, and as JSON."""
    account = {"context_type": "Account", "context_id": "1"}
    groups = [
        {
            "learning_outcome_group_id": f"d{n}",
            "title": f"Deep {n}",
            "parent_outcome_group_id": f"d{n - 1}" if n else None,
        }
        for n in range(1500)
    ]
    run("replay", log_of(tmp_path, *(reported("learning_outcome_group_created", group | account) for group in groups)))
    deep, drawn = run("tree Account/1 --json"), run("tree Account/1")
    assert (deep.code, deep.out.count('"id":"d'), drawn.code) == (0, 1500, 0)
    assert all(f"Deep {n}  d{n}" in drawn.out for n in range(1500))
    assert run("tree Account/1").code == 0
