"""`projector scale` and `projector method`: what is in force in a context."""

from __future__ import annotations

from pathlib import Path

from tests.builders import scale
from tests.serve.shell import SHOW, Shell, log_of


def test_the_scale_of_a_context(seeded: Shell) -> None:
    """The one defined there, with where it was found; none is an unknown one."""
    answer = seeded("scale --json Account/1 --on 2020-08-18")
    assert list(answer.json) == [*SHOW, "context", "found_at", "lineage", "chain"]
    assert (answer.json["id"], answer.json["found_at"], answer.json["lineage"]) == ("1", "Account/1", "own")
    assert answer.json["chain"] == [{"context": "Account/1", "found": "1", "known_by": "own"}]
    assert answer.code == 0
    before = seeded("scale --json Account/1 --on 2020-08-17")
    assert (before.code, before.json["status"], before.json["id"], before.json["found_at"]) == (
        1,
        "unknown",
        None,
        None,
    )
    assert before.json["because"] == "created later"
    assert seeded("scale --json account/21070000000000001").json["id"] == "1"
    assert "Mastery" in seeded("scale Account/1").out
    assert seeded("method Account/1").code == 1


def test_a_deleted_scale_is_none(run: Shell, tmp_path: Path) -> None:
    """It says that there was one."""
    run(
        "replay",
        log_of(tmp_path, scale("2024-01-01T00:00:00Z"), scale("2024-02-01T00:00:00Z", workflow_state="deleted")),
    )
    assert run("scale --json Account/1 --on 2024-01-15").json["status"] == "active"
    answer = run("scale --json Account/1 --on 2024-02-15").json
    assert (answer["status"], answer["because"]) == ("unknown", "deleted")


def test_a_scale_that_is_inherited(curriculum: Shell) -> None:
    """The same shape, with the way up."""
    answer = curriculum("scale Course/565 --json").json
    assert list(answer) == [*SHOW, "context", "found_at", "lineage", "chain"]
    assert (answer["context"], answer["found_at"], answer["lineage"]) == ("Course/565", "Account/1", "hint")
    assert [step["context"] for step in answer["chain"]] == ["Course/565", "Account/10", "Account/1"]
    shown = curriculum("scale Course/565").out
    assert "Account/10 (parent named by events): none" in shown
    assert "Account/1 (parent assumed): scale 9" in shown
    assert curriculum("scale Course/565 --lineage Course/565,Account/1 --json").json["lineage"] == "given"
    judged = curriculum("scale --outcome 12345 --in Course/565 --json").json
    assert list(judged) == list(answer)
    assert judged["found_at"] == "Account/1"
    own = curriculum("method --outcome 12345 --json").json
    assert (list(own), own["found_at"], own["kind"]) == (list(answer), "outcome", "outcome")
